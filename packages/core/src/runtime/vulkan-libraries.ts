import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux systems keep their libraries, and where containers get those of the card's driver. */
const FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
  '/usr/local/nvidia/lib64',
  '/usr/local/nvidia/lib',
];

/** Debian's packages with what the driver's Vulkan links to. */
const PACKAGES = 'libvulkan1 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0';

/** What keeps Vulkan from an NVIDIA card that is there, in words; null where nothing of the kind is seen. The driver's Vulkan lies in
 *  a library that links to X11, and without that the loader finds "no drivers" and does not say why. */
export function missingVulkanLibraries(folders: readonly string[] = FOLDERS): string | null {
  const find = (name: string) => folders.find((folder) => existsSync(join(folder, name)));
  const driver = find('libGLX_nvidia.so.0');
  if (!driver) return null;
  const missing = ['libvulkan.so.1', 'libX11.so.6', 'libXext.so.6'].filter((name) => !find(name));
  if (missing.length === 0) return null;
  return (
    `the NVIDIA driver's Vulkan (${join(driver, 'libGLX_nvidia.so.0')}) does not load without ${missing.join(', ')}: ` +
    `install ${PACKAGES} (names of Debian and Ubuntu; no desktop is needed)`
  );
}
