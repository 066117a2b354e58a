import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isImageName } from './file-index.js';
import { createFileNamer } from './file-namer.js';

const namer = () => createFileNamer(['manifest.jsonl'], isImageName);
const one = (wanted: string) => namer().name(wanted, 'jpg');

describe('a file namer', () => {
  it.each([
    'a.jpg',
    'images/dog/0001.JPEG',
    'Straße 7/été — ü.png',
    '写真/猫.webp',
    'صور/قطة.jpg',
    'with space/a (1).jpg',
    "it's #1 & more.png",
  ])('keeps %s as it is', (name) => expect(one(name)).toBe(name));

  it.each([
    ['../../etc/passwd.jpg', '_/_/etc/passwd.jpg'],
    ['/etc/a.jpg', 'etc/a.jpg'],
    ['C:\\Users\\a.jpg', 'C__Users_a.jpg'],
    ['a\u0000b\nc.jpg', 'a_b_c.jpg'],
    ['a/../b.jpg', 'a/_/b.jpg'],
    ['con/NUL.jpg', '_con/_NUL.jpg'],
    ['.hidden/.a.jpg', '_hidden/_a.jpg'],
    ['evil\u202egpj.jpg', 'evil_gpj.jpg'],
    ['folder /a.jpg', 'folder_/a.jpg'],
    ['', 'picture.jpg'],
    ['...', '_.jpg'],
    ['noextension', 'noextension.jpg'],
    ['notes.txt', 'notes.txt.jpg'],
    ['manifest.jsonl', 'manifest.jsonl.jpg'],
  ])('makes %j safe', (wanted, safe) => {
    const name = one(wanted);
    expect(name).toBe(safe);
    expect(posix.normalize(name)).toBe(name);
  });

  it('gives no name twice on systems that do not tell case or composition apart', () => {
    const { name } = namer();
    expect(['a.jpg', 'A.JPG', 'a.jpg', 'é.png', 'e\u0301.png'].map((wanted) => name(wanted, 'jpg'))).toEqual([
      'a.jpg',
      'A-2.JPG',
      'a-3.jpg',
      'é.png',
      'e\u0301-2.png',
    ]);
  });

  it('never gives a file the name of a folder, nor a folder that of a file', () => {
    const { name } = namer();
    expect(name('x.jpg/a.jpg', 'jpg')).toBe('x.jpg/a.jpg');
    expect(name('x.jpg', 'jpg')).toBe('x-2.jpg');
    expect(name('y.jpg', 'jpg')).toBe('y.jpg');
    expect(name('Y.jpg/b.jpg', 'jpg')).toBe('Y.jpg_/b.jpg');
  });

  it('shortens what no file system holds, in whole letters, and keeps the extension', () => {
    const name = one(`${'猫'.repeat(300)}.webp`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    expect(name).toMatch(/^猫+\.webp$/);
    expect(one(`${'a/'.repeat(500)}b.jpg`).split('/')).toHaveLength(24);
  });
});
