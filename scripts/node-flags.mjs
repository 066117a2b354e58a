// Flags for Node where the numeric core runs by itself: its command line and its bench.

/** A training step leaves behind as many bytes as it has gradients. Looking for what can be freed in the background would
 *  take a core from the runtime during the steps; at once it takes a few milliseconds between them. */
export const nodeFlags = ['--no-incremental-marking'];
