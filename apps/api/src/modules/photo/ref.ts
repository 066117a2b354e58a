import { builder } from '../../platform/graphql/builder.js';
import type { Image } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const ImageRef = builder.objectRef<Image>('Image');
