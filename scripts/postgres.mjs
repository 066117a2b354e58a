/** A temporary native PostgreSQL with pgvector, for tests and trials. Plain Node.
 *
 *  `node scripts/postgres.mjs` starts one, prints its URL and keeps it until Ctrl-C.
 *  `startPostgres()` does the same for other scripts. Where it cannot be had, both say why. */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const OLDEST = 15;

/** Why no native PostgreSQL can be had here. */
export class PostgresUnavailable extends Error {}

/** Starts a server that nobody else uses, as an unprivileged user, its data in a folder that `stop` deletes.
 *  @param {{ install?: boolean }} [options] `install`: build a missing pgvector from Debian's sources where we may.
 *  @returns {Promise<{ url: string, version: string, stop: () => Promise<void> }>}
 *  @throws {PostgresUnavailable} */
export async function startPostgres({ install = true } = {}) {
  let binaries = findBinaries();
  if (!hasPgvector(binaries)) {
    if (!install) throw new PostgresUnavailable('the extension pgvector is not installed');
    if (!canBuild(binaries)) {
      installBuildPackages(binaries);
      binaries = findBinaries();
    }
    buildPgvector(binaries);
  }
  const owner = unprivilegedUser();
  const folder = mkdtempSync(join(tmpdir(), 'freestyle-postgres-'));
  const stopFiles = () => rmSync(folder, { recursive: true, force: true });
  try {
    const server = await launch(binaries, folder, owner);
    return {
      url: server.url,
      version: binaries.version,
      async stop() {
        await server.stop();
        stopFiles();
      },
    };
  } catch (error) {
    stopFiles();
    throw error;
  }
}

function findBinaries() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((name) => join(debian, name, 'bin')) : [];
  const onPath = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '');
  const found = [...versions.sort().reverse(), ...onPath]
    .filter((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
    .map((bin) => ({ bin, version: versionOf(bin) }))
    .filter(({ version }) => Number.parseInt(version, 10) >= OLDEST);
  if (found.length === 0) {
    throw new PostgresUnavailable(
      `no server binaries of PostgreSQL ${OLDEST} or newer (Debian: apt-get install postgresql)`,
    );
  }
  const best = found[0];
  const config = [join(best.bin, 'pg_config'), 'pg_config'].find(
    (path) => run(path, ['--sharedir']).status === 0,
  );
  return { ...best, config, share: config ? run(config, ['--sharedir']).stdout.trim() : null };
}

const versionOf = (bin) =>
  /(\d+(\.\d+)?)/.exec(run(join(bin, 'postgres'), ['--version']).stdout ?? '')?.[1] ?? '0';

function hasPgvector({ bin, share }) {
  const folders = [share, `/usr/share/postgresql/${bin.split('/').at(-2)}`].filter(
    (folder) => folder !== null,
  );
  return folders.some((folder) => existsSync(join(folder, 'extension', 'vector.control')));
}

const isRoot = () => process.getuid?.() === 0;

function canBuild({ config }) {
  const header = config ? join(run(config, ['--includedir-server']).stdout.trim(), 'postgres.h') : '';
  return existsSync(header) && ['make', 'cc'].every((tool) => run(tool, ['--version']).status === 0);
}

/** The server's headers and a compiler, from Debian's packages. They may bring a newer server with them, so not where
 *  one is running: a test must not restart somebody's database. */
function installBuildPackages({ version }) {
  const packages = ['make', 'gcc', 'libc6-dev', `postgresql-server-dev-${Number.parseInt(version, 10)}`];
  const byHand = `the extension pgvector is not installed; to build it: apt-get install ${packages.join(' ')}`;
  if (!isRoot() || run('apt-get', ['--version']).status !== 0) throw new PostgresUnavailable(byHand);
  if (/\bonline\b/.test(run('pg_lsclusters', ['-h']).stdout ?? ''))
    throw new PostgresUnavailable(`${byHand} (not done here, because a database is running)`);
  process.stderr.write(`Installing the system packages ${packages.join(', ')}, to build pgvector …\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update'], { env });
  run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
  if (!canBuild(findBinaries())) throw new PostgresUnavailable(byHand);
}

/** Debian 12 has no package of it; the sources of Debian 13 build in seconds. */
function buildPgvector({ config }) {
  if (!isRoot() || run('apt-get', ['--version']).status !== 0) {
    throw new PostgresUnavailable(
      'the extension pgvector is not installed, and it cannot be built here (that takes root and apt-get)',
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'freestyle-pgvector-'));
  // Lists of our own: the system's are left as they are.
  const lists = join(folder, 'lists');
  const sources = join(folder, 'sources.list');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  writeFileSync(sources, 'deb-src http://deb.debian.org/debian trixie main\n');
  const apt = [
    '-o',
    `Dir::Etc::sourcelist=${sources}`,
    '-o',
    'Dir::Etc::sourceparts=-',
    '-o',
    `Dir::State::lists=${lists}`,
  ];
  try {
    must('apt-get', [...apt, 'update'], folder);
    must('apt-get', [...apt, 'source', '--download-only', 'pgvector'], folder);
    const archive = readdirSync(folder).find((name) => name.endsWith('.orig.tar.gz'));
    must('tar', ['xf', archive ?? '', '--strip-components=1', '--one-top-level=source'], folder);
    const make = [`PG_CONFIG=${config}`, 'OPTFLAGS='];
    must('make', make, join(folder, 'source'));
    must('make', [...make, 'install'], join(folder, 'source'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function must(command, args, cwd) {
  const result = run(command, args, { cwd });
  if (result.status === 0) return;
  const reason = (result.stderr || String(result.error ?? '')).trim().split('\n').at(-1);
  throw new PostgresUnavailable(`pgvector cannot be built: ${command} ${args.at(-1)} failed: ${reason}`);
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const uid = Number(run('id', ['-u', name]).stdout);
    const gid = Number(run('id', ['-g', name]).stdout);
    if (uid > 0) return { uid, gid };
  }
  throw new PostgresUnavailable(
    'this is root, and there is no user "postgres" or "nobody" to run a server as',
  );
}

async function launch({ bin }, folder, owner) {
  const data = join(folder, 'data');
  const secret = join(folder, 'password');
  const password = randomBytes(16).toString('hex');
  writeFileSync(secret, password);
  chmodSync(secret, 0o600);
  if (owner.uid !== undefined) {
    chownSync(folder, owner.uid, owner.gid);
    chownSync(secret, owner.uid, owner.gid);
  }
  const made = run(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'freestyle',
      `--pwfile=${secret}`,
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ],
    { cwd: folder, ...owner },
  );
  if (made.status !== 0) throw new PostgresUnavailable(`initdb failed: ${made.stderr || made.error}`);
  const port = await freePort();
  const server = spawn(
    join(bin, 'postgres'),
    [
      '-D',
      data,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'fsync=off',
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], ...owner },
  );
  await ready(server);
  return {
    url: `postgresql://freestyle:${password}@127.0.0.1:${port}/postgres`,
    stop: () => stopServer(server),
  };
}

function ready(server) {
  return new Promise((resolve, reject) => {
    let log = '';
    server.once('exit', () =>
      reject(new PostgresUnavailable(`the server did not start: ${log.trim().split('\n').at(-1)}`)),
    );
    server.stderr.on('data', (chunk) => {
      log = `${log}${chunk}`.slice(-4000);
      if (log.includes('ready to accept connections')) resolve();
    });
  });
}

function stopServer(server) {
  return new Promise((resolve) => {
    if (server.exitCode !== null) return resolve();
    server.removeAllListeners('exit');
    server.once('exit', () => resolve());
    // The fast way to stop: open connections are closed.
    server.kill('SIGINT');
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const run = (command, args, options = {}) => spawnSync(command, args, { encoding: 'utf8', ...options });

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const server = await startPostgres();
    process.stdout.write(`${server.url}\n`);
    const stop = () => server.stop().then(() => process.exit(0));
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  } catch (error) {
    process.stderr.write(`No native PostgreSQL: ${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
