import { TEXT_ENCODINGS, type TextEncoding } from '@freestyle/core';
import { builder } from '../../platform/graphql/builder.js';
import { FacetCountRef } from '../../platform/graphql/facet-count.js';
import { IMPORT_FORMATS } from './import-options.js';
import { PASSED_OVER_REASONS, type PassedOver, type PassedOverReason } from './list/passed-over.js';
import type { ImportPreview, ImportProblem, ImportSample, ReadList } from './list/preview.js';

const authScopes = { role: 'VIEWER' } as const;

export const ImportFormatEnum = builder.enumType('ImportFormat', {
  description: 'How a folder or an archive is laid out.',
  values: IMPORT_FORMATS,
});

const ImportProblemRef = builder.objectRef<ImportProblem>('ImportProblem').implement({
  authScopes,
  description: 'Something that an import would not take, and why.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'The file, or the line of a list: `captions.csv:12`.' }),
    code: t.exposeString('code'),
    reason: t.exposeString('reason'),
  }),
});

const ImportSampleRef = builder.objectRef<ImportSample>('ImportSample').implement({
  authScopes,
  fields: (t) => ({
    path: t.exposeString('path'),
    captions: t.stringList({ resolve: ({ captions }) => [...captions] }),
    class: t.exposeString('class', { nullable: true }),
    split: t.exposeString('split', { nullable: true }),
    style: t.exposeString('style', { nullable: true, description: 'Only of queries.' }),
    target: t.exposeString('target', { nullable: true, description: 'Only of queries.' }),
  }),
});

export const TextEncodingEnum = builder.enumType('TextEncoding', {
  description: 'How the letters of a list are written as bytes.',
  values: Object.fromEntries(
    TEXT_ENCODINGS.map((encoding) => [encoding.toUpperCase().replaceAll('-', '_'), { value: encoding }]),
  ) as Record<string, { value: TextEncoding }>,
});

const PassedOverReasonEnum = builder.enumType('PassedOverReason', {
  description: 'Why files of a source are not even looked at.',
  values: Object.fromEntries(
    Object.entries(PASSED_OVER_REASONS).map(([name, description]) => [name, { description }]),
  ) as Record<PassedOverReason, { description: string }>,
});

const PassedOverRef = builder.objectRef<PassedOver>('PassedOver').implement({
  authScopes,
  description:
    'Files of a source that are not even looked at: with photos and problems they add up to what lies there.',
  fields: (t) => ({
    reason: t.field({
      type: PassedOverReasonEnum,
      description: 'Why they are passed over.',
      resolve: ({ reason }) => reason,
    }),
    count: t.exposeInt('count', { description: 'How many files.' }),
    example: t.exposeString('example', { description: 'The path of one of them.' }),
  }),
});

const ReadListRef = builder.objectRef<ReadList>('ReadList').implement({
  authScopes,
  description: 'A list that an import reads, such as a CSV file of captions.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Below the source, with `/`.' }),
    encoding: t.field({
      type: TextEncodingEnum,
      description: 'As found out, or as asked for.',
      resolve: ({ encoding }) => encoding,
    }),
  }),
});

export const ImportPreviewRef = builder.objectRef<ImportPreview>('ImportPreview').implement({
  authScopes,
  description: 'What an import would do.',
  fields: (t) => ({
    format: t.field({ type: ImportFormatEnum, resolve: ({ format }) => format }),
    formats: t.field({
      type: [ImportFormatEnum],
      description: 'What else it could be read as; the one that it was read as is among them.',
      resolve: ({ formats }) => [...formats],
    }),
    photoCount: t.exposeInt('photoCount'),
    queryCount: t.exposeInt('queryCount'),
    captionCount: t.exposeInt('captionCount'),
    checkedCount: t.exposeInt('checkedCount', {
      description: 'How many pictures were really opened; the others are taken on trust until the import.',
    }),
    partial: t.exposeBoolean('partial', {
      description:
        'Whether only the beginning of a large source was looked at: all counts are then of that. The import takes all of it.',
    }),
    classes: t.field({ type: [FacetCountRef], resolve: ({ classes }) => [...classes] }),
    splits: t.field({ type: [FacetCountRef], resolve: ({ splits }) => [...splits] }),
    styles: t.field({ type: [FacetCountRef], resolve: ({ styles }) => [...styles] }),
    columns: t.stringList({
      description: 'Header of a CSV file, for the mapping.',
      resolve: ({ columns }) => [...columns],
    }),
    rows: t.field({
      type: t.listRef(t.listRef('String')),
      description: 'The first rows of a CSV file.',
      resolve: ({ rows }) => rows.map((row) => [...row]),
    }),
    problems: t.field({
      type: [ImportProblemRef],
      description: 'The first hundred.',
      resolve: ({ problems }) => [...problems],
    }),
    problemCount: t.exposeInt('problemCount'),
    samples: t.field({ type: [ImportSampleRef], resolve: ({ samples }) => [...samples] }),
    passedOver: t.field({
      type: [PassedOverRef],
      description: 'Files that are not even looked at, by reason.',
      resolve: ({ passedOver }) => [...passedOver],
    }),
    lists: t.field({
      type: [ReadListRef],
      description: 'The lists that were read, with their encodings; the first twenty.',
      resolve: ({ lists }) => [...lists],
    }),
  }),
});
