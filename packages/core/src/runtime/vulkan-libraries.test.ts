import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingVulkanLibraries } from './vulkan-libraries.js';

describe('libraries of Vulkan', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vulkan-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('nothing is said where there is no NVIDIA driver', () => {
    expect(missingVulkanLibraries([folder])).toBeNull();
  });

  test('a driver without X11 is named, with the packages to install', async () => {
    await writeFile(join(folder, 'libGLX_nvidia.so.0'), '');
    await writeFile(join(folder, 'libvulkan.so.1'), '');
    const reason = missingVulkanLibraries(['/nowhere', folder]);
    expect(reason).toContain(join(folder, 'libGLX_nvidia.so.0'));
    expect(reason).toMatch(/without libX11\.so\.6, libXext\.so\.6: install libvulkan1 libx11-6 libxext6/);
  });

  test('nothing is said where all of it is there, in whatever folders', async () => {
    for (const name of ['libX11.so.6', 'libXext.so.6']) await writeFile(join(folder, name), '');
    expect(missingVulkanLibraries([folder, '/nowhere'])).toBeNull();
  });
});
