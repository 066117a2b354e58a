import type { StyleReport } from '@freestyle/core';
import { builder } from '../../../platform/graphql/builder.js';

// Apart from its fields, because other modules add theirs.
export const StyleReportRef = builder.objectRef<StyleReport>('StyleReport');
