import { createRandom, type Random } from '../../random.js';
import { differenceEstimate, meanEstimate } from '../estimates.js';
import { type PairedSection, pairedDifference } from '../paired-difference.js';

/** Queries of some targets that rise and fall together: each target has its own chance of a hit, drawn about `share`. */
export interface Population {
  readonly targets: number;
  readonly perTarget: number;
  readonly share: number;
  /** Deviation of the targets' chances on the logit scale; 0 for independent queries. */
  readonly spread: number;
}

interface Drawn {
  readonly values: number[];
  readonly clusters: number[];
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

function draw({ targets, perTarget, share, spread }: Population, random: Random): Drawn {
  const values: number[] = [];
  const clusters: number[] = [];
  const centre = Math.log(share / (1 - share));
  for (let target = 0; target < targets; target++) {
    const chance = logistic(centre + spread * random.normal());
    for (let i = 0; i < perTarget; i++) {
      values.push(random.uniform() < chance ? 1 : 0);
      clusters.push(target);
    }
  }
  return { values, clusters };
}

/** The chance of a hit over all targets, by the midpoint rule over the normal spread. */
function truth({ share, spread }: Population): number {
  const centre = Math.log(share / (1 - share));
  let sum = 0;
  let weights = 0;
  for (let x = -6; x <= 6; x += 0.01) {
    const weight = Math.exp(-x * x * 0.5);
    sum += weight * logistic(centre + spread * x);
    weights += weight;
  }
  return sum / weights;
}

/** Share of simulated 95 % intervals of a mean that hold the truth. */
export function coverage(population: Population, trials: number, seed: string): number {
  const value = truth(population);
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { values, clusters } = draw(population, createRandom(`${seed} ${trial}`));
    const [low, high] = meanEstimate(values, clusters).ci95;
    if (low <= value && value <= high) covered++;
  }
  return covered / trials;
}

/** Share of simulated 95 % intervals of a paired difference of two equal runs that hold 0. */
export function differenceCoverage(population: Population, trials: number, seed: string): number {
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    const random = createRandom(`${seed} ${trial}`);
    const { a, b, clusters } = drawPair(population, random);
    const [low, high] = differenceEstimate(a, b, clusters).ci95;
    if (low <= 0 && 0 <= high) covered++;
  }
  return covered / trials;
}

function drawPair(population: Population, random: Random) {
  const [a, b] = [draw(population, random), draw(population, random)];
  return { a: a.values, b: b.values, clusters: a.clusters };
}

/** Share of comparisons of equals that come out below 0.05. With several seeds a side, each trained model has a chance of
 *  its own, `seedSpread` apart on the logit scale: two encoders are equal when the seeds come from one source.
 *  @param pooled treats the queries of all seeds as if seeds had no spread: what a test without that level does. */
export function falseAlarms(
  population: Population,
  options: {
    readonly seeds: number;
    readonly seedSpread: number;
    readonly trials: number;
    readonly pooled?: boolean;
  },
  seed: string,
): number {
  let below = 0;
  for (let trial = 0; trial < options.trials; trial++) {
    const random = createRandom(`${seed} ${trial}`);
    const { clusters } = draw(population, random);
    const side = () =>
      Array.from({ length: options.seeds }, () => {
        const shifted = logistic(
          Math.log(population.share / (1 - population.share)) + options.seedSpread * random.normal(),
        );
        return draw({ ...population, share: shifted }, random).values;
      });
    const [a, b] = [side(), side()];
    const mean = (columns: number[][]) => [
      clusters.map((_, row) => columns.reduce((sum, c) => sum + (c[row] ?? 0), 0) / columns.length),
    ];
    const section: PairedSection = {
      clusters: clusters.map(String),
      weights: clusters.map(() => 1),
      ...(options.pooled === true ? { a: mean(a), b: mean(b) } : { a, b }),
    };
    const { p } = pairedDifference([section], { seed: `${trial}`, permutations: 400, trained: [true, true] });
    if (p < 0.05) below++;
  }
  return below / options.trials;
}
