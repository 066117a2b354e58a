import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { assignSplits } from './assign-splits.js';

const PARTS = [
  { name: 'train', share: 0.8 },
  { name: 'val', share: 0.1 },
  { name: 'test', share: 0.1 },
];
const photos = Array.from({ length: 1000 }, (_, i) => ({
  id: `id ${i}`,
  contentHash: createHash('sha256').update(String(i)).digest('hex'),
}));

const sizes = (assigned: ReadonlyMap<string, string>) =>
  PARTS.map(({ name }) => [...assigned.values()].filter((one) => one === name).length);

describe('splits', () => {
  it('have exactly the shares that were asked for', () => {
    expect(sizes(assignSplits(photos, [], PARTS, 0))).toEqual([800, 100, 100]);
    expect(sizes(assignSplits(photos.slice(0, 7), [], PARTS, 0))).toEqual([6, 0, 1]);
    expect(assignSplits([], [], PARTS, 0).size).toBe(0);
  });

  it('are the same for the same content and seed, whatever the order and the ids', () => {
    const one = assignSplits(photos, [], PARTS, 5);
    const renamed = photos.map((photo) => ({ ...photo, id: `other ${photo.id}` })).reverse();
    const other = assignSplits(renamed, [], PARTS, 5);
    for (const [id, part] of one) expect(other.get(`other ${id}`)).toBe(part);
    expect([...assignSplits(photos, [], PARTS, 6)]).not.toEqual([...one]);
  });

  it('keep photos together that look alike, also along a chain', () => {
    const alike = Array.from(
      { length: 300 },
      (_, i) => [`id ${i * 3}`, `id ${i * 3 + (i % 2 === 0 ? 1 : 3)}`] as const,
    );
    const assigned = assignSplits(photos, alike, PARTS, 1);
    for (const [one, other] of alike) expect(assigned.get(one)).toBe(assigned.get(other));
    const [train = 0, val = 0, test = 0] = sizes(assigned);
    expect(Math.abs(train - 800) + Math.abs(val - 100) + Math.abs(test - 100)).toBeLessThan(20);
  });

  it('leave nearly all photos where they were when some are added', () => {
    const before = assignSplits(photos.slice(0, 950), [], PARTS, 0);
    const after = assignSplits(photos, [], PARTS, 0);
    const moved = [...before].filter(([id, part]) => after.get(id) !== part);
    expect(moved.length).toBeLessThan(30);
  });
});
