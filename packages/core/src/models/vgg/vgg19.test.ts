import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bindParameters } from '../../nn/parameters.js';
import { createGraph, input, output } from '../../onnx/graph.js';
import { createSession, float32 } from '../../runtime/session.js';
import { loadSafetensors } from '../../weights/read-safetensors.js';
import { loadVgg, type VggWeights } from './load-vgg.js';
import { vgg19 } from './vgg19.js';

const golden = (file: string): string =>
  fileURLToPath(new URL(`../../../golden/vgg-tiny/${file}`, import.meta.url));

async function activation({ weights, options }: VggWeights): Promise<Float32Array> {
  const pixels =
    (await loadSafetensors(golden('expected.safetensors'))).get('pixels') ?? expect.fail('no pixels');
  const graph = createGraph('vgg');
  const x = input(graph, 'pixels', pixels.shape);
  output(graph, 'y', vgg19(bindParameters(graph, weights).source, x, options));
  const session = await createSession(graph);
  const { y } = await session.run({ pixels: float32(pixels.data, pixels.shape) });
  await session.close();
  return y?.data as Float32Array;
}

/** Largest difference over the largest expected value: activations of a VGG reach into the tens. */
function relativeDifference(got: ArrayLike<number>, expected: Float32Array): number {
  expect(got.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (got[i] ?? Number.NaN))),
    0,
  );
  expect(largest).toBeGreaterThan(0.1);
  return worst / largest;
}

describe('VGG-19 cut at a layer', () => {
  it('under torchvision’s names gives torchvision’s activation of pixels in [0, 1]', async () => {
    const got = await activation(await loadVgg(golden('features.pth'), 'conv2_1'));
    const expected = (await loadSafetensors(golden('expected.safetensors'))).get('conv2_1');
    expect(relativeDifference(got, expected?.data ?? new Float32Array())).toBeLessThan(1e-4);
  });

  it('names the layer that a file was cut before', async () => {
    await expect(loadVgg(golden('features.pth'), 'conv3_1')).rejects.toThrow(/"features.7.weight"/);
  });

  it('refuses a layer that VGG-19 does not have, and a file of another network', async () => {
    await expect(loadVgg(golden('features.pth'), 'conv6_1')).rejects.toThrow(/no layer "conv6_1"/);
    await expect(loadVgg(golden('expected.safetensors'), 'conv1_1')).rejects.toThrow(/not a VGG-19/);
    await expect(loadVgg('no-such-place', 'conv1_1')).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
  });
});

const data = process.env.FREESTYLE_DATA ?? '../shared/data';
const normalised = join(data, 'weights', 'vgg19-normalised-conv3_1.safetensors');

describe.skipIf(!existsSync(normalised))('the normalised VGG-19 of style transfer', () => {
  it.each(['conv2_2', 'conv3_1'])('gives PyTorch’s activation of %s', async (layer) => {
    const got = await activation(await loadVgg(normalised, layer));
    const expected = (await loadSafetensors(golden('normalised.safetensors'))).get(layer);
    const sampled = got.filter((_, i) => i % 7 === 0);
    expect(relativeDifference(sampled, expected?.data ?? new Float32Array())).toBeLessThan(1e-4);
  });
});
