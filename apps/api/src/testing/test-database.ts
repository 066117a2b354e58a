import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Database, openDatabase } from '../platform/database/open-database.js';
import { copyTemplate, createTestDatabase, temporaryFolder } from './test-server.js';

export interface OpenTestDatabase extends Database {
  dispose(): Promise<void>;
}

/** A migrated database of its own without a server, for tests of repositories. */
export async function openTestDatabase(): Promise<OpenTestDatabase> {
  const folder = await temporaryFolder();
  const native = await createTestDatabase();
  const dataDir = join(folder, 'data');
  if (native === null) await copyTemplate(dataDir);
  const database = await openDatabase({ dataDir, databaseUrl: native?.url }, pino({ level: 'silent' }));
  return {
    ...database,
    async dispose() {
      await database.close();
      await native?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A content hash of its own for each name. */
export const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex');
