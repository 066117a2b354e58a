import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importFrom } from '../../../../testing/import-client.js';
import { jpeg, patches } from '../../../../testing/pictures.js';
import { startTestServer, type TestServer } from '../../../../testing/test-server.js';
import { zipBytes } from '../../../../testing/zip-bytes.js';

let server: TestServer;
const MIB = 1024 * 1024;

beforeAll(async () => {
  // Small enough to be reached in a test; the ratio is the one that the product has.
  const archiveLimits = {
    maxEntryBytes: 4 * MIB,
    ratioFromBytes: MIB,
    maxTotalBytes: 40 * MIB,
    maxEntries: 60,
  };
  server = await startTestServer({ archiveLimits });
});
afterAll(() => server.dispose());

const at = (name: string) => join(server.folder, name);
const photo = (seed: number) => jpeg(patches(seed));
const staged = () => readdir(join(server.folder, 'data', 'staging')).catch(() => []);

async function writeZip(name: string, entries: Parameters<typeof zipBytes>[0]): Promise<string> {
  await writeFile(at(name), zipBytes(entries));
  return at(name);
}

type TarEntry = { name: string; type?: 'file' | 'symlink' | 'link' | 'character-device'; linkname?: string };

async function writeTar(
  name: string,
  entries: readonly (TarEntry & { content?: Uint8Array })[],
): Promise<string> {
  const tar = pack();
  for (const { content, ...header } of entries) {
    if (content) tar.entry(header, Buffer.from(content));
    else tar.entry(header);
  }
  tar.finalize();
  const out = createWriteStream(at(name));
  await (name.endsWith('gz') ? pipeline(tar, createGzip(), out) : pipeline(tar, out));
  return at(name);
}

describe('a zip file', () => {
  it('is imported; names that lead out, links, devices and what packs too tight are refused one by one', async () => {
    const path = await writeZip('hostile.zip', [
      { name: 'holiday/a.jpg', content: await photo(1) },
      { name: 'holiday/日本語 ünï مرحبا 🙂.jpg', content: await photo(2) },
      { name: '../../escaped.jpg', content: await photo(3) },
      { name: '../line\u2028end.jpg', content: await photo(3) },
      { name: 'holiday/../../../escaped.jpg', content: await photo(3) },
      { name: '..\\..\\escaped.jpg', content: await photo(3) },
      { name: '/tmp/freestyle-escaped.jpg', content: await photo(3) },
      { name: 'C:\\escaped.jpg', content: await photo(3) },
      { name: 'passwd.jpg', content: '/etc/passwd', mode: 0o120777 },
      { name: 'device.jpg', content: '', mode: 0o020666 },
      { name: 'zeros.jpg', content: Buffer.alloc(3 * MIB) },
      { name: 'huge.jpg', content: Buffer.alloc(5 * MIB) },
      { name: 'holiday/a.jpg', content: await photo(4) },
      { name: 'damaged.jpg', content: await photo(5), checksum: 1234 },
      { name: `${'x'.repeat(300)}.jpg`, content: await photo(6) },
      { name: '__MACOSX/._a.jpg', content: 'clutter' },
    ]);
    const done = await importFrom(server, { path });
    expect(done).toMatchObject({ state: 'SUCCEEDED', total: 15, done: 15 });
    expect(done.codes).toEqual({
      '../../escaped.jpg': 'PATH_OUTSIDE',
      '../line\u2028end.jpg': 'PATH_OUTSIDE',
      'holiday/../../../escaped.jpg': 'PATH_OUTSIDE',
      // A slash either way, as zip has it.
      '/tmp/freestyle-escaped.jpg': 'PATH_OUTSIDE',
      'C:/escaped.jpg': 'PATH_OUTSIDE',
      'passwd.jpg': 'LINK_IN_ARCHIVE',
      'device.jpg': 'NOT_A_FILE',
      'zeros.jpg': 'PACKED_TOO_TIGHT',
      'huge.jpg': 'TOO_LARGE',
      'holiday/a.jpg': 'LISTED_TWICE',
      'damaged.jpg': 'ARCHIVE_DAMAGED',
      [`${'x'.repeat(300)}.jpg`]: 'NAME_TOO_LONG',
    });
    expect(done.rejects.every(({ reason }) => reason.length > 10)).toBe(true);
    expect(done.dataset.imageCount).toBe(2);
    expect(existsSync(at('escaped.jpg')) || existsSync('/tmp/freestyle-escaped.jpg')).toBe(false);
    expect(await readdir(server.folder)).not.toContain('escaped.jpg');
    expect(await staged()).toEqual([]);
  });

  it('that is a dataset in a folder of its own is read by its manifest, and again adds nothing', async () => {
    const record = (value: unknown) => `${JSON.stringify(value)}\n`;
    const path = await writeZip('dataset.zip', [
      {
        name: 'pets/manifest.jsonl',
        content:
          record({ kind: 'query', style: 'sketch', file: 'sketch/a.png', target: 'images/a.jpg' }) +
          record({ kind: 'image', file: 'images/a.jpg', captions: ['a cat'], class: 'cat' }),
      },
      { name: 'pets/images/a.jpg', content: await photo(20) },
      { name: 'pets/sketch/a.png', content: await photo(21) },
    ]);
    const first = await importFrom(server, { path });
    expect(first).toMatchObject({
      state: 'SUCCEEDED',
      total: 2,
      states: { EMBEDDED: 1, STORED: 1 },
      dataset: { imageCount: 1, queryCount: 1 },
    });
    const second = await importFrom(server, { path });
    expect(second.datasetId).toBe(first.datasetId);
    expect(second).toMatchObject({ total: 2, states: { EMBEDDED: 1, STORED: 1 }, dataset: first.dataset });
  });

  it.each<[string, () => Promise<Buffer> | Buffer, RegExp]>([
    [
      'encrypted',
      async () => zipBytes([{ name: 'a.jpg', content: await photo(30), flags: 0x801 }]),
      /encrypted/,
    ],
    [
      'cut short',
      async () => zipBytes([{ name: 'a.jpg', content: await photo(31) }]).subarray(0, 200),
      /damaged/,
    ],
    ['no zip at all', () => Buffer.from('this is no archive, only words'), /damaged/],
    ['a bomb of many files', () => zipBytes(manyZeros(50)), /more than \d+ (times|bytes)/],
    ['of too many files', () => zipBytes(manyZeros(70, 10)), /more than 60 entries/],
  ])('that is %s fails with one clear line and leaves nothing behind', async (name, make, message) => {
    const path = at(`${name}.zip`);
    await writeFile(path, await make());
    const done = await importFrom(server, { path });
    expect(done.state).toBe('FAILED');
    expect(done.message).toMatch(message);
    expect(done.message).not.toContain('\n');
    expect(done.dataset.imageCount).toBe(0);
    expect(await staged()).toEqual([]);
  });
});

const manyZeros = (count: number, bytes = MIB - 1) =>
  Array.from({ length: count }, (_, i) => ({ name: `${i}.jpg`, content: Buffer.alloc(bytes) }));

describe('a tar file', () => {
  it.each(['plain.tar', 'packed.tar.gz', 'packed.tgz'])(
    'is imported as %s, without what leads out of it',
    async (name) => {
      const path = await writeTar(name, [
        { name: 'a.jpg', content: await photo(40) },
        { name: '../escaped.jpg', content: await photo(41) },
        { name: '/escaped.jpg', content: await photo(41) },
        { name: 'link.jpg', type: 'symlink', linkname: '/etc/passwd' },
        { name: 'hard.jpg', type: 'link', linkname: '/etc/passwd' },
        { name: 'device.jpg', type: 'character-device' },
        { name: 'large.jpg', content: Buffer.alloc(5 * MIB) },
        { name: 'a.jpg', content: await photo(42) },
        { name: 'below/b.jpg', content: await photo(43) },
      ]);
      const done = await importFrom(server, { path });
      expect(done).toMatchObject({ state: 'SUCCEEDED', total: 9, done: 9, dataset: { imageCount: 2 } });
      expect(done.codes).toEqual({
        '../escaped.jpg': 'PATH_OUTSIDE',
        '/escaped.jpg': 'PATH_OUTSIDE',
        'link.jpg': 'LINK_IN_ARCHIVE',
        'hard.jpg': 'PATH_OUTSIDE',
        'device.jpg': 'NOT_A_FILE',
        'large.jpg': 'TOO_LARGE',
        'a.jpg': 'LISTED_TWICE',
      });
      expect(existsSync(at('escaped.jpg'))).toBe(false);
    },
  );

  it.each<[string, (whole: Buffer) => Buffer]>([
    ['cut.tar', (whole) => whole.subarray(0, 700)],
    ['cut.tar.gz', (whole) => whole.subarray(0, whole.length / 2)],
    ['words.tar', () => Buffer.from('this is no archive'.repeat(100))],
  ])('that is damaged fails with one clear line: %s', async (name, harm) => {
    const whole = await writeTar(`whole-${name}`, [{ name: 'a.jpg', content: await photo(50) }]);
    const { readFile } = await import('node:fs/promises');
    await writeFile(at(name), harm(await readFile(whole)));
    const done = await importFrom(server, { path: at(name) });
    expect(done).toMatchObject({ state: 'FAILED', dataset: { imageCount: 0 } });
    expect(done.message).toMatch(/damaged|no tar/);
    expect(await staged()).toEqual([]);
  });
});

it('an archive that came alone from the browser is opened', async () => {
  const { data } = await server.query<{ beginUpload: { session: { id: string; uploadKey: string } } }>(
    `mutation { beginUpload(input: { name: "From a browser", fileCount: 1, byteCount: 1000 }) {
       ... on BeginUploadSuccess { session { id uploadKey } } } }`,
  );
  const session = data?.beginUpload.session;
  const folder = join(server.folder, 'data', 'incoming', session?.uploadKey ?? '', 'files');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'two.zip'), zipBytes([{ name: 'x.jpg', content: await photo(60) }]));
  const done = await importFrom(server, { uploadSessionId: session?.id });
  expect(done).toMatchObject({ state: 'SUCCEEDED', total: 1, dataset: { imageCount: 1 } });
});
