import { describe, expect, it } from 'vitest';
import { evaluateModel } from './evaluate-model.js';
import { pixelModel, pixelSet } from './fixtures/pixel-model.js';
import { gridCsv, gridLatex, gridMarkdown, gridPlot } from './grid-tables.js';
import { reportGrid } from './report-grid.js';
import { parseReportJson, reportToJson } from './report-json.js';

const run = async (name: string, noise: number) => {
  const report = await evaluateModel(pixelModel(noise), pixelSet(12), {
    mixed: [['text', 'sketch']],
  });
  return { name, reports: [parseReportJson(JSON.stringify(reportToJson(report)), name)] };
};
const runs = [await run('zero-shot', 0.45), await run('vpt', 0.4), await run('freestyle', 0)];
const options = { references: ['zero-shot', 'vpt'] };

describe('reportGrid', () => {
  it('has the figures of each report, and their mean over picture styles with each style counted once', () => {
    const grid = reportGrid(runs, options);
    // The paintings name a class only: photo level and class level are never averaged.
    expect(grid).toMatchObject({ meanStyles: ['sketch'], meanLevel: 'instance' });
    for (const [i, row] of grid.rows.entries()) {
      const hits = (style: string) => {
        const ranks = runs[i]?.reports[0]?.perQuery[style]?.firstRank ?? [];
        return ranks.filter((rank) => rank === 1).length / ranks.length;
      };
      expect(row.sections.sketch?.value).toBeCloseTo(hits('sketch'), 12);
      expect(row.mean.value).toBeCloseTo(hits('sketch'), 12);
      expect(row.mean.ci95[0]).toBeLessThanOrEqual(row.mean.value);
      expect(row.mean.ci95[1]).toBeGreaterThanOrEqual(row.mean.value);
    }
  });

  it('finds a better run by an interval above 0 and a small p, and nothing against itself', () => {
    const better = reportGrid(runs, options).rows[2]?.differences ?? [];
    expect(better.map(({ reference }) => reference)).toEqual(['zero-shot', 'vpt']);
    for (const { ci95, pHolm, p } of better) {
      expect(ci95[0]).toBeGreaterThan(0);
      expect(pHolm).toBeLessThan(0.05);
      expect(pHolm).toBeGreaterThanOrEqual(p);
    }
    const same = runs.slice(0, 1).flatMap((one) => [one, { ...one, name: 'twin' }]);
    const [, twin] = reportGrid(same, { ...options, references: ['zero-shot'] }).rows;
    expect(twin?.differences[0]).toMatchObject({ value: 0, p: 1 });
    expect(twin?.differences[0]?.ci95[1]).toBeGreaterThan(0);
  });

  it('averages the seeds of a run, and its interval grows with what they differ in', () => {
    const [poor, , good] = runs.map(({ reports }) => reports);
    if (!poor || !good) throw new Error('three runs were made');
    const rowOf = (reports: typeof poor) =>
      reportGrid(
        [
          { name: 'zero-shot', reports: poor },
          { name: 'run', reports },
        ],
        {
          ...options,
          references: ['zero-shot'],
        },
      ).rows[1];
    const [one, both] = [rowOf(good), rowOf([...good, ...poor])];
    const mean = ((one?.mean.value ?? 0) + (rowOf(poor)?.mean.value ?? 0)) / 2;
    expect(both?.mean.value).toBeCloseTo(mean, 12);
    const width = ([low, high]: readonly number[] = []) => (high ?? 0) - (low ?? 0);
    expect(width(both?.mean.ci95)).toBeGreaterThan(1.2 * width(one?.mean.ci95));
    // One of the two seeds is the reference itself, so the difference is half of the other's.
    expect(both?.differences[0]?.value).toBeCloseTo((one?.differences[0]?.value ?? 0) / 2, 12);
  });

  it('asks each pair of runs once: a reference compared with another is one question, not two', () => {
    const [zero, vpt] = reportGrid(runs, options).rows;
    const [one, other] = [zero?.differences[0], vpt?.differences[0]];
    expect(one).toMatchObject({ reference: 'vpt', p: other?.p, pHolm: other?.pHolm });
    expect(one?.value).toBe(-(other?.value ?? 0));
    // Three questions in all, so the least p is multiplied by three.
    const all = reportGrid(runs, options).rows.flatMap(({ differences }) => differences);
    const least = all.reduce((best, next) => (next.p < best.p ? next : best));
    expect(least.pHolm).toBeCloseTo(3 * least.p, 12);
  });

  it('says of a table that rests on one seed that it does', () => {
    expect(gridMarkdown(reportGrid(runs, options))).toContain('Each row rests on one training seed');
  });

  it('refuses runs over other data and references that are not there', () => {
    const other = runs.map(({ name, reports }, i) => ({
      name,
      reports: reports.map((report) => ({ ...report, gallery: report.gallery + i })),
    }));
    expect(() => reportGrid(other)).toThrow(/"zero-shot" and "vpt" differ in gallery/);
    expect(() => reportGrid(runs, { references: ['clip'] })).toThrow(
      /No run is called "clip"; there are zero-shot, vpt, freestyle/,
    );
    expect(() => reportGrid([])).toThrow(/at least one run/);
  });
});

describe('symmetric runs', () => {
  it('carry a mark in the table, and the caption says what it means', () => {
    const reports = runs[2]?.reports.map((report) => ({ ...report, galleryEncoder: 'tower' as const })) ?? [];
    const markdown = gridMarkdown(reportGrid([...runs.slice(0, 2), { name: 'paper', reports }], options));
    expect(markdown).toContain('| paper † |');
    expect(markdown).toContain('† symmetric mode: the gallery by the tuned tower too');
    expect(gridMarkdown(reportGrid(runs, options))).not.toContain('†');
  });
});

describe('grid forms', () => {
  const grid = reportGrid(runs, options);
  const shown = (100 * (grid.rows[2]?.mean.value ?? 0)).toFixed(1);

  it('show the same figures in Markdown, LaTeX, CSV and the plot', () => {
    for (const text of [gridMarkdown(grid), gridLatex(grid), gridPlot(grid)]) expect(text).toContain(shown);
    expect(
      gridMarkdown(grid)
        .split('\n')
        .filter((line) => line.startsWith('| ')),
    ).toHaveLength(2 + 3);
    expect(gridLatex(grid)).toContain('against zero-shot');
    const csv = gridCsv(grid).trimEnd().split('\n');
    expect(csv.every((line) => line.split(',').length === 8)).toBe(true);
    expect(csv.filter((line) => line.startsWith('freestyle,mean,hit@1,vpt,'))).toHaveLength(1);
  });

  it('plot every run in every panel', () => {
    expect(gridPlot(grid).match(/<circle/g)).toHaveLength(3 * (grid.sections.length + 1));
  });
});
