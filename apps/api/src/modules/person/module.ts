import { defineModule } from '../../platform/module.js';
import './schema.js';

export const personModule = defineModule({ name: 'person' });
