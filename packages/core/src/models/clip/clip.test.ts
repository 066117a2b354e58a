import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { float32 } from '../../runtime/session.js';
import { readPytorchCheckpoint } from '../../weights/pytorch-checkpoint.js';
import { loadSafetensors, readSafetensors } from '../../weights/read-safetensors.js';
import { clipTextFeeds, createClipTextSession, createVitSession } from './clip-sessions.js';
import { parseClipConfig, readClipWeights } from './hugging-face-clip.js';
import { parseOpenClipConfig, readOpenClipWeights } from './open-clip.js';

const golden = (name: string): string => fileURLToPath(new URL(`../../../golden/${name}`, import.meta.url));

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? Number.NaN))),
    0,
  );
};

async function loadHuggingFace(folder: string) {
  const config = parseClipConfig(JSON.parse(await readFile(`${folder}/config.json`, 'utf8')), folder);
  const tensors = await readSafetensors(`${folder}/model.safetensors`);
  const weights = await readClipWeights(tensors, config);
  await tensors.close();
  return { config, weights };
}

async function loadOpenClip(folder: string, file: string) {
  const json: unknown = JSON.parse(await readFile(`${folder}/open_clip_config.json`, 'utf8'));
  const { config } = parseOpenClipConfig(json, folder);
  const read = file.endsWith('.bin') ? readPytorchCheckpoint : readSafetensors;
  const tensors = await read(`${folder}/${file}`);
  const weights = await readOpenClipWeights(tensors, config);
  await tensors.close();
  return { config, weights };
}

const loaders: Record<string, (folder: string) => ReturnType<typeof loadHuggingFace>> = {
  'clip-tiny-legacy': loadHuggingFace,
  'clip-tiny-gelu': loadHuggingFace,
  'open-clip-tiny': (folder) => loadOpenClip(folder, 'open_clip_model.safetensors'),
  'open-clip-tiny-custom': (folder) => loadOpenClip(folder, 'open_clip_pytorch_model.bin'),
};

async function loadGolden(name: string, load: (folder: string) => ReturnType<typeof loadHuggingFace>) {
  const { config, weights } = await load(golden(name));
  const expected = await loadSafetensors(`${golden(name)}/expected.safetensors`);
  const at = (key: string) => expected.get(key) ?? expect.fail(`golden file lacks "${key}"`);
  return { config, weights, at };
}

describe.each(Object.entries(loaders))('%s, against the reference', (name, load) => {
  it('image embeddings agree to 1e-4, raw and normalised', async () => {
    const { config, weights, at } = await loadGolden(name, load);
    const session = await createVitSession(weights, config.image);
    const { data, shape } = at('pixels');
    const { raw, embedding } = await session.run({ pixels: float32(data, shape) });
    await session.close();
    expect(largestDifference(raw?.data as Float32Array, at('images').data)).toBeLessThan(1e-4);
    expect(largestDifference(embedding?.data as Float32Array, at('image_units').data)).toBeLessThan(1e-4);
  });

  it('text embeddings agree to 1e-4, read at the end token that the reference reads', async () => {
    const { config, weights, at } = await loadGolden(name, load);
    const session = await createClipTextSession(weights, config.text);
    const ids = Int32Array.from(at('ids').data);
    const { raw, embedding } = await session.run(clipTextFeeds(ids, config.text));
    await session.close();
    expect(largestDifference(raw?.data as Float32Array, at('texts').data)).toBeLessThan(1e-4);
    expect(largestDifference(embedding?.data as Float32Array, at('text_units').data)).toBeLessThan(1e-4);
  });
});

describe('what is no CLIP', () => {
  it('is refused by the name of the option', () => {
    const model = (vision: object, text: object) => ({
      model_cfg: { embed_dim: 512, vision_cfg: vision, text_cfg: text },
    });
    expect(() => parseOpenClipConfig(model({ timm_model_name: 'vit_base' }, {}), 'm')).toThrow(
      /timm_model_name/,
    );
    expect(() => parseOpenClipConfig(model({}, { hf_model_name: 'roberta-base' }), 'm')).toThrow(
      /hf_model_name/,
    );
    expect(() => parseOpenClipConfig(model({ attentional_pool: true }, {}), 'm')).toThrow(/attentional_pool/);
    expect(() => parseOpenClipConfig(model({ layers: [3, 4, 6, 3] }, {}), 'm')).toThrow(/layers/);
    expect(() => parseClipConfig({ model_type: 'siglip' }, 'm')).toThrow(/model_type/);
    expect(() => parseClipConfig({ model_type: 'clip', text_config: { hidden_act: 'relu' } }, 'm')).toThrow(
      /hidden_act/,
    );
  });

  it('weights of another size are refused by the tensor’s name', async () => {
    const { config, weights } = await loadHuggingFace(golden('clip-tiny-gelu'));
    const wider = { ...config.image, hidden: config.image.hidden + 1 };
    await expect(async () => createVitSession(weights, wider)).rejects.toThrow(
      /image\.blocks\.0\.up\.weight/,
    );
  });
});
