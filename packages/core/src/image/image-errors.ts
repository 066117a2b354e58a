import { CoreError } from '../errors.js';

/** Why a picture could not be used; stable, meant to be stored beside the file's name. */
export type ImageDecodeCode =
  | 'EMPTY_FILE'
  | 'FILE_UNREADABLE'
  | 'NOT_AN_IMAGE'
  | 'UNSUPPORTED_FORMAT'
  | 'CAMERA_RAW'
  | 'TOO_LARGE'
  | 'TRUNCATED'
  | 'CORRUPT';

/** A file or upload that is not a usable picture; `code` says why. */
export class ImageDecodeError extends CoreError {
  declare readonly code: ImageDecodeCode;

  constructor(
    code: ImageDecodeCode,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(code, message, data, cause);
  }
}

/** An image operation that was asked for something impossible, such as a width of 0. */
export class ImageArgumentError extends CoreError {
  constructor(message: string, data: Readonly<Record<string, unknown>> = {}) {
    super('IMAGE_ARGUMENT', message, data);
  }
}
