import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPytorchCheckpoint } from './pytorch-checkpoint.js';
import { readPickle } from './read-pickle.js';
import { loadSafetensors } from './read-safetensors.js';
import { loadWeightMap } from './tensor-map.js';
import { readZipDirectory, readZipEntry } from './zip-directory.js';

const golden = (file: string): string =>
  fileURLToPath(new URL(`../../golden/checkpoints/${file}`, import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(path: string) {
  const tensors = await readPytorchCheckpoint(path);
  try {
    return await loadWeightMap(tensors);
  } finally {
    await tensors.close();
  }
}

describe('a checkpoint of PyTorch', () => {
  it.each(['zip.pth', 'legacy.pth'])(
    '%s gives the values that PyTorch gives, whatever strides and types',
    async (file) => {
      const expected = await loadSafetensors(golden('expected.safetensors'));
      const got = await load(golden(file));
      expect([...got.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [name, tensor] of expected) {
        expect({ name, shape: got.get(name)?.shape }).toEqual({ name, shape: tensor.shape });
        expect({ name, data: [...(got.get(name)?.data ?? [])] }).toEqual({ name, data: [...tensor.data] });
      }
    },
  );

  it('of a bare module has the names of its state dict', async () => {
    const got = await load(golden('module.pth'));
    expect([...got.keys()]).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
    expect([...(got.get('0.bias')?.data ?? [])]).toEqual([0.25, 1.25, 2.25]);
  });
});

describe('what is refused', () => {
  it('a file with code in it, by the name that it would call, and nothing runs', async () => {
    await expect(load(golden('runs-code.pth'))).rejects.toMatchObject({
      code: 'WEIGHTS_FORMAT',
      data: { global: expect.stringMatching(/\.open$/) as string },
    });
    expect(existsSync('was-executed')).toBe(false);
  });

  it('a whole pickled module, by its class', async () => {
    await expect(load(golden('whole-module.pth'))).rejects.toThrow(
      /torch\.nn\.modules\.container\.Sequential/,
    );
  });

  it('a file cut off anywhere', async () => {
    for (const file of ['zip.pth', 'legacy.pth']) {
      const whole = await readFile(golden(file));
      for (const share of [0, 0.01, 0.1, 0.5, 0.9, 0.999]) {
        const path = join(folder, `cut-${share}-${file}`);
        await writeFile(path, whole.subarray(0, Math.floor(whole.length * share)));
        await expect(load(path), `${file} at ${share}`).rejects.toMatchObject({ code: 'WEIGHTS_FORMAT' });
      }
    }
  });

  it('a file with any byte of its pickle changed gives a clear error or sound tensors, never a crash', async () => {
    const whole = await readFile(golden('module.pth'));
    const start = whole.indexOf('data.pkl');
    const path = join(folder, 'flipped.pth');
    for (let at = start; at < start + 400; at += 3) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      await writeFile(path, bytes);
      const outcome = await load(path).catch((error: unknown) => error);
      if (outcome instanceof Error)
        expect(outcome).toHaveProperty('code', expect.stringMatching(/^WEIGHTS_/));
    }
  });

  it('a safetensors file and a text under the name of a checkpoint', async () => {
    await expect(load(golden('expected.safetensors'))).rejects.toThrow(/neither a zip archive nor a pickle/);
  });
});

describe('pickles made by hand', () => {
  const run = (bytes: number[]) => readPickle('test', Uint8Array.from(bytes)).value;
  const text = (line: string) => [...Buffer.from(line)];

  it('read numbers of every width', () => {
    expect(run([0x80, 2, ...text('J'), 0xfe, 0xff, 0xff, 0xff, 0x2e])).toBe(-2);
    expect(run([0x8a, 2, 0x00, 0xff, 0x2e])).toBe(-256);
    expect(run([...text('G'), 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0x2e])).toBe(1.5);
    expect(run([...text('I-12\n'), 0x2e])).toBe(-12);
  });

  it('refuse a call hidden behind an allowed name', () => {
    // torch.FloatStorage() is a marker of a type, not something to call.
    expect(() => run([...text('ctorch\nFloatStorage\n'), ...text(')R.')])).toThrow(
      /calls "torch.FloatStorage"/,
    );
    expect(() => run([...text('cos\nsystem\n(Vecho\ntR.')])).toThrow(/"os.system"/);
    expect(() => run([...text('cbuiltins\neval\n.')])).toThrow(/"builtins.eval"/);
    expect(() => run([...text('(ios\nsystem\n.')])).toThrow(/instruction "i"/);
  });

  it('refuse recalled values that were never made, and an empty stack', () => {
    expect(() => run(text('h\u0005.'))).toThrow(/never made/);
    expect(() => run(text('R.'))).toThrow(/empty stack/);
    expect(() => run(text('t.'))).toThrow(/never opened/);
  });

  it('refuse a tensor that reaches past its storage', () => {
    const tensor = (size: string, stride: string) =>
      text(
        `ctorch._utils\n_rebuild_tensor_v2\n((Vstorage\nctorch\nFloatStorage\nV0\nVcpu\nI4\ntQI1\n(I${size}\nt(I${stride}\ntt`,
      );
    expect(run([...tensor('3', '1'), ...text('R.')])).toMatchObject({
      kind: 'tensor',
      offset: 1,
      shape: [3],
    });
    expect(() => run([...tensor('4', '1'), ...text('R.')])).toThrow(/past its storage of 4/);
    expect(() => run([...tensor('1000000000', '0'), ...text('R.')])).toThrow(/past its storage/);
    expect(() => run([...tensor('-1', '1'), ...text('R.')])).toThrow(/whole numbers/);
  });
});

it('a list of more values than a call takes is read through', async () => {
  const long = 300_000;
  const pickled = (...parts: (number[] | string)[]) =>
    Buffer.concat([
      Buffer.from([0x80, 2]),
      ...parts.map((part) => Buffer.from(part as string)),
      Buffer.from('.'),
    ]);
  const path = join(folder, 'long-list.pth');
  const magic = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
  const root = pickled('}Vstep\n](', 'K\u0001'.repeat(long), 'es');
  await writeFile(
    path,
    Buffer.concat([pickled(magic), pickled('I1001\n'), pickled('}'), root, pickled(']')]),
  );
  // Read to its end, it only turns out to hold nothing of use.
  await expect(load(path)).rejects.toThrow(/holds no tensor/);
});

describe('zip archives', () => {
  /** An archive of one stored file whose directory gives every size and offset in 64 bits. */
  function zip64(name: string, content: Buffer, claimed = content.length): Buffer {
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30);
    const central = Buffer.alloc(46 + name.length + 28);
    central.writeUInt32LE(0x02014b50, 0);
    for (const at of [20, 24, 42]) central.writeUInt32LE(0xffffffff, at);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(28, 30);
    central.write(name, 46);
    central.writeUInt16LE(1, 46 + name.length);
    central.writeUInt16LE(24, 48 + name.length);
    central.writeBigUInt64LE(BigInt(claimed), 50 + name.length);
    central.writeBigUInt64LE(BigInt(claimed), 58 + name.length);
    const end64 = Buffer.alloc(56);
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(1n, 32);
    end64.writeBigUInt64LE(BigInt(central.length), 40);
    end64.writeBigUInt64LE(BigInt(local.length + content.length), 48);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(local.length + content.length + central.length), 8);
    const end = Buffer.alloc(22, 0xff);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(0, 20);
    return Buffer.concat([local, content, central, end64, locator, end]);
  }

  it('of more than 4 GB keep their sizes in 64 bits, and those are read', async () => {
    const path = join(folder, 'zip64.zip');
    await writeFile(path, zip64('a/data.pkl', Buffer.from('hello')));
    const file = await open(path);
    const entry = (await readZipDirectory(path, file)).get('a/data.pkl');
    expect(entry).toMatchObject({ bytes: 5 });
    const bytes = entry && (await readZipEntry(path, file, entry, 1, 3));
    await file.close();
    expect(Buffer.from(bytes ?? []).toString()).toBe('ell');
  });

  it('whose directory claims more than the file holds are refused without allocating it', async () => {
    const path = join(folder, 'claims.zip');
    await writeFile(path, zip64('a/byteorder', Buffer.from('little'), 8 * 2 ** 30));
    const file = await open(path);
    const entry = (await readZipDirectory(path, file)).get('a/byteorder');
    const failure = await (entry && readZipEntry(path, file, entry).catch((error: unknown) => error));
    await file.close();
    expect(String(failure)).toMatch(
      /has \d+ bytes, but should have 8589934592 from byte 41; truncated or damaged/,
    );
  });

  it('without data.pkl are no checkpoints', async () => {
    const path = join(folder, 'other.zip');
    await writeFile(path, zip64('a/readme', Buffer.from('hello')));
    await expect(load(path)).rejects.toThrow(/without "data.pkl"/);
  });
});
