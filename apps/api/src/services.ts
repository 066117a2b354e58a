import type { BuildService } from './modules/build/service.js';
import type { ChangeService } from './modules/change/service.js';
import type { CheckService } from './modules/check/service.js';
import type { DatasetService } from './modules/dataset/service.js';
import type { ExportService } from './modules/export/service.js';
import type { ImportService } from './modules/import/service.js';
import type { JobService } from './modules/job/service.js';
import type { LedgerService } from './modules/ledger/service.js';
import type { ModelService } from './modules/model/service.js';
import type { PlaceService } from './modules/photo/place-service.js';
import type { ImageService } from './modules/photo/service.js';
import type { QueryService } from './modules/query/service.js';
import type { QueryStyleService } from './modules/query-style/service.js';
import type { SearchService } from './modules/search/service.js';
import type { SplitService } from './modules/split/service.js';
import type { UploadService } from './modules/upload/service.js';
import type { VersionService } from './modules/version/service.js';

/** What resolvers may call. */
export interface Services {
  readonly builds: BuildService;
  readonly changes: ChangeService;
  readonly checks: CheckService;
  readonly datasets: DatasetService;
  readonly exports: ExportService;
  readonly images: ImageService;
  readonly imports: ImportService;
  readonly jobs: JobService;
  readonly ledger: LedgerService;
  readonly models: ModelService;
  readonly places: PlaceService;
  readonly queries: QueryService;
  readonly queryStyles: QueryStyleService;
  readonly search: SearchService;
  readonly splits: SplitService;
  readonly uploads: UploadService;
  readonly versions: VersionService;
}
