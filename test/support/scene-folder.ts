import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeJpeg, encodePng, type RgbImage } from '@freestyle/core';
import { makeScene, type Scene } from '@freestyle/scenes';

/** A plain folder of drawn scenes as JPEG files, `scene-000.jpg` on.
 *  @returns the scenes in the order of their files. */
export async function writeSceneFolder(folder: string, count: number, firstSeed = 1): Promise<Scene[]> {
  await mkdir(folder, { recursive: true });
  const scenes: Scene[] = [];
  for (let i = 0; i < count; i++) {
    const scene = await makeScene(firstSeed + i);
    await writeFile(join(folder, sceneFile(i)), await encodeJpeg(scene.image, 88));
    scenes.push(scene);
  }
  return scenes;
}

export const sceneFile = (index: number): string => `scene-${String(index).padStart(3, '0')}.jpg`;

/** A picture as the API takes it inside an operation. */
export const base64 = async (image: RgbImage): Promise<string> =>
  Buffer.from(await encodePng(image)).toString('base64');
