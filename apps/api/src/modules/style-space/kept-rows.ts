import { open, readFile, stat } from 'node:fs/promises';

/** Rows of floats in a file, added in order: a run that was killed goes on behind the last whole one. A row that could not
 *  be made is all NaN, and stays so. */
export interface KeptRows {
  /** Whole rows that are there. */
  readonly count: number;
  add(rows: readonly (Float32Array | null)[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the file for adding. @param width floats of a row. */
export async function openKeptRows(path: string, width: number): Promise<KeptRows> {
  const rowBytes = width * Float32Array.BYTES_PER_ELEMENT;
  const size = await stat(path).then(
    (info) => info.size,
    () => 0,
  );
  const count = Math.floor(size / rowBytes);
  const file = await open(path, 'a');
  // A row that a kill cut short is made again.
  await file.truncate(count * rowBytes);
  return {
    count,
    async add(rows) {
      const data = new Float32Array(rows.length * width);
      for (const [at, row] of rows.entries()) {
        if (row === null) data.fill(Number.NaN, at * width, (at + 1) * width);
        else data.set(row, at * width);
      }
      await file.write(new Uint8Array(data.buffer));
    },
    close: () => file.close(),
  };
}

/** All whole rows, one after the other. */
export async function readKeptRows(path: string): Promise<Float32Array> {
  const bytes = await readFile(path);
  return new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength - (bytes.byteLength % 4)),
  );
}
