import { createHash } from 'node:crypto';
import type { RgbImage } from '../image/rgb-image.js';
import { fitPicture } from '../models/small/fit-picture.js';
import {
  type StyleBundle,
  styleConfigSchema,
  styleFolder,
  stylePreprocessingSchema,
} from '../models/small/open-backbone.js';
import { readBundleWeights } from '../models/small/read-small-bundle.js';
import type { ParameterMap } from '../nn/parameters.js';
import type { SessionOptions } from '../runtime/session.js';
import { readBundle } from '../weights/model-bundle.js';
import { styleNetwork } from './style-network.js';
import { createStyleSession } from './style-session.js';

/** What gives the style features of any picture. */
export interface StyleExtractor {
  /** Content hash (sha256, hex) of its network: features of another one mean nothing beside these. */
  readonly hash: string;
  /** Length of a feature. */
  readonly width: number;
  /** The style space that it comes with. */
  readonly style: StyleBundle;
  /** @returns unit Gram features, `[width]` each, of pictures of any size, in order. */
  features(pictures: readonly RgbImage[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** Opens the style network that comes with the product.
 *  @throws {BundleError} for a damaged bundle. */
export async function openStyleExtractor(options: SessionOptions = {}): Promise<StyleExtractor> {
  const style = await readBundledStyle();
  const { size } = style;
  const session = await createStyleSession(style.weights, size, options);
  return {
    hash: styleNetworkHash(style.weights, size),
    width: styleNetwork.width,
    style,
    features: async (pictures) =>
      session.features(await Promise.all(pictures.map((picture) => fitPicture(picture, size)))),
    close: () => session.close(),
  };
}

/** The style space that comes with the product, with its network. @throws {BundleError} for a damaged bundle. */
export async function readBundledStyle(): Promise<StyleBundle> {
  const bundle = await readBundle(styleFolder);
  const { clusters, knownCosine } = styleConfigSchema.parse(bundle.manifest.config);
  const { size } = stylePreprocessingSchema.parse(bundle.manifest.preprocessing);
  return { clusters, knownCosine, size, weights: await readBundleWeights(bundle) };
}

/** Everything that a style feature depends on: the network's weights and the edge of its pictures. */
export function styleNetworkHash(weights: ParameterMap, size: number): string {
  const hash = createHash('sha256').update(`freestyle style network, ${size} pixels\n`);
  for (const [name, { shape, data }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith('style.network.')) continue;
    hash.update(`${name} ${shape.join('×')}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
