import { builder } from '../../platform/graphql/builder.js';
import type { UploadSession } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const UploadSessionRef = builder.objectRef<UploadSession>('UploadSession');
