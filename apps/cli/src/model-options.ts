import { DEFAULT_MODEL, type EmbeddingModel, type LoadModelOptions, loadModel } from '@freestyle/core/models';
import { type ProviderRequest, selectProvider } from '@freestyle/core/runtime';
import { hubOptionsFrom, openModelHub } from '@freestyle/core/weights';
import { type Command, Option } from 'commander';
import type { CliContext } from './cli-context.js';
import { wholeNumber } from './options.js';

/** Flags of every command that runs a model. */
export interface ModelFlags {
  readonly model: string;
  readonly provider: ProviderRequest;
  readonly threads?: number;
  /** Bundle of a query tower, for commands that take one. */
  readonly query?: string;
}

/** What names a model or its backbone. */
export const MODEL_NAMES =
  'model: a bundled one by name, the folder of a bundle, or clip:, blip: or albef:<folder or owner/name>';

const PROVIDERS: readonly ProviderRequest[] = ['auto', 'cuda', 'webgpu', 'cpu'];

/** Adds `--model`, `--provider` and `--threads` to a command. */
export function addModelOptions(command: Command): Command {
  return command
    .option('--model <name>', MODEL_NAMES, DEFAULT_MODEL)
    .addOption(
      new Option('--provider <name>', 'execution provider; auto takes the best that is seen to work')
        .choices(PROVIDERS)
        .default('auto'),
    )
    .option('--threads <n>', 'threads of the execution provider', wholeNumber(1));
}

/** Loads the model that the flags name and says what really runs it. Close it after use. */
export async function openModel(
  flags: ModelFlags,
  context: CliContext,
  more: Pick<LoadModelOptions, 'symmetric'> = {},
): Promise<EmbeddingModel> {
  const { model: name, threads, query } = flags;
  const { provider } = await selectProvider(flags.provider);
  const hub = openModelHub(hubOptionsFrom(context.env));
  const model = await loadModel(name, {
    ...more,
    provider,
    hub,
    ...(threads === undefined ? {} : { threads }),
    ...(query === undefined ? {} : { query }),
  }).finally(() => hub.close());
  context.note(`Model ${model.name}: ${model.dimensions} dimensions, runs on ${model.provider}.`);
  return model;
}
