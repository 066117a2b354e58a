import { fileNameText } from '../file-name.js';

/** The upper half of code page 437, in which names of a zip file are unless it says otherwise (APPNOTE 4.4.4, D.1). */
const CODE_PAGE_437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0';

const strict = (encoding: string) => new TextDecoder(encoding, { fatal: true });
const utf8 = strict('utf-8');

/** Finds out in which encoding the names of one zip file are that do not say so. Programs write UTF-8, or the encoding
 *  of the computer that they ran on; all names of a file are in one.
 *  @param names the raw names. @returns how such a name is read. */
export function zipNameReader(names: readonly Uint8Array[]): (name: Uint8Array) => string {
  const foreign = names.filter((name) => name.some((byte) => byte > 127) && decoded(utf8, name) === null);
  const encoding = foreign.length === 0 ? null : guess(foreign);
  return (name) => decoded(utf8, name) ?? (encoding === null ? fileNameText(name) : encoding(name));
}

type Reader = (name: Uint8Array) => string;

function guess(names: readonly Uint8Array[]): Reader {
  const japanese = readAll('shift_jis', names);
  // Kana make up a good part of any Japanese text; Latin letters read as Shift_JIS give half-width kana instead.
  if (japanese !== null && /[\u3041-\u30ff]/.test(japanese) && !/[\uff61-\uff9f]/.test(japanese))
    return readerOf('shift_jis');
  const high = names.every(hasHighPairs);
  const korean = high ? readAll('euc-kr', names) : null;
  if (korean !== null && isMostly(korean, /[\uac00-\ud7a3]/g) && isCommonHangul(names))
    return readerOf('euc-kr');
  const chinese = readAll('gbk', names);
  if (high && chinese !== null && isMostly(chinese, /[\u4e00-\u9fff]/g)) return readerOf('gbk');
  const western = names.map((name) => fileNameText(name)).join('\n');
  if (isWestern(western)) return fileNameText;
  if (japanese !== null && isMostly(japanese, /[\u4e00-\u9fff\u3041-\u30ff]/g)) return readerOf('shift_jis');
  if (chinese !== null && isMostly(chinese, /[\u4e00-\u9fff]/g)) return readerOf('gbk');
  return (name) =>
    Array.from(name, (byte) =>
      byte < 128 ? String.fromCharCode(byte) : (CODE_PAGE_437[byte - 128] ?? '?'),
    ).join('');
}

function decoded(decoder: ReturnType<typeof strict>, name: Uint8Array): string | null {
  try {
    return decoder.decode(name);
  } catch {
    return null;
  }
}

function readAll(encoding: string, names: readonly Uint8Array[]): string | null {
  const read = names.map((name) => decoded(strict(encoding), name));
  return read.includes(null) ? null : read.join('\n');
}

const readerOf =
  (encoding: string): Reader =>
  (name) =>
    new TextDecoder(encoding).decode(name);

/** Whether the letters beyond ASCII are mostly of one kind. */
function isMostly(text: string, kind: RegExp): boolean {
  const letters = text.replaceAll(/[\0-\x7f]/g, '');
  return letters.length > 0 && (letters.match(kind)?.length ?? 0) >= letters.length * 0.8;
}

/** Bytes beyond ASCII come in pairs, as in GB 2312 and EUC-KR; accented letters among Latin ones stand alone. */
function hasHighPairs(name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    if ((name[i] ?? 0) < 0xa1) {
      if ((name[i] ?? 0) > 127) return false;
      continue;
    }
    if ((name[i + 1] ?? 0) < 0xa1) return false;
    i++;
  }
  return true;
}

/** The syllables of KS X 1001 begin with B0 to C8; the characters that Chinese names are made of go on to F7. */
function isCommonHangul(names: readonly Uint8Array[]): boolean {
  let pairs = 0;
  for (const name of names) {
    for (let i = 0; i < name.length; i++) {
      const byte = name[i] ?? 0;
      if (byte < 128) continue;
      if (byte < 0xb0 || byte > 0xc8) return false;
      pairs++;
      i++;
    }
  }
  return pairs >= 6;
}

/** Accented letters and typographic signs; in code page 437 the same bytes are lines, Greek and signs of mathematics. */
function isWestern(text: string): boolean {
  const letters = text.replaceAll(/[\0-\x7f]/g, '');
  return /^[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0152\u0153\u0160\u0161\u017d\u017e\u0178\u2013\u2014\u2018-\u201e\u2026\u20ac\u00ab\u00bb\u00b0\u00a9\u00ae]+$/.test(
    letters,
  );
}
