import type { RelevanceScale } from '../fusion/relevance.js';
import type { RgbImage } from '../image/rgb-image.js';

/** Share of one style in a query picture. `weight` in [0, 1]; the weights of one report add up to 1. */
export interface StyleWeight {
  readonly style: string;
  readonly weight: number;
}

/** What the query tower saw in a picture. `known` is false when it lies outside every known style. */
export interface StyleReport {
  readonly weights: readonly StyleWeight[];
  /** Largest weight, in [0, 1]. */
  readonly confidence: number;
  readonly known: boolean;
  /** The style feature behind it, unit length: a style space of the same network is asked with it. */
  readonly gram?: Float32Array;
}

/** A query picture in the gallery's space. `vector` has unit length; `style` is null for a model without a style path. */
export interface QueryEmbedding {
  readonly vector: Float32Array;
  readonly style: StyleReport | null;
}

/** Mean and deviation of the cosine between a query of one style and a photo that is not meant,
 *  measured once on held data: it puts the parts of a composite query on one scale, whatever the gallery's size. */
export interface ScoreCalibration {
  readonly mean: number;
  readonly deviation: number;
  /** How far the photo that is meant stands out, in deviations above the mean: what a part of this style is worth beside
   *  others. Above 0; 1 where it was not measured. */
  readonly separation?: number | undefined;
}

/** A pair of towers over one embedding space: photos and texts by the frozen backbone, query pictures by the query tower. */
export interface EmbeddingModel {
  readonly name: string;
  /** Content hash (sha256, hex) of the gallery side: vectors made under another hash live in another space. */
  readonly spaceHash: string;
  /** Content hash (sha256, hex) of the query side. */
  readonly queryHash: string;
  /** True where the gallery goes through the tuned tower too (the paper's mode, for comparison only). */
  readonly symmetric?: boolean;
  /** Length of every vector. */
  readonly dimensions: number;
  /** The execution provider that really runs, as proved by the probe at load. */
  readonly provider: 'cpu' | 'cuda' | 'webgpu';
  /** Calibration by style name (`text`, `sketch`, `art`, `lowres`, `photo`); a missing style means mean 0, deviation 1. */
  readonly calibration: Readonly<Record<string, ScoreCalibration>>;
  /** How far above chance a score is, see `relevance`; null for a model whose chance was not measured. */
  readonly relevance?: RelevanceScale | null;
  /** Gallery side. Unit vectors, one for each image, in order. */
  encodeImages(images: readonly RgbImage[]): Promise<Float32Array[]>;
  /** Text side of the same space. Unit vectors, in order. Texts past the context length are cut, as {@link EmbeddingModel.readableLengths} tells. */
  encodeTexts(texts: readonly string[]): Promise<Float32Array[]>;
  /** Query side. `style` names a style to impose instead of the one detected. A `photo`, detected or imposed, is read as
   *  the gallery is; what was detected is reported all the same. */
  encodeQueries(images: readonly RgbImage[], style?: string): Promise<QueryEmbedding[]>;
  /** How much of each text was read: characters from its start, or null where all of it was. Absent where unknown. */
  readableLengths?(texts: readonly string[]): Promise<(number | null)[]>;
  close(): Promise<void>;
}
