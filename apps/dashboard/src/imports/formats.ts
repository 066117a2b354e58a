import type { ImportFormat } from '../generated/graphql';

/** What an import may be read as, in words. */
export const FORMAT_WORDS: Record<ImportFormat, string> = {
  AUTO: 'Told from the files',
  DATASET_FOLDER: 'Freestyle dataset folder',
  JSONL: 'JSON lines',
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
