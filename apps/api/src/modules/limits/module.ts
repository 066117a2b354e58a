import { defineModule } from '../../platform/module.js';
import './schema.js';

export const limitsModule = defineModule({ name: 'limits' });
