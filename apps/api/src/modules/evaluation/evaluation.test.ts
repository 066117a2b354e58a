import { join } from 'node:path';
import { writeDemoGallery } from '@freestyle/scenes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';

let server: TestServer;
let datasetId = '';
const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');

beforeAll(async () => {
  await ensureBuilt();
  server = await startTestServer();
  const folder = join(server.folder, 'scenes');
  await writeDemoGallery(folder, { count: 24 });
  const handle = await server.importFolder(folder, { name: 'scenes' });
  expect(await handle.finished()).toMatchObject({ state: 'SUCCEEDED' });
  datasetId = globalId('Dataset', handle.datasetId);
}, 600_000);
afterAll(() => server?.dispose());

const EVALUATE = `mutation ($datasetId: ID!, $encoder: String!, $name: String, $split: String, $styles: [String!]) {
  evaluate(datasetId: $datasetId, encoder: $encoder, name: $name, split: $split, styles: $styles) {
    __typename
    ... on EvaluateSuccess { evaluation { id } job { id } }
    ... on Error { message }
  }
}`;

async function evaluate(variables: Record<string, unknown>) {
  const { data, errors } = await server.query<{
    evaluate: { __typename: string; message?: string; evaluation?: { id: string }; job?: { id: string } };
  }>(EVALUATE, { datasetId, ...variables });
  expect(errors).toBeUndefined();
  if (data === null) throw new Error('no answer');
  return data.evaluate;
}

async function ended(jobId: string | undefined): Promise<{ state: string; message: string | null }> {
  for (;;) {
    const { data } = await server.query<{ job: { state: string; message: string | null } }>(
      'query ($id: ID!) { job(id: $id) { state message } }',
      { id: jobId },
    );
    if (data && ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(data.job.state)) return data.job;
    await new Promise((done) => setTimeout(done, 200));
  }
}

interface Section {
  name: string;
  queries: number;
  metrics: { name: string; value: number; low: number; high: number }[];
}

async function sectionsOf(id: string): Promise<Section[]> {
  const { data, errors } = await server.query<{ node: { sections: Section[] } }>(
    `query ($id: ID!) { node(id: $id) { ... on Evaluation {
      sections { name queries metrics { name value low high } } } } }`,
    { id },
  );
  expect(errors).toBeUndefined();
  return data?.node.sections ?? [];
}

describe('evaluations', () => {
  it('two encoders are judged, compared, and their queries looked through; a label is called wrong by name', async () => {
    const tower = await evaluate({ encoder: 'freestyle-small', name: 'tower' });
    const zero = await evaluate({ encoder: 'freestyle-small/zero-shot', name: 'zero-shot' });
    for (const { job } of [tower, zero]) expect(await ended(job?.id)).toMatchObject({ state: 'SUCCEEDED' });
    const [a = '', b = ''] = [zero.evaluation?.id, tower.evaluation?.id];
    const sections = await sectionsOf(b);
    expect(sections.map(({ name }) => name)).toEqual(expect.arrayContaining(['text', 'lowres']));
    for (const { metrics } of sections) {
      for (const { value, low, high } of metrics) {
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
    }
    const { data, errors } = await server.query<Record<string, never>>(
      `query ($a: ID!, $b: ID!) {
        compareEvaluations(ids: [$a, $b], metric: "mrr") { sentences notes comparisons { section queries difference low high pHolm } groups { section groups { names } } }
        evaluationFlips(evaluationA: $a, evaluationB: $b, section: "lowres", metric: "mrr", won: true) { totalCount flips { key a { rank } b { rank top { rank right image { id } } target { id } } } }
        node(id: $b) { ... on Evaluation {
          slices(section: "text", by: CLASS, metric: "hit@1") { name queries value low high tooFew }
          worst(section: "lowres", first: 3) { totalCount edges { node { key rank section parts { madeOf { id } } judgements { kind } } } }
          reportFiles { name url }
        } }
      }`,
      { a, b },
    );
    expect(errors).toBeUndefined();
    const found = JSON.parse(JSON.stringify(data));
    expect(found.compareEvaluations.sentences).toHaveLength(1);
    expect(found.compareEvaluations.sentences[0]).toMatch(/text/);
    const lowres = sections.find(({ name }) => name === 'lowres');
    expect(found.node.worst.totalCount).toBe(lowres?.queries);
    const ranks = found.node.worst.edges.map((edge: { node: { rank: number } }) => edge.node.rank);
    expect([...ranks].sort((x: number, y: number) => y - x)).toEqual(ranks);
    for (const flip of found.evaluationFlips.flips) expect(flip.b.rank).toBeLessThan(flip.a.rank);
    expect(found.node.reportFiles.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining([
        'qrels.trec',
        'report.csv',
        'report.html',
        'report.json',
        'run.trec',
        'results.jsonl',
      ]),
    );
    const [file] = found.node.reportFiles.filter(({ name }: { name: string }) => name === 'report.json');
    const report = JSON.parse(await (await fetch(`${server.url}${file.url}`)).text());
    for (const { name, metrics } of sections.filter((one) => one.name in report.styles))
      for (const { name: metric, value } of metrics) expect(report.styles[name][metric]).toBe(value);
    const worst = found.node.worst.edges[0].node;
    const judged = await server.query<{ judge: { judgement: { judgedBy: string; kind: string } } }>(
      `mutation ($id: ID!, $key: String!) { judge(kind: WRONG_LABEL, evaluationId: $id, section: "lowres", key: $key, note: "two of them look alike") {
        ... on JudgeSuccess { judgement { kind judgedBy createdAt note } } ... on Error { message } } }`,
      { id: b, key: worst.key },
    );
    expect(judged.data?.judge.judgement).toMatchObject({ kind: 'WRONG_LABEL' });
    expect(judged.data?.judge.judgement.judgedBy).not.toBe('');
  }, 900_000);

  it('a version with one photo, an unknown encoder and a split without queries are each refused in words', async () => {
    const lone = join(server.folder, 'lone');
    await writeDemoGallery(lone, { count: 1 });
    const handle = await server.importFolder(lone, { name: 'lone' });
    await handle.finished();
    const one = globalId('Dataset', handle.datasetId);
    expect(await evaluate({ datasetId: one, encoder: 'freestyle-small' })).toMatchObject({
      __typename: 'ConflictError',
      message: expect.stringContaining('has one photo: with fewer than two there is nothing to rank'),
    });
    expect(await evaluate({ encoder: 'clip' })).toMatchObject({
      __typename: 'NotFoundError',
      message: expect.stringContaining('no query encoder "clip"; there are freestyle-small'),
    });
    const nowhere = await evaluate({ encoder: 'freestyle-small/zero-shot', split: 'nowhere' });
    expect(await ended(nowhere.job?.id)).toMatchObject({
      state: 'FAILED',
      message: expect.stringMatching(/no queries|expected at least one/),
    });
  }, 300_000);
});
