import { expect, it } from 'vitest';
import { toldOfDisk } from './compute.js';

it('an error of a full disk is told as one, any other as it is', () => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  expect(toldOfDisk(full)).toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringContaining('checkpoint stands'),
  });
  const other = new Error('another');
  expect(toldOfDisk(other)).toBe(other);
});
