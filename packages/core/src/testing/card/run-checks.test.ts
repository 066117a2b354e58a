import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

/** Debian's chromium brings a Vulkan driver in software: slow, correct, no card needed. */
const SOFTWARE_VULKAN = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** Those that have a form of their own for cards, and those that carry the models; `npm run test:gpu` checks all. */
const OPERATORS = 'Conv,Gemm,FusedMatMul,LayerNormalization,Softmax,LogSoftmax,ReduceSum';

/** Runs `npm run test:gpu`'s checks in a process of their own. @returns its last line. */
async function runChecks(environment: NodeJS.ProcessEnv, ...args: string[]) {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [file('../run-typescript.mjs'), file('./run-checks.ts'), ...args],
    { env: { ...process.env, ...environment } },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

describe('checks of a graphics card', () => {
  test('hold on the processor itself', async () => {
    const args = ['--provider', 'cpu', '--parts', 'towers,training', '--steps', '10'];
    expect(await runChecks({}, ...args)).toEqual({ provider: 'cpu', failed: [], elsewhere: [] });
  }, 120_000);

  test.skipIf(!existsSync(SOFTWARE_VULKAN))(
    `every tower and ten training steps on webgpu agree with the processor, and nothing runs elsewhere (needs ${SOFTWARE_VULKAN})`,
    async () => {
      const environment = {
        VK_ICD_FILENAMES: SOFTWARE_VULKAN,
        LD_LIBRARY_PATH: dirname(SOFTWARE_VULKAN),
        XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
      };
      const args = ['--provider', 'webgpu', '--operators', OPERATORS, '--steps', '20'];
      expect(await runChecks(environment, ...args)).toEqual({
        provider: 'webgpu',
        failed: [],
        elsewhere: [],
      });
    },
    // Shaders are compiled and run by one processor.
    600_000,
  );
});
