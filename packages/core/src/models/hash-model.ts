import { hashContent, hashFile } from '../weights/hash-file.js';

/** SHA-256 over what decides a model's vectors: its shape and preprocessing, and the contents of its weight files. */
export async function hashModel(facts: unknown, weightFiles: readonly string[]): Promise<string> {
  const hashes = await Promise.all(weightFiles.map(hashFile));
  return hashContent(JSON.stringify([facts, hashes]));
}
