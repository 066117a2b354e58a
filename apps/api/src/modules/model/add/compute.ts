import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  CoreError,
  type HubOptions,
  loadModel,
  type ModelHub,
  openBackbone,
  openModelHub,
  readBundle,
} from '@freestyle/core';
import { createDualEncoder, isBackbone, isOwnQueryTower } from '@freestyle/core/models';
import type { ComputeRun, ComputeTask } from '../../../platform/jobs/compute-task.js';
import { JobFailure } from '../../../platform/jobs/job-errors.js';
import { folderBytes, linkOrCopy } from '../registry-folder.js';
import type { NewModel } from '../repository.js';
import { FAMILIES, type Family, type ModelSource } from './source.js';

type Hub = Extract<ModelSource, { kind: 'hub' }>;
type Folder = Extract<ModelSource, { kind: 'folder' }>;
type Upload = Extract<ModelSource, { kind: 'upload' }> & { readonly folder: string };

export interface KnownBackbone {
  readonly name: string;
  readonly hash: string;
  readonly dimensions: number;
  /** What opens it. */
  readonly place: string;
}

export interface AddInput {
  readonly source: Hub | Folder | Upload;
  /** Where its files are put together. */
  readonly staged: string;
  readonly hub: HubOptions;
  readonly backbones: readonly KnownBackbone[];
}

export interface AddOutput {
  readonly model: Omit<NewModel, 'encoder' | 'addedBy'>;
}

/** Fetches or copies a model, checks it and tries it once. Nothing is registered that could not be opened. */
export const compute: ComputeTask<AddInput, AddOutput> = async (input, run) => {
  await rm(input.staged, { recursive: true, force: true });
  await mkdir(input.staged, { recursive: true });
  try {
    const { source } = input;
    if (source.kind === 'hub') return { model: await fromHub(source, input, run) };
    const folder = source.kind === 'folder' ? source.path : source.folder;
    const name = source.kind === 'folder' ? basename(source.path) : source.name;
    return { model: await fromFolder(folder, name, input, run) };
  } catch (error) {
    await rm(input.staged, { recursive: true, force: true });
    throw told(error);
  }
};

/** A full disk in words; everything else as it is. */
function told(error: unknown): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
    return new JobFailure('The disk is full. Make room and start it again: it goes on where it stopped.', {
      code: 'DISK_FULL',
      cause: error,
    });
  return error;
}

async function fromHub(source: Hub, input: AddInput, run: ComputeRun): Promise<AddOutput['model']> {
  const [repo = '', revision] = source.repo.split('@');
  const plain = openModelHub(input.hub);
  const { hub, files } = counting(plain, run);
  try {
    const ask = async (file: string) =>
      hub
        .fetch({ repo, file, ...(revision && { revision }) })
        .then(({ path }) => readFile(path, 'utf8'))
        .catch((error: unknown) => {
          if (error instanceof CoreError && error.code === 'HUB_NOT_FOUND') return null;
          throw error;
        });
    run.say(`Asking ${new URL(input.hub.baseUrl ?? 'https://huggingface.co').host} for ${source.repo}`);
    const family = source.family ?? familyOf(await ask('config.json'), await ask('open_clip_config.json'));
    if (family === null)
      throw new JobFailure(
        `${source.repo} is not there, or not a model of a family that can be opened (${FAMILIES.join(', ')}): it has no config.json that says so. Check the name.`,
        { code: 'MODEL_UNKNOWN' },
      );
    run.say(`Fetching ${source.repo}`);
    const backbone = await abortable(openBackbone(`${family}:${source.repo}`, hub), run.signal);
    const card = await ask('README.md');
    run.say('Trying it on one picture and one sentence');
    await tryOnce(await createDualEncoder(backbone, null, { threads: run.threads }), backbone.dimensions);
    for (const [file, path] of files) await linkOrCopy(path, join(input.staged, file));
    return {
      kind: 'BACKBONE',
      name: repo,
      contentHash: backbone.hash,
      spaceHash: backbone.hash,
      dimensions: backbone.dimensions,
      origin: 'HUB',
      source: source.repo,
      format: family,
      licence: licenceOf(card),
      byteSize: await folderBytes(input.staged),
      facts: {
        preprocessing: backbone.image.preprocessing,
        layers: backbone.image.layers,
        width: backbone.image.width,
      },
      card,
    };
  } finally {
    await plain.close();
  }
}

/** A hub that tells how much of all files has come, and remembers which there were. */
function counting(plain: ModelHub, run: ComputeRun) {
  const files = new Map<string, string>();
  const sizes = new Map<string, { done: number; total: number }>();
  const tell = () => {
    const all = [...sizes.values()];
    const sum = (of: 'done' | 'total') => all.reduce((total, one) => total + one[of], 0) / 1024;
    run.progress(Math.floor(sum('done')), Math.ceil(sum('total'))).catch(() => {});
  };
  const hub: ModelHub = {
    async fetch(request) {
      const { file } = request;
      const answer = await plain.fetch({
        ...request,
        onProgress(done, total = done) {
          sizes.set(file, { done, total });
          tell();
        },
      });
      const { size } = await stat(answer.path);
      sizes.set(file, { done: size, total: size });
      tell();
      files.set(file, answer.path);
      return answer;
    },
    close: () => plain.close(),
  };
  return { hub, files };
}

/** Downloads do not listen to a signal: this process ends instead, and the next goes on with what came. */
const abortable = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
  ]);

function familyOf(config: string | null, openClip: string | null): Family | null {
  const type = modelType(config);
  if (type === 'clip') return 'clip';
  if (type?.startsWith('siglip')) return 'siglip';
  if (type?.startsWith('blip')) return 'blip';
  return openClip === null ? null : 'clip';
}

function modelType(config: string | null): string | null {
  try {
    const { model_type: type } = JSON.parse(config ?? '{}') as { model_type?: unknown };
    return typeof type === 'string' ? type : null;
  } catch {
    return null;
  }
}

/** `license:` of a card's front matter. */
const licenceOf = (card: string | null): string | null =>
  /^---\n[\s\S]*?^license:\s*['"]?([\w.-]+)/m.exec(card ?? '')?.[1] ?? null;

async function fromFolder(
  folder: string,
  name: string,
  input: AddInput,
  run: ComputeRun,
): Promise<AddOutput['model']> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new JobFailure(`${folder} is no folder that can be read.`, { code: 'FOLDER_UNREADABLE', cause });
  });
  if (names.includes('manifest.json')) return fromBundle(folder, input, run);
  const read = (file: string) => readFile(join(folder, file), 'utf8').catch(() => null);
  const family = familyOf(await read('config.json'), await read('open_clip_config.json'));
  if (family === null)
    throw new JobFailure(
      `${name} is no model that can be opened: expected a bundle (manifest.json), or a config.json of the families ${FAMILIES.join(', ')}, or an open_clip_config.json; got ${names.slice(0, 8).join(', ') || 'an empty folder'}.`,
      { code: 'MODEL_UNKNOWN' },
    );
  run.say('Reading its weights');
  await copyFiles(folder, names, input.staged, run);
  const backbone = await openBackbone(`${family}:${input.staged}`);
  await tryOnce(await createDualEncoder(backbone, null, { threads: run.threads }), backbone.dimensions);
  const card = await read('README.md');
  return {
    kind: 'BACKBONE',
    name,
    contentHash: backbone.hash,
    spaceHash: backbone.hash,
    dimensions: backbone.dimensions,
    ...originOf(input),
    format: family,
    licence: licenceOf(card),
    byteSize: await folderBytes(input.staged),
    facts: {
      preprocessing: backbone.image.preprocessing,
      layers: backbone.image.layers,
      width: backbone.image.width,
    },
    card,
  };
}

const originOf = ({ source }: AddInput): Pick<NewModel, 'origin' | 'source'> =>
  source.kind === 'folder'
    ? { origin: 'FOLDER', source: source.path }
    : { origin: 'UPLOAD', source: source.kind === 'upload' ? source.name : null };

async function copyFiles(
  folder: string,
  names: readonly string[],
  to: string,
  run: ComputeRun,
): Promise<void> {
  for (const [i, name] of names.entries()) {
    run.signal.throwIfAborted();
    if (!(await stat(join(folder, name))).isFile()) continue;
    // A copy: what lies in the registry must not change when somebody writes into their own folder.
    await cp(join(folder, name), join(to, name));
    await run.progress(i + 1, names.length);
  }
}

async function fromBundle(folder: string, input: AddInput, run: ComputeRun): Promise<AddOutput['model']> {
  run.say('Checking its files against their hashes');
  const given = await readBundle(folder);
  await copyFiles(folder, ['manifest.json', ...Object.keys(given.manifest.files)], input.staged, run);
  const bundle = await readBundle(input.staged);
  const { manifest } = bundle;
  const common = {
    name: manifest.name,
    contentHash: bundle.hash,
    dimensions: manifest.dimensions,
    ...originOf(input),
    format: 'bundle',
    licence: manifest.licence,
    byteSize: await folderBytes(input.staged),
    facts: {
      config: manifest.config,
      training: manifest.training,
      evaluation: manifest.evaluation,
      preprocessing: manifest.preprocessing,
    },
  };
  if (isBackbone(bundle)) {
    await tryOnce(await loadModel(input.staged, { threads: run.threads }), manifest.dimensions);
    return { ...common, kind: 'BACKBONE', spaceHash: bundle.hash };
  }
  if (!isOwnQueryTower(bundle) && manifest.modelType !== 'freestyle-query')
    throw new JobFailure(
      `"${manifest.name}" is a bundle of the type "${manifest.modelType}", which is neither a backbone nor a query encoder.`,
      { code: 'MODEL_UNKNOWN' },
    );
  const backbone = backboneOf(manifest, input.backbones);
  const model = await loadModel(backbone.place, { query: input.staged, threads: run.threads });
  await tryOnce(model, backbone.dimensions);
  return { ...common, kind: 'QUERY_ENCODER', spaceHash: backbone.hash };
}

type Manifest = Awaited<ReturnType<typeof readBundle>>['manifest'];

function backboneOf(manifest: Manifest, backbones: readonly KnownBackbone[]): KnownBackbone {
  const { name, backbone, dimensions } = manifest;
  const found = backbones.find(({ hash }) => hash === backbone?.hash);
  if (found === undefined)
    throw new JobFailure(
      `The query encoder "${name}" was made for the backbone "${backbone?.name}" (${backbone?.hash.slice(0, 12)}), which is not here; there are ${backbones.map((one) => `${one.name} (${one.hash.slice(0, 12)})`).join(', ') || 'none'}. Add that backbone first.`,
      { code: 'BUNDLE_MISMATCH' },
    );
  if (found.dimensions !== dimensions)
    throw new JobFailure(
      `The query encoder "${name}" gives vectors of ${dimensions} dimensions, its space "${found.name}" has ${found.dimensions}.`,
      { code: 'BUNDLE_MISMATCH' },
    );
  return found;
}

/** A picture and a sentence through both towers. @throws {JobFailure} where no finite vector of that length comes. */
async function tryOnce(model: Awaited<ReturnType<typeof loadModel>>, dimensions: number): Promise<void> {
  try {
    const picture = {
      width: 32,
      height: 32,
      data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => i % 251),
    };
    const [image, [query], [text]] = await Promise.all([
      model.encodeImages([picture]),
      model.encodeQueries([picture]),
      model.encodeTexts(['a dog on a beach']),
    ]);
    for (const [what, vector] of [
      ['photo', image[0]],
      ['query', query?.vector],
      ['text', text],
    ] as const)
      if (vector?.length !== dimensions || !vector.every(Number.isFinite))
        throw new JobFailure(
          `${model.name} gave no vector of ${dimensions} numbers for a ${what}, got ${vector?.length ?? 'none'}.`,
          { code: 'MODEL_UNUSABLE' },
        );
  } finally {
    await model.close();
  }
}
