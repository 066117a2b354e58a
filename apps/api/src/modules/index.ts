import type { Module } from '../platform/module.js';
import { auditModule } from './audit/module.js';
import { buildModule } from './build/module.js';
import { changeModule } from './change/module.js';
import { checkModule } from './check/module.js';
import { datasetModule } from './dataset/module.js';
import { embeddingSpaceModule } from './embedding-space/module.js';
import { erasureModule } from './erasure/module.js';
import { evaluationModule } from './evaluation/module.js';
import { exportModule } from './export/module.js';
import { importModule } from './import/module.js';
import { jobModule } from './job/module.js';
import { judgementModule } from './judgement/module.js';
import { keyModule } from './key/module.js';
import { ledgerModule } from './ledger/module.js';
import { limitsModule } from './limits/module.js';
import { modelModule } from './model/module.js';
import { monitorModule } from './monitor/module.js';
import { personModule } from './person/module.js';
import { photoModule } from './photo/module.js';
import { promotionModule } from './promotion/module.js';
import { queryModule } from './query/module.js';
import { queryStyleModule } from './query-style/module.js';
import { searchModule } from './search/module.js';
import { splitModule } from './split/module.js';
import { styleSpaceModule } from './style-space/module.js';
import { trainingModule } from './training/module.js';
import { uploadModule } from './upload/module.js';
import { versionModule } from './version/module.js';

/** Every module, the lower before the upper: each finds the services of those before it. */
export const modules: readonly Module[] = [
  personModule,
  keyModule,
  auditModule,
  limitsModule,
  jobModule,
  modelModule,
  ledgerModule,
  datasetModule,
  photoModule,
  queryModule,
  queryStyleModule,
  versionModule,
  searchModule,
  embeddingSpaceModule,
  importModule,
  uploadModule,
  changeModule,
  erasureModule,
  checkModule,
  splitModule,
  buildModule,
  exportModule,
  evaluationModule,
  promotionModule,
  styleSpaceModule,
  trainingModule,
  judgementModule,
  monitorModule,
];
