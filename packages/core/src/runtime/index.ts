export { type ProviderRequest, selectProvider } from './provider.js';
