import type { ImportFormat, PassedOverReason, TextEncoding } from '../generated/graphql';

/** What an import may be read as, in words. */
export const FORMAT_WORDS: Record<ImportFormat, string> = {
  AUTO: 'Told from the files',
  DATASET_FOLDER: 'Freestyle dataset folder',
  JSONL: 'JSON lines',
  JSON: 'JSON array',
  CSV: 'CSV table',
  COCO_CAPTIONS: 'COCO captions',
  CAPTION_FILE: 'Caption file (Flickr8k)',
  CLASS_TREE: 'A folder for each class',
  STYLE_CLASS_TREE: 'A folder for each style, then class (PACS)',
  DSR: 'DSR',
  IMAGENET_X: 'ImageNet-X',
  PLAIN: 'Pictures alone',
};

/** What a column of a CSV table may hold. */
export const COLUMN_FIELDS = [
  ['file', 'File name'],
  ['url', 'Address'],
  ['caption', 'Caption'],
  ['class', 'Class'],
  ['split', 'Split'],
  ['tags', 'Tags'],
  ['style', 'Style of a query'],
  ['target', 'Photo that a query means'],
] as const;

/** Why files are not looked at, in words. */
export const PASSED_OVER_WORDS: Record<PassedOverReason, string> = {
  SYSTEM: 'left by a system, a storage device or a program',
  HIDDEN: 'hidden, their names begin with a dot',
  LIST: 'read as lists',
  UNLISTED: 'no pictures, and in no list',
};

/** How lists may be encoded, in words. */
export const ENCODING_WORDS: Record<TextEncoding, string> = {
  UTF_8: 'UTF-8',
  UTF_16LE: 'UTF-16, little endian',
  UTF_16BE: 'UTF-16, big endian',
  WINDOWS_1252: 'Western European (Windows-1252)',
  WINDOWS_1250: 'Central European (Windows-1250)',
  WINDOWS_1251: 'Cyrillic (Windows-1251)',
  ISO_8859_2: 'Central European (ISO 8859-2)',
  ISO_8859_15: 'Western European (ISO 8859-15)',
  SHIFT_JIS: 'Japanese (Shift_JIS)',
  EUC_JP: 'Japanese (EUC-JP)',
  GBK: 'Chinese, simplified (GBK)',
  BIG5: 'Chinese, traditional (Big5)',
  EUC_KR: 'Korean (EUC-KR)',
};
