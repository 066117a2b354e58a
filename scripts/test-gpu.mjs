#!/usr/bin/env node
// `npm run test:gpu`: holds a graphics card against plain loops and the processor, operator by operator, tower by tower, over ten
// training steps, and watches the memory of a long training. Without a card it runs on the Vulkan driver in software that Debian's
// chromium brings, with fewer steps.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, setUp } from './setup.mjs';

const SOFTWARE = '/usr/lib/chromium/vk_swiftshader_icd.json';
const usage = `npm run test:gpu -- [--provider cuda|webgpu] [--software] [--parts operators,towers,training,memory] [--operators Conv,Gemm] [--steps 1000]
--software: webgpu on ${SOFTWARE}, no card needed`;

const { values } = parseArgs({
  options: {
    provider: { type: 'string', default: 'webgpu' },
    software: { type: 'boolean', default: false },
    parts: { type: 'string' },
    operators: { type: 'string' },
    steps: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
if (values.software && !existsSync(SOFTWARE)) {
  process.stderr.write(`test:gpu: there is no ${SOFTWARE}; Debian's chromium brings it\n`);
  process.exit(2);
}
await setUp(['core']);
const environment = values.software
  ? {
      VK_ICD_FILENAMES: SOFTWARE,
      LD_LIBRARY_PATH: dirname(SOFTWARE),
      XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
    }
  : {};
const source = join(root, 'packages', 'core', 'src', 'testing');
const passed = ['parts', 'operators', 'steps'].flatMap((name) =>
  values[name] === undefined ? [] : [`--${name}`, values[name]],
);
const steps = values.software && values.steps === undefined ? ['--steps', '100'] : [];
const child = spawn(
  process.execPath,
  [
    join(source, 'run-typescript.mjs'),
    join(source, 'card', 'run-checks.ts'),
    '--provider',
    values.provider,
    ...passed,
    ...steps,
  ],
  { stdio: 'inherit', env: { ...process.env, ...environment } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
