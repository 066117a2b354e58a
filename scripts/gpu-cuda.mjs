#!/usr/bin/env node
// `npm run gpu:cuda`: adds the CUDA libraries to the installed onnxruntime-node and shows that they work. They are not in the npm
// package. Without arguments they come from where its own installer looks; `--from FILE.whl` takes them from the wheel of
// onnxruntime-gpu of the same version.
import { spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { root, setUp } from './setup.mjs';

const usage = `npm run gpu:cuda                       the runtime's own installer fetches the libraries (for CUDA 12)
npm run gpu:cuda -- --from FILE.whl     takes them from a wheel of onnxruntime-gpu (Linux x64) that was fetched before
npm run gpu:cuda -- --from FILE.whl --core   its core library too, where the probe fails without; webgpu is then not there
npm run gpu:cuda -- --probe             only shows whether cuda works`;

const LIBRARIES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];
const IN_WHEEL = 'onnxruntime/capi/';

const fail = (message) => {
  process.stderr.write(`gpu:cuda: ${message}\n`);
  process.exit(2);
};

/** The version in a wheel's name, such as `onnxruntime_gpu-1.30.0-cp312-cp312-manylinux_2_28_x86_64.whl`. */
function versionOf(file) {
  const parts = /^onnxruntime_gpu-([0-9.]+)-.*manylinux.*x86_64\.whl$/.exec(basename(file));
  return parts
    ? parts[1]
    : fail(`${file}: expected a wheel named onnxruntime_gpu-<version>-…manylinux…x86_64.whl`);
}

/** Puts the files of a wheel that `nameOf` gives a name beside the binding; half a file never takes a whole one's place. */
async function unpack(file, folder, nameOf) {
  const yauzl = createRequire(join(root, 'apps', 'api', 'package.json'))('yauzl');
  const zip = await yauzl.openPromise(file, { lazyEntries: true });
  const done = [];
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.startsWith(IN_WHEEL) ? nameOf(entry.fileName.slice(IN_WHEEL.length)) : null;
    if (!name) continue;
    const part = join(folder, `${name}.part`);
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(part));
    renameSync(part, join(folder, name));
    process.stdout.write(`gpu:cuda: ${name}, ${Math.round(entry.uncompressedSize / 2 ** 20)} MB\n`);
    done.push(name);
  }
  return done;
}

async function fromWheel(file, withCore) {
  if (process.platform !== 'linux' || process.arch !== 'x64') fail('the wheel is for Linux on x64');
  if (!existsSync(file)) fail(`there is no file "${file}"`);
  const home = join(root, 'node_modules', 'onnxruntime-node');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  if (versionOf(file) !== version)
    fail(
      `${basename(file)}: onnxruntime-node is ${version} here, and only libraries of the same version fit it`,
    );
  const folder = join(home, 'bin', 'napi-v6', 'linux', 'x64');
  const core = `libonnxruntime.so.${version}`;
  const done = await unpack(file, folder, (name) => {
    if (LIBRARIES.includes(name)) return name;
    return withCore && name === core ? 'libonnxruntime.so.1' : null;
  });
  const missing = LIBRARIES.filter((name) => !done.includes(name));
  if (missing.length > 0) fail(`${basename(file)} does not hold ${missing.join(' and ')}`);
}

function fetched() {
  const { status } = spawnSync(
    'npm',
    ['rebuild', 'onnxruntime-node', '--ignore-scripts=false', '--foreground-scripts'],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'cuda12' } },
  );
  if (status !== 0)
    fail('the installer did not get the libraries; --from FILE.whl takes them from a wheel (docs/gpu.md)');
}

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    core: { type: 'boolean', default: false },
    probe: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
if (values.from) await fromWheel(values.from, values.core);
else if (!values.probe) fetched();
await setUp(['core']);
const { selectProvider } = await import(join(root, 'packages', 'core', 'dist', 'runtime', 'provider.js'));
try {
  process.stdout.write(`gpu:cuda: ${(await selectProvider('cuda')).summary}\n`);
} catch (error) {
  process.stderr.write(`gpu:cuda: ${error.message}\n`);
  process.exitCode = 1;
}
