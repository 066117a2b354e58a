import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { createTokenizer, type Tokenizer, type TokenizerOptions } from './tokenizer.js';
import { TokenizerError } from './tokenizer-error.js';
import type { TokenizerJson } from './tokenizer-json.js';

const tokenizerJsonSchema = z.looseObject({
  version: z.string().default('1.0'),
  added_tokens: z.array(
    z.looseObject({
      id: z.number().int().nonnegative(),
      content: z.string(),
      special: z.boolean().default(false),
      single_word: z.boolean().default(false),
      lstrip: z.boolean().default(false),
      rstrip: z.boolean().default(false),
      normalized: z.boolean().default(false),
    }),
  ),
  normalizer: z.unknown().default(null),
  pre_tokenizer: z.unknown().default(null),
  post_processor: z.unknown().default(null),
  decoder: z.unknown().default(null),
  padding: z.looseObject({ pad_id: z.number().int().nonnegative() }).nullish(),
  model: z.record(z.string(), z.unknown()),
});

/** Checks that parsed JSON has the shape of a `tokenizer.json`.
 *  @throws {TokenizerError} */
export function parseTokenizerJson(json: unknown, where = 'tokenizer.json'): TokenizerJson {
  const parsed = tokenizerJsonSchema.safeParse(json);
  if (!parsed.success)
    throw new TokenizerError(where, `not a tokenizer.json: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Opens a `tokenizer.json`, by path or already parsed; a `tokenizer_config.json` beside the file is heeded.
 *  @throws {TokenizerError} */
export async function loadTokenizer(
  source: string | TokenizerJson,
  options: TokenizerOptions = {},
): Promise<Tokenizer> {
  if (typeof source !== 'string') return createTokenizer(source, options);
  const json = parseTokenizerJson(await readJson(source), source);
  const config = options.config ?? (await readConfigBeside(source));
  return createTokenizer(json, { where: source, ...options, config });
}

async function readConfigBeside(path: string): Promise<Record<string, unknown>> {
  const configPath = join(dirname(path), 'tokenizer_config.json');
  const config = z.record(z.string(), z.unknown()).safeParse(await readJson(configPath, {}));
  if (!config.success) throw new TokenizerError(configPath, 'not a JSON object');
  return config.data;
}

/** Parsed contents of a file; `missing`, where given, stands for a file that is not there. */
async function readJson(path: string, missing?: unknown): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (missing !== undefined && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return missing;
    throw new TokenizerError(
      path,
      `cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TokenizerError(path, 'not JSON', cause);
  }
}
