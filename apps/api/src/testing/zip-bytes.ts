import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Written as it is, however hostile; bytes for a name in another encoding. */
  readonly name: string | Uint8Array;
  readonly content: Uint8Array | string;
  /** File type and rights as Unix has them; a plain file unless told otherwise. */
  readonly mode?: number;
  /** General purpose flags; bit 0 says that the entry is encrypted. */
  readonly flags?: number;
  /** Instead of the true one. */
  readonly checksum?: number;
}

const UTF8_NAMES = 0x800;

/** A zip file with whatever its entries say, which libraries that write archives rightly refuse. */
export function zipBytes(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o100644, flags = UTF8_NAMES, checksum } of entries) {
    const raw = Buffer.from(content);
    const packed = deflateRawSync(raw);
    const nameBytes = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt16LE(8, 4);
    // 1 March 2024, noon.
    shared.writeUInt16LE(12 << 11, 6);
    shared.writeUInt16LE(((2024 - 1980) << 9) | (3 << 5) | 1, 8);
    shared.writeUInt32LE(checksum ?? crc32(raw), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(raw.length, 18);
    shared.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, nameBytes, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    // Made on Unix, so that the mode counts.
    const head = Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.of(20, 3)]);
    directory.push(Buffer.concat([head, shared, tail, nameBytes]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
