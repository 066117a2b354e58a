/** Linear warm-up to `peak`, then half a cosine down to `floor` (Loshchilov & Hutter 2017).
 *  @param step counted from 0. @returns the learning rate of that step. */
export function warmupCosine(
  step: number,
  options: {
    readonly peak: number;
    readonly warmup: number;
    readonly total: number;
    readonly floor?: number;
  },
): number {
  const { peak, warmup, total, floor = 0 } = options;
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, total - warmup));
  return floor + (peak - floor) * 0.5 * (1 + Math.cos(Math.PI * progress));
}
