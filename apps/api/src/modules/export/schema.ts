import { encodeGlobalID } from '@pothos/plugin-relay';
import { builder } from '../../platform/graphql/builder.js';
import { DatasetRef } from '../dataset/ref.js';
import { DatasetVersionRef } from '../version/ref.js';

const ExportLayoutEnum = builder.enumType('ExportLayout', {
  values: {
    FOLDER: { value: 'folder', description: 'Our dataset folder: manifest.jsonl beside the pictures.' },
    DSR: { value: 'dsr', description: 'DSR: images, sketch, art, mosaic, text and lists by split.' },
  } as const,
});

builder.objectField(DatasetRef, 'exportUrl', (t) =>
  t.string({
    description: 'Path of a zip file of the dataset as it is now, or of one of its versions.',
    args: {
      layout: t.arg({ type: ExportLayoutEnum, defaultValue: 'folder' }),
      versionId: t.arg.globalID({ required: false, for: DatasetVersionRef }),
    },
    resolve: ({ id }, { layout, versionId }) => {
      const query = new URLSearchParams({ layout: layout ?? 'folder' });
      if (versionId) query.set('version', encodeGlobalID('DatasetVersion', versionId.id));
      return `/exports/${encodeURIComponent(encodeGlobalID('Dataset', id))}.zip?${query}`;
    },
  }),
);
