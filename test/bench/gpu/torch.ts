import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findTorch } from '../find-torch.js';
import type { BenchModel } from './models.js';

/** What PyTorch took on the same card; `error` where it could not. */
export interface TorchTimes {
  readonly name: string;
  readonly batch: number;
  readonly forward?: number;
  readonly step?: number;
  readonly memoryMb?: number;
  readonly error?: string;
}

export interface TorchRequest {
  readonly cases: readonly { readonly model: BenchModel; readonly batch: number }[];
  readonly steps: number;
  readonly repeats: number;
  /** Products with 19-bit factors, as the `cuda` provider multiplies by default. */
  readonly tf32: boolean;
  /** The peer's file, where it does not lie beside this module. */
  readonly script?: string;
}

/** Times the models in PyTorch on the card, case by case. A string says why there is none. */
export async function timeTorch(
  { cases, script, ...rest }: TorchRequest,
  onCase: (times: TorchTimes) => void,
): Promise<string | null> {
  const found = findTorch();
  if ('missing' in found) return found.missing;
  const file = script ?? fileURLToPath(new URL('./torch_peer.py', import.meta.url));
  const asked = {
    ...rest,
    cases: cases.map(({ model, batch }) => ({ name: model.name, model: model.torch, batch })),
  };
  const child = spawn(found.python, ['-W', 'ignore', file, JSON.stringify(asked)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  child.stderr.on('data', (data) => complaints.push(String(data)));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const record = JSON.parse(line);
    if (record.torch) process.stderr.write(`PyTorch ${record.torch} on ${record.card}\n`);
    else onCase(record);
  }
  const code = await ended;
  return code === 0 ? null : (complaints.join('').trim().split('\n').at(-1) ?? `ended with ${code}`);
}
