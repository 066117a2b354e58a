import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VersionRecord } from '@freestyle/core';
import { isUuid } from '../../platform/database/uuid.js';
import { NotFoundError } from '../../platform/errors.js';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { DatasetService } from '../dataset/service.js';
import { type Archive, createArchive } from './archive.js';
import type { ExportPlan, PlanSource } from './plan.js';
import { planDsr } from './plan-dsr.js';
import { planFolder } from './plan-folder.js';
import type { ExportRepository } from './repository.js';

export const EXPORT_LAYOUTS = ['folder', 'dsr'] as const;
export type ExportLayout = (typeof EXPORT_LAYOUTS)[number];

export interface ExportRequest {
  readonly datasetId: string;
  /** Null for the dataset as it is now. */
  readonly versionId: string | null;
  readonly layout: ExportLayout;
}

export interface OpenExport extends Archive {
  /** What the archive shall be called. */
  readonly fileName: string;
  /** Lets go of everything, whether it was read to its end or not. */
  close(): Promise<void>;
}

export interface ExportService {
  /** Looks up everything that goes out, and begins the archive. The dataset may change meanwhile: what goes out is
   *  what was there at this moment. @throws {NotFoundError} @throws what `signal` is aborted with */
  open(request: ExportRequest, signal: AbortSignal): Promise<OpenExport>;
}

export interface ExportServiceParts {
  readonly datasets: DatasetService;
  readonly exports: ExportRepository;
  readonly blobs: BlobStore;
}

const PLANS: Readonly<Record<ExportLayout, (source: PlanSource) => Promise<ExportPlan>>> = {
  folder: planFolder,
  dsr: planDsr,
};

export function createExportService(parts: ExportServiceParts): ExportService {
  return {
    async open({ datasetId, versionId, layout }, signal) {
      const { exports, blobs } = parts;
      const { name, date, version } = await subjectOf(parts, datasetId, versionId);
      const own = await mkdtemp(join(tmpdir(), 'freestyle-export-'));
      try {
        const subject = { datasetId, versionId };
        const { files } = await PLANS[layout]({ exports, blobs, subject, version, folder: own, signal });
        signal.throwIfAborted();
        const archive = await createArchive(files, date);
        return {
          ...archive,
          fileName: `${name}${layout === 'folder' ? '' : `-${layout}`}.zip`,
          async close() {
            archive.destroy();
            await rm(own, { recursive: true, force: true });
          },
        };
      } catch (error) {
        await rm(own, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

async function subjectOf(
  { datasets, exports }: ExportServiceParts,
  datasetId: string,
  versionId: string | null,
): Promise<{ name: string; date: Date; version: VersionRecord | null }> {
  const [dataset] = await datasets.byIds([datasetId]);
  if (dataset === undefined) throw new NotFoundError('There is no such dataset.');
  if (versionId === null) return { name: dataset.name, date: dataset.createdAt, version: null };
  const version = isUuid(versionId) ? await exports.version(versionId) : null;
  if (version?.datasetId !== datasetId) throw new NotFoundError('The dataset has no such version.');
  return {
    name: `${dataset.name}-v${version.number}`,
    date: version.createdAt,
    version: {
      format: 'freestyle-dataset-version',
      dataset: dataset.name,
      number: version.number,
      name: version.name,
      contentHash: version.contentHash,
      createdAt: version.createdAt.toISOString(),
    },
  };
}
