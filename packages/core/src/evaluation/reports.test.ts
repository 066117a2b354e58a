import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareReports } from './compare-reports.js';
import { evaluateModel } from './evaluate-model.js';
import type { EvaluationReport } from './evaluation-report.js';
import { pixelModel, pixelSet } from './fixtures/pixel-model.js';
import { parseReportJson, reportToJson } from './report-json.js';
import { csvField, csvReport, latexReport, markdownReport, textReport } from './report-tables.js';
import { trecQrels, trecRun } from './report-trec.js';
import { writeReport } from './write-report.js';

let good: EvaluationReport;
let worse: EvaluationReport;
let folder: string;

beforeAll(async () => {
  const options = { resamples: 100, mixed: [['text', 'sketch']], paperBatchSize: 6 } as const;
  good = await evaluateModel(pixelModel(), pixelSet(), options);
  worse = await evaluateModel(pixelModel(0.5), pixelSet(), options);
  folder = await mkdtemp(join(tmpdir(), 'freestyle-report-'));
});
afterAll(() => rm(folder, { recursive: true }));

const stored = (report: EvaluationReport) =>
  parseReportJson(JSON.stringify(reportToJson(report)), 'report.json');

describe('report forms', () => {
  it('JSON has the documented keys, shares in [0, 1] and an interval for each metric', () => {
    const json = JSON.parse(JSON.stringify(reportToJson(good)));
    expect(json).toMatchObject({
      model: 'pixel-model-0',
      dataset: 'blocks',
      protocol: 'full-gallery',
      gallery: 24,
    });
    for (const style of ['text', 'sketch', 'art']) {
      for (const metric of ['hit@1', 'hit@5', 'hit@10', 'mrr']) {
        const value = json.styles[style][metric];
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(json.styles[style].ci95[metric]).toHaveLength(2);
      }
      expect(json.styles[style].queries).toBeGreaterThan(0);
    }
    expect(json.styles.sketch.class.map).toBeGreaterThan(0);
    expect(json.mixed['text+sketch'].parts.text.queries).toBe(48);
  });

  it('Markdown, LaTeX and the terminal show the same figures, and never the paper protocol in one table with them', () => {
    const sketch = good.styles.find(({ style }) => style === 'sketch')?.figures;
    const shown = (100 * (sketch?.metrics['hit@1'] ?? 0)).toFixed(1);
    for (const text of [markdownReport(good), latexReport(good), textReport(good)])
      expect(text).toContain(`${shown} [`);
    const tables = markdownReport(good)
      .split('**')
      .filter((block) => block.includes('| --- |'));
    const paper = tables.filter((block) => block.includes('in-batch top-1'));
    expect(paper).toHaveLength(1);
    expect(paper[0]).not.toContain('hit@1');
    expect(markdownReport(good)).toContain('paper protocol (in-batch 6, top-1/top-4)');
    expect(latexReport(good)).toContain('95 \\% bootstrap');
  });

  it('CSV has one figure a line and quotes what needs it', () => {
    const lines = csvReport(good).trimEnd().split('\n');
    const columns = lines[0]?.split(',').length;
    expect(lines.every((line) => line.split(',').length === columns)).toBe(true);
    expect(lines.filter((line) => line.includes(',sketch,style,instance,48,hit@1,'))).toHaveLength(1);
    expect(csvField('a "b", c')).toBe('"a ""b"", c"');
    expect(csvField('=HYPERLINK(1)')).toBe("'=HYPERLINK(1)");
    expect(csvField('-0.5')).toBe('-0.5');
  });

  it('TREC run and qrels agree with the figures: hit@1 counted from the files is the one reported', () => {
    const relevant = new Set(
      trecQrels(good)
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ').slice(0, 3).join(' ')),
    );
    const firsts = trecRun(good)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([query, , , rank]) => query?.startsWith('sketch:') && rank === '1');
    expect(
      trecRun(good)
        .split('\n')
        .every((line) => line === '' || line.split(' ').length === 6),
    ).toBe(true);
    const hits = firsts.filter(([query, , photo]) => relevant.has(`${query} 0 ${photo}`)).length;
    const sketch = good.styles.find(({ style }) => style === 'sketch')?.figures;
    expect(firsts).toHaveLength(48);
    expect(hits / 48).toBeCloseTo(sketch?.metrics['hit@1'] ?? -1, 12);
  });

  it('writes every form, and the JSON can be read back for a comparison', async () => {
    const paths = await writeReport(good, join(folder, 'new', 'folder'));
    expect(paths).toHaveLength(6);
    const json = paths.find((path) => path.endsWith('report.json')) ?? '';
    expect(parseReportJson(await readFile(json, 'utf8'), json)).toEqual(stored(good));
  });
});

describe('compareReports', () => {
  const quick = { permutations: 2000 };

  it('finds a tower that is worse, names the queries lost, and leaves equal texts alone', () => {
    const found = compareReports(stored(good), stored(worse), quick);
    const sketch = found.find(({ section, metric }) => section === 'sketch' && metric === 'mrr');
    expect(sketch?.difference).toBeLessThan(0);
    expect(sketch?.pHolm).toBeLessThan(0.05);
    expect(sketch?.lost.length).toBeGreaterThan(sketch?.won.length ?? 0);
    const text = found.find(({ section, metric }) => section === 'text' && metric === 'mrr');
    expect(text).toMatchObject({ difference: 0, p: 1, won: [], lost: [] });
    for (const { p, pHolm } of found) expect(pHolm).toBeGreaterThanOrEqual(p);
  });

  it('turns its signs when the runs change places', () => {
    const there = compareReports(stored(good), stored(worse), quick);
    const back = compareReports(stored(worse), stored(good), quick);
    for (const [i, { difference, won }] of there.entries()) {
      expect(back[i]?.difference).toBeCloseTo(-difference, 12);
      expect(back[i]?.lost).toEqual(won);
    }
  });

  it('refuses runs over different galleries, reports that are not ours, and metrics that are not stored', () => {
    const other = { ...stored(worse), gallery: 25 };
    expect(() => compareReports(stored(good), other)).toThrow(/differ in gallery \(24 and 25\)/);
    expect(() => parseReportJson('{', 'a.json')).toThrow(/a\.json: .*not JSON/);
    expect(() => parseReportJson('{"model":"x"}', 'a.json')).toThrow(/a\.json: .*at dataset/);
    expect(() => compareReports(stored(good), stored(worse), { metrics: ['recall@7'] })).toThrow(
      /not by "recall@7"/,
    );
  });
});
