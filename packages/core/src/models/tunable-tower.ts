import type { RgbImage } from '../image/rgb-image.js';
import type { ParameterMap, ParameterSource } from '../nn/parameters.js';
import type { TransformerHooks } from '../nn/transformer.js';
import type { Dim } from '../onnx/dims.js';
import type { Graph, Tensor } from '../onnx/graph.js';
import type { HostTensor } from '../runtime/session.js';
import type { BundleManifest } from '../weights/bundle-manifest.js';

/** What those who tune an image tower may change in it. */
export interface ImageTowerHooks extends TransformerHooks {
  /** What becomes of the output of one convolution of the stem, `[batch, channels, h, w]`, before its activation. */
  readonly stem?: (index: number, x: Tensor) => Tensor;
}

/** An image tower as those see it who tune it: the small model's, or a vision transformer of CLIP, BLIP or ALBEF. */
export interface TunableImageTower {
  /** Edge of the square pictures that it reads, in pixels. */
  readonly size: number;
  readonly layers: number;
  readonly width: number;
  /** Length of its embedding. */
  readonly embedding: number;
  /** Parts at the end of the embedding that tell the look alone, in their order, each with its length beside what is
   *  meant, which has length 1; none when absent. */
  readonly looks?: readonly { readonly width: number; readonly gain: number }[];
  /** Whether a weight, named without `image.`, is of the last stage of a convolutional trunk; there is no trunk when
   *  absent. */
  readonly lateTrunk?: (name: string) => boolean;
  /** Channels of the convolutions before the first layer; empty where a single layer cuts the patches. */
  readonly stem: readonly number[];
  /** How a picture becomes its input, as bundles tell it. */
  readonly preprocessing: BundleManifest['preprocessing'];
  /** The tower's own normalisation of pixels is a part of the graph.
   *  @param parameters its weights, without the prefix `image.`. @param pixels uint8 `[batch, size, size, 3]`.
   *  @returns `[batch, embedding]`, not normalised. */
  readonly build: (parameters: ParameterSource, pixels: Tensor, hooks: ImageTowerHooks) => Tensor;
  /** A picture as the tower reads it: `size × size`. */
  readonly fit: (image: RgbImage) => Promise<RgbImage>;
  /** What the tower reads of a picture, at another size: training keeps pictures a little larger and crops them. */
  readonly square: (image: RgbImage, side: number) => Promise<RgbImage>;
}

/** A text tower as those see it who tune it. */
export interface TunableTextTower {
  readonly layers: number;
  readonly width: number;
  /** Declares its own inputs, those of {@link TunableTextTower.feeds}.
   *  @param parameters its weights, without the prefix `text.`. @returns `[batch, embedding]`, not normalised. */
  readonly build: (graph: Graph, parameters: ParameterSource, batch: Dim, hooks: TransformerHooks) => Tensor;
  /** Texts past the context length are cut. */
  readonly feeds: (texts: readonly string[]) => Record<string, HostTensor>;
  /** Characters of a text that are read, from its start; null where all of it is. */
  readonly readable?: (text: string) => number | null;
}

/** A frozen dual encoder, opened but not running: what query towers are trained beside and run on. */
export interface FrozenBackbone {
  /** The name that opens it: of a bundle, or `clip:<folder or owner/name>`. */
  readonly name: string;
  /** Content hash (sha256, hex) of weights, shape and preprocessing. */
  readonly hash: string;
  /** Length of every vector. */
  readonly dimensions: number;
  /** `image.*` and `text.*`. */
  readonly weights: ParameterMap;
  readonly image: TunableImageTower;
  readonly text: TunableTextTower;
  /** `modelType` of the bundles of its query towers. */
  readonly queryType: string;
}
