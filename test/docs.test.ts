import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Paths of the tree that is drawn with indentation, two or three names to a line. */
function drawnPaths(tree: string): string[] {
  const above: { readonly depth: number; readonly path: string }[] = [];
  return tree.split('\n').flatMap((line) => {
    const depth = line.search(/\S/);
    const text = line.trim();
    const [first = ''] = text.split(/\s+/);
    if (!/[/.]/.test(first)) return [];
    while ((above.at(-1)?.depth ?? -1) >= depth) above.pop();
    const parent = above.at(-1)?.path ?? '';
    const path = join(parent, first);
    above.push({ depth, path });
    // `list/ -> read/`: stages, each a folder of the one that is drawn.
    const staged = text.includes('/ ->') ? text : '';
    const stages = [...staged.matchAll(/([a-z-]+\/)(?= ->|$)/g)].map(([stage]) => stage);
    return [path, ...stages.filter((stage) => stage !== first).map((stage) => join(path, stage))];
  });
}

it('every file and folder that the architecture names is there', () => {
  const text = read('docs/architecture.md');
  const [, tree = ''] = text.split('```');
  const named = [...text.replace(tree, '').matchAll(/`((?:apps|packages|test|docs|prisma)\/[^`\s]+)`/g)].map(
    ([, path = '']) => path,
  );
  const drawn = drawnPaths(tree);
  expect(drawn.length).toBeGreaterThan(25);
  expect(named.length).toBeGreaterThan(15);
  expect([...drawn, ...named].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it('the architecture fits on a page', () => {
  expect(read('docs/architecture.md').split('\n').length).toBeLessThan(110);
});

it('the glossary has a line a term, each with its source, and none twice', () => {
  const rows = read('docs/glossary.md')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter((cells) => cells.length !== 3 || cells.some((cell) => cell === ''))).toEqual([]);
  const terms = rows.flatMap(([term = '']) => term.split(', '));
  expect(terms.filter((term, i) => terms.indexOf(term) !== i)).toEqual([]);
});
