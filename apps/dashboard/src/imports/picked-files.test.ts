import { expect, it } from 'vitest';
import { preparePicked } from './picked-files.js';

const picked = (...paths: string[]) =>
  preparePicked(paths.map((path) => ({ path, file: new File(['x'], path.split('/').at(-1) ?? '') })));
const pathsOf = ({ files }: ReturnType<typeof preparePicked>) => files.map(({ path }) => path);

it('a single folder gives its name, and its files are named from inside it, as a folder of the server is', () => {
  const it = picked('pacs/photo/dog/1.jpg', 'pacs/manifest.jsonl');
  expect(it.folderName).toBe('pacs');
  expect(pathsOf(it)).toEqual(['manifest.jsonl', 'photo/dog/1.jpg']);
});

it('several folders, or files beside a folder, keep their whole paths', () => {
  expect(pathsOf(picked('a/1.jpg', 'b/1.jpg'))).toEqual(['a/1.jpg', 'b/1.jpg']);
  expect(pathsOf(picked('a/1.jpg', '2.jpg'))).toEqual(['2.jpg', 'a/1.jpg']);
  expect(picked('1.jpg', '2.jpg').folderName).toBeNull();
});

it('hidden files and what operating systems leave behind are counted, not sent', () => {
  const it = picked('a/.DS_Store', 'a/Thumbs.db', 'a/.git/config', 'a/__MACOSX/._1.jpg', 'a/1.jpg');
  expect(pathsOf(it)).toEqual(['1.jpg']);
  expect(it.passedOver).toBe(4);
});

it('nothing but clutter is nothing to send', () => {
  expect(picked('a/.DS_Store')).toEqual({ files: [], folderName: null, passedOver: 1 });
});
