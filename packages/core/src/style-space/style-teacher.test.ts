import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadVgg } from '../models/vgg/load-vgg.js';
import { vgg19 } from '../models/vgg/vgg19.js';
import { bindParameters } from '../nn/parameters.js';
import { createGraph, input, output } from '../onnx/graph.js';
import { createSession, float32 } from '../runtime/session.js';
import { gramMatrix, upperTriangle } from './gram.js';
import { createStyleTeacher } from './style-teacher.js';

const file = join(
  process.env.FREESTYLE_DATA ?? '../shared/data',
  'weights',
  'vgg19-normalised-conv3_1.safetensors',
);
const SIZE = 16;

it.skipIf(!existsSync(file))(
  'the style is the Gram matrix of conv2_2 over C·H·W, of pixels in [0, 1]',
  async () => {
    const vgg = await loadVgg(file, 'conv2_2');
    const data = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => (i * 2654435761) >>> 24);
    const teacher = await createStyleTeacher(vgg, SIZE);
    const [got = new Float32Array()] = await teacher.features([{ width: SIZE, height: SIZE, data }]);
    await teacher.close();

    const graph = createGraph('vgg');
    const pixels = input(graph, 'pixels', [1, 3, SIZE, SIZE]);
    output(graph, 'features', vgg19(bindParameters(graph, vgg.weights).source, pixels, vgg.options));
    const session = await createSession(graph);
    const planes = Float32Array.from({ length: data.length }, (_, i) => {
      const [channel, place] = [Math.floor(i / (SIZE * SIZE)), i % (SIZE * SIZE)];
      return (data[place * 3 + channel] ?? 0) / 255;
    });
    const { features } = await session.run({ pixels: float32(planes, [1, 3, SIZE, SIZE]) });
    await session.close();
    const plain = upperTriangle(gramMatrix(features?.data as Float32Array, 128, SIZE / 2, SIZE / 2), 128);
    const largest = plain.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = plain.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (got[i] ?? Number.NaN))),
      0,
    );
    expect(got).toHaveLength(plain.length);
    expect(worst / largest).toBeLessThan(1e-5);
  },
);
