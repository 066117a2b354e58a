import type { SmallConfig } from '../../../models/small/config.js';
import type { ParameterMap } from '../../../nn/parameters.js';
import type { SessionOptions } from '../../../runtime/session.js';
import type { TokenizerJson } from '../../../text/tokenizer-json.js';
import type { BundleManifest } from '../../../weights/bundle-manifest.js';
import type { BaseCorpus } from './base-corpus.js';

export interface TrainBaseOptions {
  readonly corpus: BaseCorpus;
  /** Bytes of the teacher, an ONNX model (see `buildViews` for its signature). */
  readonly teacher: Uint8Array;
  /** Where views, tokenizer and finished stages are kept; a killed run goes on from there. */
  readonly work: string;
  /** Folder of the bundle to write. */
  readonly out: string;
  readonly name: string;
  readonly seed: number;
  readonly textSteps: number;
  /** Steps that see half of the patches, then steps that see them all. */
  readonly imageSteps: readonly [number, number];
  readonly tuneSteps: number;
  readonly session: SessionOptions;
  /** Shape of the towers (the vocabulary follows from the captions) and of a step; the product's own when absent. */
  readonly sizes?: TrainBaseSizes;
  /** A backbone to go on from: its tokenizer, towers and shape are taken over, so that its joint space stays about where
   *  it was. */
  readonly from?: InitialBackbone;
  readonly training: BundleManifest['training'];
  /** Stops the run after a step, which it goes on from when it is started again. */
  readonly signal?: AbortSignal;
  readonly onProgress: (stage: string, done: number, total: number, detail?: string) => void;
}

export interface InitialBackbone {
  readonly config: SmallConfig;
  readonly tokenizer: TokenizerJson;
  /** `image.*` and `text.*`. */
  readonly weights: ParameterMap;
}

export interface TrainBaseSizes {
  readonly config: SmallConfig;
  /** Pictures in one step of the image stage, and how many of them have captions. */
  readonly batch: number;
  readonly captioned: number;
}
