import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareRuns, MEAN } from './compare-runs.js';
import { comparisonSentence } from './comparison-text.js';
import { evaluateModel } from './evaluate-model.js';
import type { EvaluationReport } from './evaluation-report.js';
import { pixelModel, pixelSet } from './fixtures/pixel-model.js';
import { metricByName } from './metrics.js';
import { parseReportJson, reportToJson } from './report-json.js';
import { reportSections } from './report-sections.js';
import { csvField, csvReport, latexReport, markdownReport, textReport } from './report-tables.js';
import { cutMetrics, openTrecRun, trecDepth, trecQrels, trecRunName } from './report-trec.js';
import { writeReport } from './write-report.js';

let good: EvaluationReport;
let worse: EvaluationReport;
let folder: string;

beforeAll(async () => {
  const options = { mixed: [['text', 'sketch']], paperBatchSize: 6 } as const;
  good = await evaluateModel(pixelModel(), pixelSet(), options);
  worse = await evaluateModel(pixelModel(0.5), pixelSet(), options);
  folder = await mkdtemp(join(tmpdir(), 'freestyle-report-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Every query picture looks the same to this tower. */
const flatQueries = async (images: readonly unknown[]) =>
  images.map(() => ({ vector: new Float32Array(48).fill(0), style: null }));

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
    // Both readings, each with its name.
    expect(paper).toHaveLength(2);
    for (const block of paper) expect(block).not.toContain('hit@1');
    expect(markdownReport(good)).toContain('paper protocol (in-batch 6, top-1/top-4)');
    expect(latexReport(good)).toContain('95 \\% score intervals');
  });

  it('CSV has one figure a line and quotes what needs it', () => {
    const lines = csvReport(good).trimEnd().split('\n');
    const columns = lines[0]?.split(',').length;
    expect(lines.every((line) => line.split(',').length === columns)).toBe(true);
    expect(lines.filter((line) => line.includes(',sketch,style,instance,48,24,false,hit@1,'))).toHaveLength(
      1,
    );
    expect(csvField('a "b", c')).toBe('"a ""b"", c"');
    expect(csvField('=HYPERLINK(1)')).toBe("'=HYPERLINK(1)");
    expect(csvField('-0.5')).toBe('-0.5');
  });

  it('the TREC run is whole, orders ties as the report counts them, and gives the report its own mAP and MRR', async () => {
    const path = join(folder, 'run.trec');
    const run = await openTrecRun(path, {
      photoIds: () => pixelSet().photos.map(({ id }) => id),
      tag: 'x y',
      depth: 24,
    });
    // A model that gives everything one score: all ties.
    const flat = { ...pixelModel(), encodeQueries: flatQueries };
    const report = await evaluateModel(flat, pixelSet(), { onRanked: run.visit });
    await run.close();
    const qrels = new Map<string, Set<string>>();
    for (const line of trecQrels(report).trimEnd().split('\n')) {
      const [query = '', , photo = ''] = line.split(' ');
      qrels.set(query, (qrels.get(query) ?? new Set()).add(photo));
    }
    const ranks = new Map<string, number[]>();
    const lists = new Map<string, number>();
    for (const line of (await readFile(path, 'utf8')).trimEnd().split('\n')) {
      const [query = '', q0, photo = '', rank, score, tag] = line.split(' ');
      expect([q0, tag]).toEqual(['Q0', 'x%20y']);
      lists.set(query, (lists.get(query) ?? 0) + 1);
      expect(Number(score)).toBe(25 - Number(rank));
      if (qrels.get(query)?.has(photo)) ranks.set(query, [...(ranks.get(query) ?? []), Number(rank)]);
    }
    expect([...lists.values()].every((length) => length === 24)).toBe(true);
    for (const { name, figures } of reportSections(report).filter(({ kind }) => kind === 'style')) {
      for (const metric of ['mrr', 'map']) {
        const { compute } = metricByName(metric);
        const values = [...ranks].flatMap(([query, own]) =>
          query.startsWith(`${name}:`.replaceAll(' ', '%20')) ? [compute(own)] : [],
        );
        expect(values).toHaveLength(figures.queries);
        const counted = metric in figures.metrics ? figures.metrics[metric] : figures.metrics.mrr;
        expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(counted ?? -1, 12);
      }
    }
  });

  it('a run that would fill the disk is cut, and the cut is in the names of file and figures', () => {
    expect(trecDepth(5000, 6000 / 2)).toBe(3000);
    expect(trecDepth(50_000, 50_000)).toBe(1000);
    expect(trecRunName(1000, 50_000)).toBe('run.top-1000.trec');
    expect(trecRunName(3000, 3000)).toBe('run.trec');
    expect(cutMetrics(1000, 50_000)).toEqual(['mrr@1000', 'map@1000']);
    expect(cutMetrics(3000, 3000)).toEqual([]);
  });

  it('writes every form, and the JSON can be read back for a comparison', async () => {
    const paths = await writeReport(good, join(folder, 'new', 'folder'));
    expect(paths).toHaveLength(8);
    const json = paths.find((path) => path.endsWith('report.json')) ?? '';
    expect(parseReportJson(await readFile(json, 'utf8'), json)).toEqual(stored(good));
  });
});

const runOf = (name: string, ...reports: EvaluationReport[]) => ({ name, reports: reports.map(stored) });

describe('compareRuns', () => {
  const quick = { permutations: 2000 };
  const compare = (a: EvaluationReport, b: EvaluationReport) =>
    compareRuns([runOf('A', a), runOf('B', b)], quick).comparisons;

  it('finds a tower that is worse, by how much, names the queries lost, and leaves equal texts alone', () => {
    const found = compare(good, worse);
    const sketch = found.find(({ section, metric }) => section === 'sketch' && metric === 'mrr');
    expect(sketch?.value).toBeLessThan(0);
    expect(sketch?.ci95[1]).toBeLessThan(0);
    expect(sketch?.ci95[0]).toBeLessThan(sketch?.value ?? 0);
    expect(sketch?.pHolm).toBeLessThan(0.05);
    expect(sketch?.lost.length).toBeGreaterThan(sketch?.won.length ?? 0);
    const text = found.find(({ section, metric }) => section === 'text' && metric === 'mrr');
    expect(text).toMatchObject({ value: 0, p: 1, pHolm: null, identical: true, won: [], lost: [] });
    const sentence = comparisonSentence(found.filter(({ metric }) => metric === 'mrr'));
    expect(sentence).toMatch(/^A is better than B on .*sketch by \d+\.\d points \[\d/);
    expect(sentence).toContain('on text both answer every query alike.');
  });

  it('turns its signs when the runs change places', () => {
    const there = compare(good, worse);
    const back = compare(worse, good);
    for (const [i, { value, ci95, won }] of there.entries()) {
      expect(back[i]?.value).toBeCloseTo(-value, 12);
      expect(back[i]?.ci95[0]).toBeCloseTo(-ci95[1], 12);
      expect(back[i]?.lost).toEqual(won);
    }
  });

  it('pairs queries by what they are: one caption added to the first photo moves no other pair, and is told', async () => {
    const set = pixelSet();
    const [photo] = set.photos;
    const added = { id: 'text:new', style: 'text', target: photo?.id, content: { text: 'another caption' } };
    // Named by their number, as captions of a folder are.
    const numbered = [added, ...set.queries].map((query, i) => ({ ...query, id: `${query.style}-${i}` }));
    const more = await evaluateModel(pixelModel(), { ...set, queries: numbered }, {});
    const { comparisons, notes } = compareRuns([runOf('A', good), runOf('B', more)], quick);
    const text = comparisons.find(({ section, metric }) => section === 'text' && metric === 'mrr');
    expect(text).toMatchObject({ queries: 24, onlyA: 0, onlyB: 1, identical: true });
    expect(notes.join(' ')).toContain('text: 0 queries are in A alone and 1 in B alone');
  });

  it('asks each question once: parts of a pair are their styles again, and what cannot differ is no question', () => {
    const found = compare(good, worse);
    expect(found.some(({ section }) => section.includes('alone'))).toBe(false);
    const asked = found.filter(({ identical }) => !identical);
    const least = asked.reduce((best, next) => (next.p < best.p ? next : best));
    expect(least.pHolm).toBeCloseTo(Math.min(1, asked.length * least.p), 12);
  });

  it('puts runs that cannot be told apart in one group instead of ranks', () => {
    const twin = { ...good };
    const { groups } = compareRuns([runOf('worse', worse), runOf('one', good), runOf('two', twin)], {
      ...quick,
      metrics: ['mrr'],
    });
    expect(groups.find(({ section }) => section === 'sketch')?.groups).toEqual([['one', 'two'], ['worse']]);
  });

  it('takes the mean over styles at one level, and says which', () => {
    const { mean, comparisons, notes } = compareRuns([runOf('A', good), runOf('B', worse)], quick);
    expect(mean).toEqual({ level: 'instance', styles: ['sketch'] });
    expect(comparisons.some(({ section }) => section === MEAN)).toBe(false);
    expect(notes.join(' ')).toContain('one training seed');
  });

  it('refuses runs over different galleries, reports that are not ours or from before identities, and unknown metrics', () => {
    const other = { name: 'B', reports: [{ ...stored(worse), gallery: 25 }] };
    expect(() => compareRuns([runOf('A', good), other])).toThrow(/differ in gallery \(24 and 25\)/);
    expect(() => parseReportJson('{', 'a.json')).toThrow(/a\.json: .*not JSON/);
    expect(() => parseReportJson('{"model":"x"}', 'a.json')).toThrow(/a\.json: .*at dataset/);
    expect(() => compareRuns([runOf('A', good), runOf('B', worse)], { metrics: ['R@7'] })).toThrow(/"R@7"/);
    expect(() => compareRuns([runOf('A', good)])).toThrow(/two runs or more/);
    const old = stored(worse);
    for (const queries of Object.values(old.perQuery)) delete queries.keys;
    expect(() => compareRuns([runOf('A', good), { name: 'B', reports: [old] }])).toThrow(/evaluate it again/);
  });
});
