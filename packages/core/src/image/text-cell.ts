import { rasteriseOwnSvg } from './image-codec.js';
import type { RgbImage } from './rgb-image.js';

export interface TextCellOptions {
  /** Edge of the square cell in pixels. */
  readonly size: number;
  readonly fontSize?: number;
  /** Grey behind the words, 0 to 255. */
  readonly ground?: number;
}

/** Words as a square picture, for sheets of pictures: wrapped at about the width of the cell, cut where they are longer.
 *  Drawn with the system's sans-serif; where a system has no font at all the cell stays empty. */
export function textCell(paragraphs: readonly string[], options: TextCellOptions): Promise<RgbImage> {
  const { size, fontSize = 14, ground = 245 } = options;
  const lineHeight = fontSize * 1.3;
  // 0.55 of its size is about the mean width of a letter of a sans-serif.
  const columns = Math.max(4, Math.floor((size - 16) / (0.55 * fontSize)));
  const fit = Math.max(1, Math.floor((size - 16) / lineHeight));
  const lines = paragraphs.flatMap((paragraph) => wrapWords(paragraph, columns));
  const shown = lines.length > fit ? [...lines.slice(0, fit - 1), '…'] : lines;
  const rows = shown.map(
    (line, i) => `<text x="8" y="${(8 + fontSize + i * lineHeight).toFixed(1)}">${escapeXml(line)}</text>`,
  );
  return rasteriseOwnSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" font-family="sans-serif" font-size="${fontSize}" fill="#222222"><rect width="100%" height="100%" fill="rgb(${ground},${ground},${ground})"/>${rows.join('')}</svg>`,
  );
}

/** Lines of at most so many letters; a longer word is cut into several. */
export function wrapWords(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const whole of text.split(/\s+/).filter(Boolean)) {
    for (let start = 0; start < whole.length; start += columns) {
      const word = whole.slice(start, start + columns);
      const joined = line === '' ? word : `${line} ${word}`;
      if (joined.length <= columns) line = joined;
      else {
        lines.push(line);
        line = word;
      }
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** Text for an XML document or attribute; control characters, which XML cannot hold, become spaces. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll(/\p{Cc}/gu, ' ');
}
