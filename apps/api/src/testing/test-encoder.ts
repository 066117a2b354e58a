import { createHash } from 'node:crypto';
import { type EmbeddingModel, type RgbImage, resizeImage, type StyleReport } from '@freestyle/core';
import type { Gate } from './gate.js';

const GRID = 4;
const COLOURS = GRID * GRID * 3;
const WORDS = 16;
const DIMENSIONS = COLOURS + WORDS;

/** Colours that texts may name, so that words and pictures share a space in a small way. */
const COLOUR_WORDS: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  white: [255, 255, 255],
  black: [0, 0, 0],
};

export interface TestEncoderOptions {
  /** Milliseconds that each call takes. */
  readonly delayMs?: number;
  /** Holds each batch of photos, for tests that need to come in between. */
  readonly gate?: Pick<Gate, 'pass'>;
  /** Another name makes another embedding space. */
  readonly name?: string;
  /** Called before each batch of photos. */
  readonly onBatch?: (images: readonly RgbImage[]) => void;
}

/** An encoder for tests: the layout of a picture's colours on a 4×4 grid. A text is its colour words; other words
 *  only make it differ from other texts. It says what it is by its name, and learns nothing. */
export function createTestEncoder(options: TestEncoderOptions = {}): EmbeddingModel {
  const name = options.name ?? 'test-colour-layout';
  const hash = createHash('sha256').update(name).digest('hex');
  const { delayMs = 0 } = options;
  const pause = () => new Promise((done) => setTimeout(done, delayMs));
  return {
    name,
    spaceHash: hash,
    queryHash: createHash('sha256').update(`${name} query`).digest('hex'),
    dimensions: DIMENSIONS,
    provider: 'cpu',
    calibration: {
      text: { mean: 0.1, deviation: 0.2 },
      photo: { mean: 0.2, deviation: 0.3 },
      sketch: { mean: 0.1, deviation: 0.25 },
    },
    async encodeImages(images) {
      options.onBatch?.(images);
      await options.gate?.pass();
      await pause();
      return Promise.all(images.map(encodePicture));
    },
    async encodeTexts(texts) {
      await pause();
      return texts.map(encodeText);
    },
    async encodeQueries(images, style) {
      await pause();
      return Promise.all(
        images.map(async (image) => ({ vector: await encodePicture(image), style: reportOf(image, style) })),
      );
    },
    async close() {},
  };
}

async function encodePicture(image: RgbImage): Promise<Float32Array> {
  const small = await resizeImage(image, GRID, GRID, 'bilinear');
  const vector = new Float32Array(DIMENSIONS);
  for (let i = 0; i < COLOURS; i++) vector[i] = (small.data[i] ?? 0) / 127.5 - 1;
  return unit(vector);
}

function encodeText(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  const words = text.toLowerCase().split(/\W+/);
  for (const word of words) {
    const colour = COLOUR_WORDS[word];
    if (colour)
      for (let i = 0; i < COLOURS; i++) vector[i] = (vector[i] ?? 0) + (colour[i % 3] ?? 0) / 127.5 - 1;
    const slot = COLOURS + ((createHash('sha256').update(word).digest()[0] ?? 0) % WORDS);
    vector[slot] = (vector[slot] ?? 0) + 0.01;
  }
  return unit(vector);
}

// A picture of few greys counts as a sketch.
function reportOf(image: RgbImage, imposed: string | undefined): StyleReport {
  let colourful = 0;
  for (let i = 0; i < image.data.length; i += 3) {
    if (image.data[i] !== image.data[i + 1] || image.data[i] !== image.data[i + 2]) colourful += 1;
  }
  const photo = (3 * colourful) / image.data.length;
  const weights = [
    { style: 'photo', weight: photo },
    { style: 'sketch', weight: 1 - photo },
  ];
  return imposed === undefined
    ? { weights, confidence: Math.max(photo, 1 - photo), known: true }
    : { weights: [{ style: imposed, weight: 1 }], confidence: 1, known: true };
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1;
  return vector.map((value) => value / length);
}
