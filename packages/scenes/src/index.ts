export { type DemoGalleryOptions, makeScene, type Scene, writeDemoGallery } from './scene-maker.js';
