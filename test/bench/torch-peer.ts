import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Contender, type Problem, training } from './image-encoder.js';

/** PyTorch in a process of its own, with the same weights and pictures. Its times are measured inside it. */
export interface TorchPeer extends Contender {
  embed(): Promise<Float32Array>;
  losses(): Promise<number[]>;
  timed(task: 'forward' | 'step'): Promise<number>;
}

export async function startTorch(python: string, problem: Problem): Promise<TorchPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'freestyle-bench-'));
  const description = await writeProblem(join(folder, 'numbers'), problem);
  const script = fileURLToPath(new URL('./torch_peer.py', import.meta.url));
  const child = spawn(python, ['-W', 'ignore', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ask = conversation(child);
  const { torch } = await ask(description);
  const timed = async (task: 'forward' | 'step') => Number((await ask({ task })).ms);
  return {
    name: `PyTorch ${torch}`,
    timed,
    embed: async () => Float32Array.from((await ask({ task: 'embed' })).embedding as number[]),
    losses: async () => (await ask({ task: 'losses' })).losses as number[],
    forward: async () => void (await timed('forward')),
    step: async () => void (await timed('step')),
    close: async () => {
      child.stdin?.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** All numbers in one file, and where each lies in it. */
async function writeProblem(file: string, problem: Problem): Promise<object> {
  const chunks: Uint8Array[] = [];
  let start = 0;
  const place = ({ data, shape }: { data: ArrayBufferView; shape: readonly number[] }) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    chunks.push(bytes);
    start += bytes.length;
    return { start: start - bytes.length, bytes: bytes.length, shape };
  };
  const entries = [...problem.weights].map(([name, weight]) => [name.replace(/^image\./, ''), place(weight)]);
  const { config, threads } = problem;
  const description = {
    file,
    threads,
    training,
    image: config.image,
    embedding: config.embedding,
    weights: Object.fromEntries(entries),
    target: place(problem.target),
    pixels: place(problem.pixels),
  };
  await writeFile(file, chunks);
  return description;
}

/** One JSON line out, one JSON line back. */
function conversation(child: ChildProcess): (request: object) => Promise<Record<string, unknown>> {
  if (!child.stdout || !child.stdin) throw new Error('torch peer: no pipes');
  const { stdin } = child;
  const waiting: { resolve: (line: Record<string, unknown>) => void; reject: (reason: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.on('close', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`torch peer ended with ${code}`));
  });
  return (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      stdin.write(`${JSON.stringify(request)}\n`);
    });
}
