import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Graph } from '../onnx/graph.js';
import { createSession, type HostTensor, type Provider } from './session.js';

/** Where one operator of a graph really ran. */
export interface Placement {
  readonly operator: string;
  /** The runtime's own name, such as `CUDAExecutionProvider`. */
  readonly provider: string;
}

export interface ProfiledRun {
  readonly results: Readonly<Record<string, HostTensor>>;
  readonly placements: readonly Placement[];
}

/** The runtime's names of its providers, as they stand in a profile. */
export const executionProviderName: Readonly<Record<Provider, string>> = {
  cpu: 'CPUExecutionProvider',
  cuda: 'CUDAExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
};

/** A profile is a list of trace events; those of kernels carry the operator and who executed it. */
const eventsSchema = z.array(
  z.object({
    cat: z.string().optional(),
    args: z.object({ op_name: z.string().optional(), provider: z.string().optional() }).optional(),
  }),
);

/** Runs a graph once with the runtime's profiler on and reads from its profile which provider executed each
 *  operator. The runtime hands what a provider lacks to the CPU without a word: only this tells.
 *  @throws {RuntimeFailure} if the provider refuses the graph or the run. */
export async function runProfiled(
  model: Graph | Uint8Array,
  feeds: Readonly<Record<string, HostTensor>>,
  provider: Provider,
): Promise<ProfiledRun> {
  // A folder of its own: the runtime names the file by the second.
  const folder = await mkdtemp(join(tmpdir(), 'freestyle-profile-'));
  try {
    const session = await createSession(model, { provider, profilePrefix: join(folder, 'profile') });
    try {
      const results = await session.run(feeds);
      session.endProfiling();
      return { results, placements: await readPlacements(folder) };
    } finally {
      await session.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readPlacements(folder: string): Promise<Placement[]> {
  const placements: Placement[] = [];
  for (const file of await readdir(folder)) {
    const events = eventsSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    for (const { cat, args } of events) {
      if (cat !== 'Node' || !args?.provider) continue;
      placements.push({ operator: args.op_name ?? 'unknown', provider: args.provider });
    }
  }
  return placements;
}
