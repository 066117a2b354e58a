import { loadVgg } from '@freestyle/core/models';
import { hubOptionsFrom, openModelHub } from '@freestyle/core/weights';
import type { CliContext } from './cli-context.js';

/** VGG-19 down to conv2_2, whose Gram matrix is a picture's style: from a file, a folder or the model hub. */
export async function openVgg(place: string, context: CliContext): ReturnType<typeof loadVgg> {
  const hub = openModelHub(hubOptionsFrom(context.env));
  return loadVgg(place, 'conv2_2', hub).finally(() => hub.close());
}
