import { describe, expect, it } from 'vitest';
import type { EncodedItem, EncodingStore } from './encode-set.js';
import { evaluateModel } from './evaluate-model.js';
import type { EvaluationSet } from './evaluation-set.js';
import { pixelModel, pixelSet } from './fixtures/pixel-model.js';
import { reportToJson } from './report-json.js';
import { textReport } from './report-tables.js';

const set = pixelSet();
const fewer = {};

describe('evaluateModel', () => {
  it('ranks each query over the whole gallery and not over its batch', async () => {
    const report = await evaluateModel(pixelModel(), set, { ...fewer, batchSize: 5 });
    const text = report.styles.find(({ style }) => style === 'text')?.figures;
    // A text names the ground colour only: the 8 photos of that colour come before the other 16, in some order.
    expect(report.gallery).toBe(24);
    expect(text?.queries).toBe(24);
    expect(text?.metrics['hit@10']).toBe(1);
    expect(text?.metrics['hit@1']).toBeCloseTo(3 / 24, 12);
    expect(text?.results.every(({ ranks }) => (ranks[0] ?? 0) <= 8)).toBe(true);
  });

  it('judges queries that name both at instance level and at class level, and class-only queries by class', async () => {
    const report = await evaluateModel(pixelModel(), set, fewer);
    const [text, sketch, art] = ['text', 'sketch', 'art'].map((name) =>
      report.styles.find(({ style }) => style === name),
    );
    expect(text?.byClass).toBeNull();
    expect(sketch?.figures).toMatchObject({ level: 'instance', queries: 48 });
    expect(sketch?.byClass).toMatchObject({ level: 'class', queries: 48 });
    expect(art?.figures).toMatchObject({ level: 'class', queries: 24 });
    expect(art?.figures.results[0]?.ranks).toHaveLength(8);
    expect(sketch?.byClass?.metrics.map).toBeGreaterThan(0.9);
    expect(sketch?.figures.metrics).not.toHaveProperty('map');
  });

  it('puts every mean inside its interval, and queries of one photo into one cluster', async () => {
    const report = await evaluateModel(pixelModel(), set, fewer);
    for (const { figures } of report.styles) {
      for (const [metric, value] of Object.entries(figures.metrics)) {
        const [low, high] = figures.ci95[metric] ?? [1, 0];
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
    }
    const sketch = report.styles.find(({ style }) => style === 'sketch')?.figures;
    expect(new Set(sketch?.results.map(({ cluster }) => cluster)).size).toBe(24);
  });

  it('gives the same report twice, whatever the batch size', async () => {
    const run = (batchSize: number) =>
      evaluateModel(pixelModel(), set, { ...fewer, batchSize, mixed: [['text', 'sketch']] });
    expect(await run(7)).toEqual(await run(32));
  });

  it('encodes query pictures by the backbone when asked, passing a bad tower by', async () => {
    const hit = async (queryEncoder: 'tower' | 'backbone') => {
      const report = await evaluateModel(pixelModel(0.5), set, {
        ...fewer,
        queryEncoder,
        styles: ['sketch'],
      });
      return report.styles[0]?.figures.metrics.mrr ?? 0;
    };
    expect(await hit('backbone')).toBeGreaterThan((await hit('tower')) + 0.2);
  });

  it('judges a mixed query and its parts on the very same photos; words and sketch together beat each alone', async () => {
    const report = await evaluateModel(pixelModel(0.4), set, { ...fewer, mixed: [['text', 'sketch']] });
    const [pair] = report.mixed;
    expect(pair?.name).toBe('text+sketch');
    expect(pair?.mixed.queries).toBe(48);
    for (const part of pair?.parts ?? []) {
      expect(part.figures.queries).toBe(48);
      expect(pair?.mixed.metrics.mrr).toBeGreaterThan(part.figures.metrics.mrr ?? 1);
    }
  });

  it('tests what fusing brings over the better part, query by query', async () => {
    const report = await evaluateModel(pixelModel(0.4), set, { ...fewer, mixed: [['text', 'sketch']] });
    const [pair] = report.mixed;
    expect(pair?.gains.map(({ metric }) => metric)).toEqual(['hit@1', 'mrr']);
    for (const { metric, better, fused, alone, difference, ci95, p, pHolm } of pair?.gains ?? []) {
      const parts = pair?.parts.map(({ figures }) => figures.metrics[metric] ?? 0) ?? [];
      expect(alone).toBe(Math.max(...parts));
      expect(pair?.parts.find(({ style }) => style === better)?.figures.metrics[metric]).toBe(alone);
      expect(difference).toBeCloseTo(fused - alone, 12);
      expect(ci95[0]).toBeLessThanOrEqual(difference);
      expect(ci95[1]).toBeGreaterThanOrEqual(difference);
      expect(pHolm).toBeGreaterThanOrEqual(p);
    }
    const mrr = pair?.gains.find(({ metric }) => metric === 'mrr');
    expect(mrr?.difference).toBeGreaterThan(0);
    expect(textReport(report)).toMatch(/Fused against the better part alone[\s\S]*text\+sketch +hit@1/);
  });

  it('joins queries of one class where no photo has both styles, and then any photo of the class is right', async () => {
    const report = await evaluateModel(pixelModel(0.4), set, { ...fewer, mixed: [['sketch', 'art']] });
    const [pair] = report.mixed;
    // 16 sketches and 8 paintings of each of three classes.
    expect(pair?.mixed).toMatchObject({ level: 'class', queries: 48 });
    expect(pair?.mixed.results[0]?.relevant).toHaveLength(8);
    expect(pair?.gains.map(({ metric }) => metric)).toEqual(['hit@1', 'mrr', 'map']);
    // A sketch that is drawn twice counts as one target; a painting that comes again is no cluster of its own.
    expect(new Set(pair?.mixed.results.map(({ cluster }) => cluster)).size).toBe(24);
  });

  it('measures the cosine of photos that are not meant, whatever the gallery holds of those that are', async () => {
    const report = await evaluateModel(pixelModel(), set, { ...fewer, styles: ['sketch'] });
    const calibration = report.styles[0]?.calibration;
    expect(calibration?.deviation).toBeGreaterThan(0.05);
    expect(calibration?.mean).toBeLessThan(0.3);
  });

  it('reports the paper protocol apart and groups queries by the style that their tower saw', async () => {
    const report = await evaluateModel(pixelModel(), set, { ...fewer, paperBatchSize: 6 });
    expect(Object.keys(report.paperProtocol)).toEqual(['text', 'sketch']);
    expect(report.paperProtocol.sketch?.meanDistinctTargets).toBe(3);
    expect(report.clusters.map(({ cluster, figures }) => [cluster, figures.queries])).toEqual([
      ['flat', 48],
      // The sketches name a class too, beside the paintings.
      ['flat (class)', 72],
    ]);
  });

  it('leaves out, and counts, queries whose photo is not in the gallery', async () => {
    const smaller: EvaluationSet = { ...set, photos: set.photos.slice(0, 12) };
    const report = await evaluateModel(pixelModel(), smaller, { ...fewer, styles: ['text'] });
    expect(report.styles[0]?.figures).toMatchObject({ queries: 12, skipped: 12 });
  });

  it('tells a broken picture as a row of the report and goes on with the others', async () => {
    const broken = async () => Promise.reject(new Error('cut short'));
    const photos = set.photos.map((photo, i) => (i === 3 ? { ...photo, load: broken } : photo));
    const queries = set.queries.map((query) =>
      query.id === `sketch-1:${photos[0]?.id}` ? { ...query, content: { load: broken } } : query,
    );
    const report = await evaluateModel(pixelModel(), { ...set, photos, queries }, { styles: ['sketch'] });
    expect(report.gallery).toBe(23);
    expect(report.styles[0]?.figures).toMatchObject({ queries: 45, skipped: 2 });
    expect(report.broken).toEqual([
      { what: 'gallery', id: photos[3]?.id, error: 'cut short' },
      { what: 'sketch', id: `sketch-1:${photos[0]?.id}`, error: 'cut short' },
    ]);
    expect(textReport(report)).toContain('could not be read and is in no figure (cut short)');
    const all = set.photos.map((photo) => ({ ...photo, load: broken }));
    await expect(evaluateModel(pixelModel(), { ...set, photos: all })).rejects.toThrow(
      /none of 24 pictures can be read; the first, .*: cut short/,
    );
  });

  it("does not count a made query's own photo as another of its class", async () => {
    const own = set.queries
      .filter(({ style }) => style === 'sketch')
      .map((query) => ({ ...query, derived: true }));
    const report = await evaluateModel(pixelModel(), { ...set, queries: own });
    const { results } = report.styles[0]?.byClass ?? { results: [] };
    // Eight photos of each class: the other seven are relevant, and its own takes no place.
    expect(results[0]?.relevant).toHaveLength(7);
    for (const { relevant, top, id } of results) {
      const photo = report.photoIds.indexOf(id.slice(id.indexOf(':') + 1));
      expect([...relevant, ...top.map(({ index }) => index)]).not.toContain(photo);
    }
    expect(report.styles[0]?.figures.results[0]?.relevant).toHaveLength(1);
  });

  it('seven texts behind 96 pairs are seven witnesses: the unit is the coarser side, and it weighs as its row above', async () => {
    const classes = ['red', 'green', 'blue'];
    const texts = classes.map((className) => ({
      id: `text ${className}`,
      style: 'text',
      className,
      content: { text: className },
    }));
    const art = set.queries.filter(({ style }) => style === 'art').slice(0, 20);
    const report = await evaluateModel(
      pixelModel(0.4),
      { ...set, queries: [...texts, ...art] },
      { mixed: [['text', 'art']] },
    );
    const [pair] = report.mixed;
    expect(pair?.mixed).toMatchObject({ level: 'class', queries: 20, units: 3, tooFew: true });
    const alone = pair?.parts.find(({ style }) => style === 'text')?.figures.metrics;
    const row = report.styles.find(({ style }) => style === 'text')?.figures.metrics;
    for (const metric of ['hit@1', 'mrr', 'map', 'recall@10'])
      expect(alone?.[metric]).toBeCloseTo(row?.[metric] ?? -1, 12);
    // Three units have eight patterns of signs: nothing below 2/8 can be said.
    for (const { p } of pair?.gains ?? []) expect(p).toBeGreaterThan(0.2);
  });

  it('keeps metrics that were asked for by name, with the ids of what was retrieved and figures by class', async () => {
    const report = await evaluateModel(pixelModel(), set, {
      styles: ['sketch'],
      metrics: ['precision@3', 'recall@20'],
      settings: { made: 'by hand' },
    });
    const json = JSON.parse(JSON.stringify(reportToJson(report)));
    expect(json.styles.sketch.class['precision@3']).toBeGreaterThan(0.5);
    expect(Object.keys(json.styles.sketch.perClass)).toEqual(['blue', 'green', 'red']);
    expect(json.styles.sketch.perClass.red.queries).toBe(16);
    expect(json.perQuery.sketch.top[0].map((row: number) => json.photos[row])).toContain(
      json.perQuery.sketch.ids[0].slice('sketch-1:'.length),
    );
    expect(json.settings).toMatchObject({ made: 'by hand', metrics: ['precision@3', 'recall@20'] });
    await expect(evaluateModel(pixelModel(), set, { metrics: ['R@3'] })).rejects.toThrow(
      /No metric is called "R@3"/,
    );
  });

  it('goes on where a killed run stopped, with the same report', async () => {
    const kept = new Map<string, EncodedItem[]>();
    const store: EncodingStore = {
      read: async (what) => kept.get(what) ?? [],
      append: async (what, items) => void kept.set(what, [...(kept.get(what) ?? []), ...items]),
    };
    const stop = new AbortController();
    const run = (signal?: AbortSignal) =>
      evaluateModel(pixelModel(), set, {
        batchSize: 10,
        store,
        signal,
        onProgress: ({ what, done }) => what === 'sketch' && done === 20 && stop.abort(),
      });
    await expect(run(stop.signal)).rejects.toThrow(/abort/);
    expect([kept.get('gallery')?.length, kept.get('sketch')?.length]).toEqual([24, 20]);
    expect(await run()).toEqual(await evaluateModel(pixelModel(), set, { batchSize: 10 }));
  });

  it('keeps the level that can be answered where the photos have no class, and says what is left out', async () => {
    const photos = set.photos.map(({ id, load }) => ({ id, load }));
    const report = await evaluateModel(pixelModel(), { ...set, photos }, fewer);
    expect(report.styles.map(({ style }) => style)).toEqual(['text', 'sketch']);
    expect(report.styles[1]).toMatchObject({ figures: { level: 'instance', queries: 48 }, byClass: null });
    expect(report.unanswered).toEqual([
      { style: 'sketch', level: 'class', queries: 48 },
      { style: 'art', level: 'class', queries: 24 },
    ]);
    expect(reportToJson(report)).toMatchObject({ unanswered: report.unanswered });
    expect(textReport(report)).toContain(
      'art: none of the 24 queries that name a class has it in the gallery; no figures at class level.',
    );
  });

  it('names a misspelt mixture before it encodes anything', async () => {
    let encoded = 0;
    const mixed = [['text', 'skecth']] as const;
    const options = { ...fewer, mixed, onProgress: () => encoded++ };
    await expect(evaluateModel(pixelModel(), set, options)).rejects.toThrow(/no queries in style "skecth"/);
    expect(encoded).toBe(0);
  });

  it.each<[string, EvaluationSet, object, RegExp]>([
    ['an empty gallery', { ...set, photos: [] }, {}, /gallery: expected at least one/],
    ['no queries', { ...set, queries: [] }, {}, /no queries to evaluate/],
    [
      'a style that is not there',
      set,
      { styles: ['etching'] },
      /no queries in style "etching"; it has text, sketch, art/,
    ],
    [
      'a mixture with a style that is not there',
      set,
      { mixed: [['text', 'etching']] },
      /no queries in style "etching"/,
    ],
    [
      'a mixture of styles that share no photo',
      set,
      { mixed: [['text', 'art']] },
      /no gallery photo and no class has a query in both/,
    ],
    [
      'queries whose photos are all missing',
      { ...set, photos: set.photos.map((p) => ({ ...p, id: `${p.id}x` })) },
      { styles: ['text'] },
      /no query has a relevant photo/,
    ],
    [
      'queries that name nothing',
      { ...set, queries: set.queries.map(({ id, style, content }) => ({ id, style, content })) },
      {},
      /text: its 24 queries name neither a target photo nor a class/,
    ],
    [
      'two photos of one name',
      { ...set, photos: [...set.photos, ...set.photos.slice(0, 1)] },
      {},
      /Two gallery photos are called/,
    ],
  ])('refuses %s', async (_what, bad, options, message) => {
    await expect(evaluateModel(pixelModel(), bad, { ...fewer, ...options })).rejects.toThrow(message);
  });
});
