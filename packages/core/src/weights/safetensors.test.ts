import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSafetensors, readSafetensors } from './read-safetensors.js';
import { writeSafetensors } from './write-safetensors.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file from a hand-written header, so that the reader is not only tested against our own writer. */
async function handMade(name: string, header: unknown, data: Uint8Array): Promise<string> {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const path = join(folder, name);
  await writeFile(path, Buffer.concat([length, json, data]));
  return path;
}

describe('reading', () => {
  it('converts every stored type to the float32 values that its bits stand for', async () => {
    const data = Buffer.alloc(40);
    data.writeBigInt64LE(-3n, 0); // I64
    data.writeFloatLE(0.5, 8); // F32
    data.writeInt32LE(-7, 12); // I32
    data.writeUInt16LE(0x3c00, 16); // F16: 1
    data.writeUInt16LE(0x0001, 18); // F16: smallest subnormal
    data.writeUInt16LE(0xfbff, 20); // F16: -65504
    data.writeUInt16LE(0x4049, 22); // BF16: 3.140625
    data.writeInt8(-128, 24);
    data.writeUInt8(255, 25);
    const path = await handMade(
      'types.safetensors',
      {
        a: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
        b: { dtype: 'F32', shape: [], data_offsets: [8, 12] },
        c: { dtype: 'I32', shape: [1, 1], data_offsets: [12, 16] },
        d: { dtype: 'F16', shape: [3], data_offsets: [16, 22] },
        e: { dtype: 'BF16', shape: [1], data_offsets: [22, 24] },
        f: { dtype: 'I8', shape: [1], data_offsets: [24, 25] },
        g: { dtype: 'U8', shape: [1], data_offsets: [25, 26] },
        empty: { dtype: 'F32', shape: [0, 4], data_offsets: [26, 26] },
        __metadata__: { format: 'pt' },
      },
      data.subarray(0, 26),
    );
    const values = await loadSafetensors(path);
    const flat = Object.fromEntries([...values].map(([name, tensor]) => [name, [...tensor.data]]));
    expect(flat).toEqual({
      a: [-3],
      b: [0.5],
      c: [-7],
      d: [1, 2 ** -24, -65504],
      e: [3.140625],
      f: [-128],
      g: [255],
      empty: [],
    });
    const tensors = await readSafetensors(path);
    await tensors.close();
    expect(tensors.metadata).toEqual({ format: 'pt' });
  });

  const f32 = (offsets: [number, number], shape: number[] = [1]) => ({
    dtype: 'F32',
    shape,
    data_offsets: offsets,
  });
  it.each([
    ['a truncated file', { a: f32([0, 8], [2]) }, 4, /truncated/],
    ['bytes after the last tensor', { a: f32([0, 4]) }, 8, /belong to no tensor/],
    ['overlapping tensors', { a: f32([0, 8], [2]), b: f32([4, 12], [2]) }, 12, /overlaps/],
    ['a hole between tensors', { a: f32([0, 4]), b: f32([8, 12]) }, 12, /hole/],
    [
      'offsets that disagree with the shape',
      { a: f32([0, 8], [3]) },
      8,
      /needs 12 bytes, its offsets span 8/,
    ],
    ['offsets that run backwards', { a: f32([8, 4]) }, 8, /span -4/],
    ['an unknown element type', { a: { dtype: 'F8_E4M3', shape: [4], data_offsets: [0, 4] } }, 4, /F8_E4M3/],
    ['a negative size', { a: f32([0, 4], [-1]) }, 4, /"a"/],
    ['a header that is not JSON', 'PK\u0003\u0004 not json', 4, /not JSON/],
    ['a header that is no object', [1], 0, /not a JSON object/],
  ])('refuses %s', async (_, header, bytes, message) => {
    const path = await handMade('bad.safetensors', header, new Uint8Array(bytes));
    await expect(readSafetensors(path)).rejects.toThrow(message);
  });

  it('refuses a header longer than the file and a file shorter than its prefix', async () => {
    const path = join(folder, 'short.safetensors');
    await writeFile(path, Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x7b]));
    await expect(readSafetensors(path)).rejects.toThrow(/announces a header/);
    await writeFile(path, Buffer.from([1, 2]));
    await expect(readSafetensors(path)).rejects.toThrow(/too short/);
  });

  it('names the tensor and the place of a NaN, and lets it through only when asked', async () => {
    const path = join(folder, 'nan.safetensors');
    await writeSafetensors(path, { w: { shape: [3], data: Float32Array.of(1, Number.NaN, 2) } });
    await expect(loadSafetensors(path)).rejects.toMatchObject({
      code: 'WEIGHTS_NON_FINITE',
      data: { tensor: 'w', index: 1 },
    });
    const values = await loadSafetensors(path, { allowNonFinite: true });
    expect(values.get('w')?.data[1]).toBeNaN();
  });

  it('names a tensor that is not there', async () => {
    const path = join(folder, 'one.safetensors');
    await writeSafetensors(path, { w: { shape: [1], data: Float32Array.of(1) } });
    await expect((await readSafetensors(path)).float32('v')).rejects.toMatchObject({
      code: 'WEIGHTS_MISSING',
    });
  });
});

describe('writing', () => {
  it('gives the same bytes whatever the order of the tensors', async () => {
    const a = { shape: [2], data: Float32Array.of(1, 2) };
    const b = { shape: [3], data: Int8Array.of(1, -2, 3) };
    const c = { shape: [1], data: BigInt64Array.of(9n) };
    await writeSafetensors(join(folder, 'x'), { a, b, c }, { k: 'v', j: 'w' });
    await writeSafetensors(join(folder, 'y'), { c, b, a }, { j: 'w', k: 'v' });
    expect(await readFile(join(folder, 'x'))).toEqual(await readFile(join(folder, 'y')));
  });

  it('rounds to the nearest value of a 16-bit type, ties to even', async () => {
    const path = join(folder, 'half.safetensors');
    const data = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 3 * 2 ** -25, -1e-9);
    await writeSafetensors(path, {
      h: { shape: [5], data, dtype: 'F16' },
      b: { shape: [2], data: Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8), dtype: 'BF16' },
    });
    const tensors = await loadSafetensors(path);
    expect([...(tensors.get('h')?.data ?? [])]).toEqual([1, 1 + 2 ** -9, 65504, 2 ** -23, -0]);
    expect([...(tensors.get('b')?.data ?? [])]).toEqual([1, 1 + 2 ** -6]);
  });

  it('refuses a value that F16 would turn into an infinity', async () => {
    const tensor = { shape: [1], data: Float32Array.of(70000), dtype: 'F16' as const };
    await expect(writeSafetensors(join(folder, 'big'), { tensor })).rejects.toThrow(/70000/);
  });

  it('leaves neither a temporary file nor a damaged old one when it fails', async () => {
    const inner = await mkdtemp(join(folder, 'atomic-'));
    const path = join(inner, 'w.safetensors');
    await writeSafetensors(path, { w: { shape: [1], data: Float32Array.of(1) } });
    const before = await readFile(path);
    await expect(writeSafetensors(path, { w: { shape: [2], data: Float32Array.of(1) } })).rejects.toThrow();
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(inner)).toEqual(['w.safetensors']);
  });
});

describe('matrices in 8 bits', () => {
  it('come back within half a step of their row, under their own name only', async () => {
    const path = join(folder, 'int8.safetensors');
    const data = Float32Array.from(
      { length: 4 * 64 },
      (_, i) => Math.sin(i * 1.7) * 10 ** (Math.floor(i / 64) - 2),
    );
    data.fill(0, 64, 128);
    await writeSafetensors(path, { w: { shape: [4, 64], data, dtype: 'INT8_ROWS' } });
    const tensors = await loadSafetensors(path);
    expect([...tensors.keys()]).toEqual(['w']);
    const back = tensors.get('w')?.data ?? new Float32Array(0);
    for (let row = 0; row < 4; row++) {
      const rowOf = (values: Float32Array) => values.subarray(row * 64, row * 64 + 64);
      const step = Math.max(...rowOf(data).map(Math.abs)) / 127;
      const worst = Math.max(...rowOf(data).map((value, i) => Math.abs(value - (rowOf(back)[i] ?? 0))));
      expect(worst).toBeLessThanOrEqual(step * 0.5001);
    }
  });

  it('are refused when a row has no scale', async () => {
    const path = join(folder, 'scales.safetensors');
    await writeSafetensors(path, {
      w: { shape: [2, 1], data: Int8Array.of(1, 2) },
      'w.scale': { shape: [1], data: Float32Array.of(1) },
    });
    await expect(loadSafetensors(path)).rejects.toThrow(/one for each of the 2 rows/);
  });
});
