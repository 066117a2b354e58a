import { builder } from '../../platform/graphql/builder.js';
import type { RegisteredModel } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const RegisteredModelRef = builder.objectRef<RegisteredModel>('RegisteredModel');
