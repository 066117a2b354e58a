// Read by Node versions that cannot run the rest, so that they can say so: old syntax only.

/** What package.json's `engines` says, as the first version of each major that will do. */
const FIRST = { 20: 19, 22: 12, 24: 0 };

/** Null where this Node will do, else one line that says which does. */
export function nodeVersionProblem(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const fits = major > 24 || (FIRST[major] !== undefined && minor >= FIRST[major]);
  if (fits) return null;
  return `Node ${version} is not supported: Freestyle needs Node 20.19 or later, 22.12 or later, or 24.`;
}
