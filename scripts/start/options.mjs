import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `Usage: npm start [-- [folder] [options]]

Finds photos by words, sketches, paintings and thumbnails: in the browser and over GraphQL.
Without a folder, and with nothing imported yet, it makes a gallery of drawn scenes to try it with.

  folder             photos to import; again later, only what is new is taken

  --port N           port to listen on (4000; 0 takes any free one)
  --host H           address to listen on (127.0.0.1: this machine only)
  --data DIR         where the database and the pictures are kept (.freestyle in this checkout)
  --model NAME       freestyle-small, the folder of a model bundle, or a real CLIP:
                     clip:<folder> or clip:<owner/name> (freestyle-small, or what was promoted since)
  --provider P       what the model runs on: auto, cpu, cuda or webgpu (auto)
  --help             this text

Environment: DATABASE_URL (a PostgreSQL 15 or later with pgvector instead of the embedded database),
FREESTYLE_ADMIN_EMAIL and FREESTYLE_ADMIN_PASSWORD (the first administrator), FREESTYLE_ADMIN_TOKEN (lets in
whoever has it), FREESTYLE_TRUST_LOOPBACK (1: this machine needs no sign-in all the same),
FREESTYLE_TRUSTED_PROXIES, FREESTYLE_KEEP_DELETED_DAYS (30), FREESTYLE_RECALL_SAMPLE (0),
FREESTYLE_LOG_LEVEL (warn). With --host, somebody must be able to sign in.
`;

const PROVIDERS = ['auto', 'cpu', 'cuda', 'webgpu'];

/** Something on the command line that cannot be; the message says what to write instead. */
export class UsageError extends Error {
  name = 'UsageError';
}

/** @typedef {{ folder: string | null, port: number, host: string, dataDir: string, model: string, modelIsGiven: boolean, provider: string }} StartOptions */

/** Reads the command line; relative paths are meant from `cwd`.
 *  @param {string[]} argv @param {{ root: string, cwd: string }} places
 *  @returns {StartOptions | 'help'} @throws {UsageError} */
export function readOptions(argv, { root, cwd }) {
  const { values, positionals } = parse(argv);
  if (values.help) return 'help';
  if (positionals.length > 1) {
    throw new UsageError(`expected one folder, got ${positionals.length}: ${positionals.join(', ')}`);
  }
  const [folder] = positionals;
  return {
    folder: folder === undefined ? null : path(folder, cwd),
    port: port(values.port ?? '4000'),
    host: filled('--host', values.host ?? '127.0.0.1'),
    dataDir: values.data === undefined ? join(root, '.freestyle') : path(filled('--data', values.data), cwd),
    model: filled('--model', values.model ?? 'freestyle-small'),
    modelIsGiven: values.model !== undefined,
    provider: provider(values.provider ?? 'auto'),
  };
}

function parse(argv) {
  const text = { type: 'string' };
  const options = {
    port: text,
    host: text,
    data: text,
    model: text,
    provider: text,
    help: { type: 'boolean', short: 'h' },
  };
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    // Node's text goes on to explain how to write an argument that begins with a dash.
    throw new UsageError(error.message.split('. ')[0]);
  }
}

function port(text) {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new UsageError(`--port: expected a number from 0 to 65535, got "${text}"`);
}

function provider(name) {
  if (PROVIDERS.includes(name)) return name;
  throw new UsageError(`--provider: expected one of ${PROVIDERS.join(', ')}, got "${name}"`);
}

function filled(flag, text) {
  if (text.trim() === '') throw new UsageError(`${flag}: expected a value`);
  return text;
}

const path = (text, cwd) => resolve(cwd, text.replace(/^~(?=$|[/\\])/, homedir()));
