import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CoreError } from '../errors.js';
import { atomicWrite } from './atomic-write.js';
import { type BundleManifest, bundleManifestSchema } from './bundle-manifest.js';
import { hashContent, hashFile } from './hash-file.js';
import { readSafetensors } from './read-safetensors.js';
import type { ReadWeightsOptions, TensorMap } from './tensor-map.js';

const MANIFEST = 'manifest.json';

/** A bundle that is damaged or incomplete. */
export class BundleError extends CoreError {
  constructor(folder: string, problem: string, cause?: unknown) {
    super('BUNDLE_INVALID', `model bundle ${folder}: ${problem}`, { folder }, cause);
  }
}

/** A bundle that was made for another backbone than the one it is asked to work with. */
export class BundleMismatchError extends CoreError {
  constructor(bundle: string, expected: { name: string; hash: string }, got: { name: string; hash: string }) {
    super(
      'BUNDLE_MISMATCH',
      `model bundle "${bundle}" was made for the backbone "${expected.name}" (${expected.hash.slice(0, 12)}), ` +
        `not for "${got.name}" (${got.hash.slice(0, 12)}); take the bundle trained for that backbone, or load its own backbone`,
      { bundle, expected, got },
    );
  }
}

/** A model bundle whose files were all checked against their hashes. */
export interface ModelBundle {
  readonly folder: string;
  readonly manifest: BundleManifest;
  /** SHA-256 of everything that decides the bundle's vectors: type, shape, preprocessing and files,
   *  but not its scores or licence, so that measuring it again does not make it another model. */
  readonly hash: string;
  /** Path of one of its files. @throws {BundleError} for a file the manifest does not list. */
  path(file: string): string;
  tensors(file: string, options?: ReadWeightsOptions): Promise<TensorMap>;
}

/** Opens a bundle folder and checks its manifest and every file's size and SHA-256.
 *  @throws {BundleError} naming the first file that is missing or changed. */
export async function readBundle(folder: string): Promise<ModelBundle> {
  const manifest = await readManifest(folder);
  for (const [file, expected] of Object.entries(manifest.files)) await assertFile(folder, file, expected);
  const path = (file: string): string => {
    if (!Object.hasOwn(manifest.files, file))
      throw new BundleError(folder, `its manifest lists no file "${file}"`);
    return join(folder, file);
  };
  return {
    folder,
    manifest,
    hash: bundleHash(manifest),
    path,
    tensors: (file, options) => readSafetensors(path(file), options),
  };
}

/** Hashes files already lying in `folder` and writes the manifest over them, last and atomically:
 *  a folder without a manifest is a bundle that was never finished. */
export async function writeBundle(
  folder: string,
  manifest: Omit<BundleManifest, 'format' | 'version' | 'files'>,
  files: readonly string[],
): Promise<ModelBundle> {
  const listed: BundleManifest['files'] = {};
  for (const file of [...files].sort()) {
    const path = join(folder, file);
    listed[file] = { sha256: await hashFile(path), bytes: (await stat(path)).size };
  }
  const full = parseManifest(folder, { format: 'freestyle-bundle', version: 1, ...manifest, files: listed });
  await atomicWrite(join(folder, MANIFEST), async (file) => {
    await file.writeFile(`${JSON.stringify(full, null, 2)}\n`);
  });
  return readBundle(folder);
}

/** Refuses a bundle that was trained beside another backbone: its vectors would mean nothing there.
 *  @throws {BundleMismatchError} */
export function assertBundleFits(bundle: ModelBundle, backbone: { name: string; hash: string }): void {
  const expected = bundle.manifest.backbone;
  if (expected && expected.hash !== backbone.hash) {
    throw new BundleMismatchError(bundle.manifest.name, expected, backbone);
  }
}

async function readManifest(folder: string): Promise<BundleManifest> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8');
  } catch (cause) {
    throw new BundleError(
      folder,
      `no readable ${MANIFEST}; not a bundle, or one that was never finished`,
      cause,
    );
  }
  try {
    return parseManifest(folder, JSON.parse(text));
  } catch (cause) {
    if (cause instanceof BundleError) throw cause;
    throw new BundleError(folder, `${MANIFEST} is not JSON`, cause);
  }
}

function parseManifest(folder: string, json: unknown): BundleManifest {
  const parsed = bundleManifestSchema.safeParse(json);
  if (!parsed.success) throw new BundleError(folder, `${MANIFEST}: ${z.prettifyError(parsed.error)}`);
  const { tokenizer, files } = parsed.data;
  if (tokenizer !== null && !Object.hasOwn(files, tokenizer)) {
    throw new BundleError(
      folder,
      `${MANIFEST} names the tokenizer "${tokenizer}" but does not list that file`,
    );
  }
  return parsed.data;
}

async function assertFile(
  folder: string,
  file: string,
  expected: { sha256: string; bytes: number },
): Promise<void> {
  const path = join(folder, file);
  const size = await stat(path).then(
    (info) => info.size,
    (cause: unknown) => {
      throw new BundleError(folder, `"${file}" is missing`, cause);
    },
  );
  if (size !== expected.bytes) {
    throw new BundleError(
      folder,
      `"${file}" has ${size} bytes, expected ${expected.bytes}; fetch the bundle again`,
    );
  }
  const got = await hashFile(path);
  if (got !== expected.sha256) {
    throw new BundleError(
      folder,
      `"${file}" was changed: its sha256 is ${got}, expected ${expected.sha256}; fetch the bundle again`,
    );
  }
}

function bundleHash(manifest: BundleManifest): string {
  const { modelType, backbone, dimensions, config, preprocessing, tokenizer, files } = manifest;
  return hashContent(
    canonicalJson({
      modelType,
      backbone: backbone?.hash ?? null,
      dimensions,
      config,
      preprocessing,
      tokenizer,
      files,
    }),
  );
}

/** JSON with keys in order at every level, so that equal manifests hash equally. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
