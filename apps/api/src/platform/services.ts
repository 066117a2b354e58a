/** What resolvers and other modules may call. Each module adds its own services with `declare module`. */
// biome-ignore lint/suspicious/noEmptyInterface: modules fill it
export interface Services {}

/** What whoever starts the server may tell modules. Each module adds its own options with `declare module`. */
// biome-ignore lint/suspicious/noEmptyInterface: modules fill it
export interface ModuleOptions {}
