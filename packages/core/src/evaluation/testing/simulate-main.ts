import { coverage, differenceCoverage, falseAlarms } from './simulate.js';

// Prints the tables of docs/evaluation.md:
//   node --conditions=source packages/core/src/testing/run-typescript.mjs packages/core/src/evaluation/testing/simulate-main.ts
const TRIALS = 4000;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const row = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`);

row([
  'targets',
  'queries a target',
  'hit rate',
  'spread',
  'mean: coverage',
  'difference of equals: coverage',
]);
row(['---:', '---:', '---:', '---:', '---:', '---:']);
for (const [targets, perTarget] of [
  [20, 1],
  [50, 1],
  [200, 1],
  [1000, 1],
  [20, 5],
  [100, 5],
] as const) {
  for (const share of [0.02, 0.05, 0.4, 0.95]) {
    const population = { targets, perTarget, share, spread: perTarget > 1 ? 1.5 : 0 };
    const found = [coverage, differenceCoverage].map((of) =>
      percent(of(population, TRIALS, `${targets} ${share}`)),
    );
    row([targets, perTarget, percent(share), population.spread, ...found]);
  }
}
console.log();
row(['seeds a side', 'spread between seeds', 'p < 0.05 with seeds as a level', 'without']);
row(['---:', '---:', '---:', '---:']);
for (const seeds of [1, 2, 3, 5]) {
  for (const seedSpread of [0, 0.1]) {
    const population = { targets: 500, perTarget: 1, share: 0.4, spread: 0 };
    const options = { seeds, seedSpread, trials: 1000 };
    row([
      seeds,
      seedSpread,
      percent(falseAlarms(population, options, `level ${seeds} ${seedSpread}`)),
      percent(falseAlarms(population, { ...options, pooled: true }, `level ${seeds} ${seedSpread}`)),
    ]);
  }
}
