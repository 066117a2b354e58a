import { contactSheet } from '../image/contact-sheet.js';
import { cropResize } from '../image/crop-resize.js';
import { encodePng, encodeWebp } from '../image/image-codec.js';
import type { RgbImage } from '../image/rgb-image.js';
import { escapeXml, textCell } from '../image/text-cell.js';
import { createRandom } from '../random.js';
import type { EvaluationReport, QueryResult } from './evaluation-report.js';
import type { EvaluationQuery, EvaluationSet } from './evaluation-set.js';
import { type ReportSection, reportCaption, reportSections } from './report-sections.js';

export interface ExampleOptions {
  /** Queries shown of each style and each mixture. */
  readonly perSection?: number;
  readonly seed?: number;
}

/** One query with the head of its list, pictures at thumbnail size. */
export interface Example {
  readonly result: QueryResult;
  /** A text, or a picture, for each part of the query. */
  readonly parts: readonly (string | RgbImage)[];
  readonly hits: readonly {
    readonly id: string;
    readonly score: number;
    readonly right: boolean;
    readonly image: RgbImage;
  }[];
}

export interface ExampleSection {
  readonly section: ReportSection;
  readonly examples: readonly Example[];
}

/** Photos shown of each list. */
const SHOWN = 5;
/** Longest side of a picture on the sheet, in pixels. */
const THUMBNAIL = 160;

/** Draws queries at random (not the best ones) from every style and mixture of a report and reads their pictures. */
export async function drawExamples(
  report: EvaluationReport,
  set: EvaluationSet,
  { perSection = 6, seed = 0 }: ExampleOptions = {},
): Promise<ExampleSection[]> {
  const queries = new Map(set.queries.map((query) => [query.id, query]));
  const random = createRandom(`examples ${seed}`);
  const sections: ExampleSection[] = [];
  for (const section of reportSections(report)) {
    if (section.kind !== 'style' && section.kind !== 'mixed') continue;
    const drawn = random
      .fork(section.name)
      .shuffle([...section.figures.results])
      .slice(0, perSection);
    const examples: Example[] = [];
    for (const result of drawn) examples.push(await readExample(result, set, queries));
    sections.push({ section, examples });
  }
  return sections;
}

async function readExample(
  result: QueryResult,
  set: EvaluationSet,
  queries: ReadonlyMap<string, EvaluationQuery>,
): Promise<Example> {
  const parts = await Promise.all(
    result.parts.map(async (id) => {
      const content = queries.get(id)?.content;
      if (content === undefined) return id;
      return 'text' in content ? content.text : thumbnail(await content.load());
    }),
  );
  const hits = await Promise.all(
    result.top.slice(0, SHOWN).flatMap(({ index, score }) => {
      const photo = set.photos[index];
      if (photo === undefined) return [];
      const right = result.relevant.includes(index);
      return [photo.load().then((image) => ({ id: photo.id, score, right, image: thumbnail(image) }))];
    }),
  );
  return { result, parts, hits };
}

function thumbnail(image: RgbImage): RgbImage {
  const scale = Math.min(1, THUMBNAIL / Math.max(image.width, image.height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  return cropResize(image, whole, side(image.width), side(image.height));
}

/** The examples as one HTML page that stands alone: pictures inside, no script, readable in light and dark. */
export async function exampleHtml(
  report: EvaluationReport,
  sections: readonly ExampleSection[],
): Promise<string> {
  const bodies: string[] = [];
  for (const { section, examples } of sections) {
    const rows = await Promise.all(examples.map(exampleRow));
    bodies.push(`<section><h2>${escapeXml(section.name)}</h2>\n${rows.join('\n')}\n</section>`);
  }
  const caption = `${reportCaption(report)}. Queries drawn at random; the photo that is meant has a frame and a tick.`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Examples: ${escapeXml(report.model)} on ${escapeXml(report.dataset)}</title>
<style>
:root{color-scheme:light dark;font:15px/1.4 system-ui,sans-serif}body{margin:2rem auto;max-width:1160px;padding:0 1rem}
.row{display:flex;flex-wrap:wrap;gap:12px;padding:12px 0;border-top:1px solid #8884;align-items:flex-start}
figure{margin:0;width:160px}figure img{max-width:160px;max-height:160px;display:block;border:3px solid transparent;border-radius:4px}
figure.right img{border-color:#009e73}figcaption{font-size:12px;overflow-wrap:anywhere}.query{width:180px}.words{font-size:17px;margin:0 0 8px}
</style></head><body>
<h1>Examples</h1><p>${escapeXml(caption)}</p>
${bodies.join('\n')}
</body></html>
`;
}

async function exampleRow({ result, parts, hits }: Example): Promise<string> {
  const shown = await Promise.all(
    parts.map(async (part) =>
      typeof part === 'string'
        ? `<p class="words">“${escapeXml(part)}”</p>`
        : `<img alt="query" src="${await dataUrl(part)}">`,
    ),
  );
  const figures = await Promise.all(
    hits.map(async ({ id, score, right, image }, place) => {
      const mark = right ? ' <strong>✓ meant</strong>' : '';
      return `<figure class="${right ? 'right' : ''}"><img alt="${escapeXml(id)}" src="${await dataUrl(image)}"><figcaption>${place + 1}. ${score.toFixed(3)}${mark}<br>${escapeXml(id)}</figcaption></figure>`;
    }),
  );
  const styles = seenIn(result).map(escapeXml).join(', ');
  const caption = [...(styles === '' ? [] : [styles]), rankOf(result)].join('<br>');
  return `<div class="row"><figure class="query">${shown.join('')}<figcaption>${caption}</figcaption></figure>${figures.join('')}</div>`;
}

async function dataUrl(image: RgbImage): Promise<string> {
  return `data:image/webp;base64,${Buffer.from(await encodeWebp(image)).toString('base64')}`;
}

/** The same examples as one picture: a row for each query, first in words (its style, what the tower saw, the rank), then
 *  its own parts, then the head of its list, the photo that is meant framed in green. @returns PNG bytes. */
export async function examplePng(sections: readonly ExampleSection[]): Promise<Uint8Array> {
  const rows = sections.flatMap(({ section, examples }) => examples.map((example) => ({ section, example })));
  const blank: RgbImage = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(255) };
  const parts = Math.max(...rows.map(({ example }) => example.parts.length));
  const words = (text: string) => textCell([text], { size: THUMBNAIL, ground: 232, fontSize: 15 });
  const cells: RgbImage[] = [];
  for (const { section, example } of rows) {
    const { result, hits } = example;
    cells.push(
      await textCell([section.name, rankOf(result), ...seenIn(result)], { size: THUMBNAIL, ground: 255 }),
    );
    for (const part of example.parts) cells.push(typeof part === 'string' ? await words(part) : part);
    for (let empty = example.parts.length; empty < parts; empty++) cells.push(blank);
    cells.push(...hits.map(({ right, image }) => (right ? framed(image) : image)));
    for (let empty = hits.length; empty < SHOWN; empty++) cells.push(blank);
  }
  return encodePng(contactSheet(cells, 1 + parts + SHOWN, { cell: THUMBNAIL }));
}

/** Style weights of a query, largest first, and whether it lies outside all of them. */
const seenIn = ({ seen }: QueryResult): string[] => [
  ...[...(seen?.weights ?? [])]
    .sort((a, b) => b.weight - a.weight)
    .map(({ style, weight }) => `${style} ${Math.round(100 * weight)} %`),
  ...(seen?.known === false ? ['outside every known style'] : []),
];

const rankOf = ({ ranks }: QueryResult): string => `first right photo at rank ${ranks[0]}`;

/** Bluish green of the colour-blind safe palette, as in the HTML sheet. */
const RIGHT = [0, 158, 115] as const;
const FRAME = 6;

function framed(image: RgbImage): RgbImage {
  const { width, height } = image;
  const data = image.data.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (Math.min(x, y, width - 1 - x, height - 1 - y) < FRAME) data.set(RIGHT, (y * width + x) * 3);
    }
  }
  return { width, height, data };
}
