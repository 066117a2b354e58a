import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hashContent, hashFile } from '../../../weights/hash-file.js';
import { OtherRunError } from '../../checkpoint.js';
import { hashParameters } from '../../hash-parameters.js';
import { keepSettings, type RunSettings } from '../../run-settings.js';
import type { BaseCorpus } from './base-corpus.js';
import type { TrainBaseOptions, TrainBaseSizes } from './base-options.js';

/** Views, tokenizer and stages of a work folder are taken as they lie, so they must be of the very run that goes on.
 *  @returns all that decides the weights.
 *  @throws {OtherRunError} for the work folder of another run, or of a version that noted no settings. */
export async function requireOwnWork(options: TrainBaseOptions, sizes: TrainBaseSizes): Promise<RunSettings> {
  const { corpus, teacher, work, from, seed, textSteps, imageSteps, tuneSteps } = options;
  const settings = {
    corpus: await describeCorpus(corpus),
    teacher: hashContent(teacher),
    from: from
      ? hashContent(JSON.stringify([from.config, from.tokenizer, hashParameters(from.weights)]))
      : null,
    ...{ seed, textSteps, imageSteps, tuneSteps, sizes },
  };
  const begun = ['views', 'tokenizer.json', 'text.safetensors'].some((name) => existsSync(join(work, name)));
  await keepSettings(
    join(work, 'settings.json'),
    settings,
    begun,
    (difference) => new OtherRunError(work, difference),
  );
  return settings;
}

/** Pictures by their content, so that the folders may move. */
async function describeCorpus({ paths, captions, passes }: BaseCorpus): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([captions, passes]));
  // A picture that is missing is told by its name when its views are made.
  for (const path of paths) hash.update(await hashFile(path).catch(() => 'missing'));
  const views = passes.reduce((sum, count) => sum + count, 0);
  return `${paths.length} pictures, ${views} views, ${hash.digest('hex').slice(0, 12)}`;
}
