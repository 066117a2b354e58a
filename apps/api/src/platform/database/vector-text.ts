/** A vector as pgvector reads it. Each value is written so that reading it back gives the same 32 bits. */
export const vectorText = (vector: Float32Array): string => `[${vector.join(',')}]`;

/** Reads what pgvector writes. */
export const parseVector = (text: string): Float32Array =>
  Float32Array.from(text.slice(1, -1).split(','), Number);
