// What the style path adds to an image query: the query tower with its style network against the plain backbone, on the
// same picture in the same round, from the decoded picture to the vector and for the graph alone. Started by
// scripts/bench.mjs.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createQuerySession, queryFeeds } from '../../packages/core/src/freestyle/query-session.js';
import { initialiseQueryTower } from '../../packages/core/src/freestyle/query-tower.js';
import { tuningSchema } from '../../packages/core/src/freestyle/tuning.js';
import { decodeImage, encodeJpeg } from '../../packages/core/src/image/image-codec.js';
import { openBackbone } from '../../packages/core/src/models/load-model.js';
import { readQueryTower } from '../../packages/core/src/models/open-query-tower.js';
import { pixelBatch } from '../../packages/core/src/models/pixel-batch.js';
import { bundledModels, readStyle } from '../../packages/core/src/models/small/open-backbone.js';
import { readBundleWeights } from '../../packages/core/src/models/small/read-small-bundle.js';
import { createTowerSession } from '../../packages/core/src/models/tower-sessions.js';
import { createRandom } from '../../packages/core/src/random.js';
import type { Session } from '../../packages/core/src/runtime/session.js';
import { readBundle } from '../../packages/core/src/weights/model-bundle.js';
import { makeScene } from '../../packages/scenes/src/index.js';
import { median, pairedRatio, textTable } from './statistics.js';

const usage = `npm run bench -- style-path [--rounds 60] [--threads 2] [--limit 1.25] [--json FILE]
Times one image query by the bundled query tower and by style prompts against the plain backbone, in interleaved rounds.
Ends with 1 where the median of a paired ratio of whole queries is above --limit.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    threads: { type: 'string', default: '2' },
    limit: { type: 'string', default: '1.25' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

interface Contender {
  readonly name: string;
  readonly session: Session;
  /** Style clusters of its tower; 0 for the plain backbone. */
  readonly clusters: number;
}

async function openContenders(threads: number) {
  const options = { threads };
  const backbone = await openBackbone('freestyle-small/backbone');
  const style = await readStyle(undefined, backbone);
  const clusters = style.clusters.length;
  const frozen = new Map([...backbone.weights, ...style.weights]);
  const prompted = async (
    name: string,
    tuning: ReturnType<typeof tuningSchema.parse>,
  ): Promise<Contender> => {
    const shape = { tower: backbone.image, tuning, clusters, styleSize: style.size };
    const fresh = initialiseQueryTower(shape, frozen, createRandom('bench'));
    return {
      name,
      clusters,
      session: await createQuerySession(new Map([...frozen, ...fresh]), shape, options),
    };
  };
  const query = await readBundle(join(bundledModels, 'freestyle-small', 'query'));
  const { config, shape } = readQueryTower(query, backbone);
  const weights = new Map([...backbone.weights, ...(await readBundleWeights(query))]);
  const plain: Contender = {
    name: 'plain backbone',
    clusters: 0,
    session: await createTowerSession(backbone.weights, backbone.image, options),
  };
  const others: Contender[] = [
    {
      name: 'bundled query tower',
      clusters: config.clusters.length,
      session: await createQuerySession(weights, shape, options),
    },
    await prompted(
      'style prompts',
      tuningSchema.parse({ method: 'freestyle', gated: true, stem: true, centred: true }),
    ),
    await prompted('style prompts, as in the paper', tuningSchema.parse({ method: 'freestyle' })),
  ];
  return { image: backbone.image, plain, others };
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [rounds, threads] = [Number(values.rounds), Number(values.threads)];
  const { image, plain, others } = await openContenders(threads);
  const contenders = [plain, ...others];
  const { image: photo } = await makeScene(7);
  const bytes = await encodeJpeg(photo, 90);
  const ready = pixelBatch([await image.fit(photo)], image.size);
  const run = ({ session, clusters }: Contender, pixels = ready) =>
    session.run(queryFeeds(pixels, 1, clusters));
  const tasks = {
    // As a search does it: a JPEG comes in, a vector goes out.
    'whole query': async (one: Contender) =>
      run(one, pixelBatch([await image.fit(await decodeImage(bytes))], image.size)),
    'graph alone': (one: Contender) => run(one),
  };
  const times = new Map(
    contenders.map(({ name }) => [name, { 'whole query': [], 'graph alone': [] } as Times]),
  );
  // The first five rounds allocate and warm caches; they are not counted.
  for (let round = -5; round < rounds; round++) {
    for (const [task, work] of Object.entries(tasks) as [keyof Times, (typeof tasks)['whole query']][]) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const one = contenders[(turn + round + 5) % contenders.length] ?? plain;
        const started = performance.now();
        await work(one);
        if (round >= 0) times.get(one.name)?.[task].push(performance.now() - started);
      }
    }
  }
  const base = times.get(plain.name);
  const ratio = (name: string, task: keyof Times) =>
    pairedRatio(times.get(name)?.[task] ?? [], base?.[task] ?? []);
  console.log(
    `One image query, ${threads} threads, medians of ${rounds} interleaved rounds; ratios are paired.\n`,
  );
  const rows = contenders.map(({ name }) => {
    const cells = (['whole query', 'graph alone'] as const).flatMap((task) => [
      median(times.get(name)?.[task] ?? []).toFixed(2),
      ratio(name, task).toFixed(3),
    ]);
    return [name, ...cells];
  });
  console.log(textTable([['', 'whole query ms', '× plain', 'graph alone ms', '× plain'], ...rows]));
  if (values.json)
    await writeFile(
      values.json,
      `${JSON.stringify({ threads, rounds, timesMs: Object.fromEntries(times) }, null, 2)}\n`,
    );
  await Promise.all(contenders.map(({ session }) => session.close()));
  const slow = others.filter(({ name }) => ratio(name, 'whole query') > Number(values.limit));
  for (const { name } of slow) console.log(`\n${name}: above the limit of ${values.limit}.`);
  return slow.length === 0 ? 0 : 1;
}

interface Times {
  readonly 'whole query': number[];
  readonly 'graph alone': number[];
}

process.exitCode = await main();
