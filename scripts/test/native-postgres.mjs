import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Runs something with the address of a native PostgreSQL: the one that FREESTYLE_TEST_DATABASE_URL names, or one
 *  that is started for it and ended after it.
 *  @template T
 *  @param {string} root @param {(url: string) => Promise<T>} use
 *  @param {(reason: string) => T} otherwise where none can be had
 *  @returns {Promise<T>} */
export async function withPostgres(root, use, otherwise) {
  const given = process.env.FREESTYLE_TEST_DATABASE_URL;
  if (given) return use(given);
  const script = join(root, 'scripts', 'postgres.mjs');
  if (!existsSync(script)) return otherwise('scripts/postgres.mjs is missing');
  const { startPostgres } = await import(pathToFileURL(script).href);
  let postgres;
  try {
    postgres = await startPostgres();
  } catch (error) {
    return otherwise(error instanceof Error ? error.message.split('\n')[0] : String(error));
  }
  try {
    return await use(postgres.url);
  } finally {
    await postgres.stop();
  }
}
