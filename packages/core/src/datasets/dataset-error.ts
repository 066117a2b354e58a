import { CoreError } from '../errors.js';

/** What is wrong with a dataset on disk; the message names the file and, in a manifest, the line. */
export type DatasetErrorCode =
  | 'DATASET_NOT_FOUND'
  | 'MANIFEST_MISSING'
  | 'BAD_JSON'
  | 'BAD_RECORD'
  | 'UNKNOWN_KIND'
  | 'PATH_OUTSIDE'
  | 'FILE_MISSING'
  | 'DUPLICATE_IMAGE'
  | 'DUPLICATE_ID'
  | 'BAD_ENCODING'
  | 'TARGET_MISSING'
  | 'UNKNOWN_SPLIT'
  | 'UNKNOWN_FORMAT'
  | 'BAD_LAYOUT'
  | 'NO_IMAGES'
  | 'BAD_CSV'
  | 'UNKNOWN_COLUMN'
  | 'AMBIGUOUS'
  | 'TOO_LARGE'
  | 'HELD_OUT';

/** A dataset that cannot be read as it is. */
export class DatasetError extends CoreError {
  declare readonly code: DatasetErrorCode;

  constructor(
    code: DatasetErrorCode,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(code, message, data, cause);
  }
}
