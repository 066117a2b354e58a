import { readSettings } from '../platform/config/settings.js';
import { backUp, restore } from './backup.js';
import { expectedMessage } from './start-problem.js';

/** `freestyle backup <folder>` and `freestyle restore <folder>`. @returns the exit code. */
export async function backupCommand(
  command: 'backup' | 'restore',
  folder: string | undefined,
  dataDir: string,
): Promise<number> {
  if (folder === undefined) {
    process.stderr.write(`Usage: npm run freestyle -- ${command} <folder> [--data <folder of the data>]\n`);
    return 2;
  }
  try {
    const options = { dataDir, databaseUrl: readSettings().databaseUrl };
    const { tables } = command === 'backup' ? await backUp(options, folder) : await restore(folder, options);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    process.stdout.write(
      `${command === 'backup' ? 'Backed up to' : 'Restored from'} ${folder}: ${rows} rows and their files.\n`,
    );
    return 0;
  } catch (error) {
    const message = expectedMessage(error);
    if (message === null) throw error;
    process.stderr.write(`freestyle: ${message}\n`);
    return 1;
  }
}
