import { builder } from '../../platform/graphql/builder.js';
import type { StyleDraft } from './draft-repository.js';
import type { SpacePicture } from './picture-view.js';
import type { StyleSpace, StyleSpaceVersion } from './repository.js';

export const StyleSpaceRef = builder.objectRef<StyleSpace>('StyleSpace');
export const StyleDraftRef = builder.objectRef<StyleDraft>('StyleDraft');
export const StyleVersionRef = builder.objectRef<StyleSpaceVersion>('StyleSpaceVersion');
export const StylePictureRef = builder.objectRef<SpacePicture>('StylePicture');
