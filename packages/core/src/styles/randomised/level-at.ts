/** The value that a share of all values lies below, from a sample of about 2,000 of them.
 *  @param values all 0 or more. @param share 0 to 1. */
export function levelAt(values: Float32Array, share: number): number {
  // An odd step, so that the sample does not run down one column of the picture.
  const step = Math.max(1, Math.floor(values.length / 2000) | 1);
  const sample = new Float32Array(Math.ceil(values.length / step));
  for (let i = 0; i < sample.length; i++) sample[i] = values[i * step] as number;
  sample.sort();
  return sample[Math.min(sample.length - 1, Math.max(0, Math.floor(share * sample.length)))] as number;
}
