/** R@1 of the paper (ECCV 2024, arXiv 2312.02428) on DSR, by its own protocol: each query among the 24 of its batch. */
export const PUBLISHED: readonly {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
}[] = [
  { name: 'CLIP zero-shot', figures: { text: 0.661, sketch: 0.475, art: 0.585, lowres: 0.45 } },
  { name: 'CLIP, prompt-tuned', figures: { text: 0.722, sketch: 0.636, art: 0.582, lowres: 0.788 } },
  { name: 'VPT', figures: { text: 0.699, sketch: 0.733, art: 0.667, lowres: 0.814 } },
  { name: 'FreestyleRet-CLIP', figures: { text: 0.699, sketch: 0.806, art: 0.714, lowres: 0.864 } },
  { name: 'FreestyleRet-BLIP', figures: { text: 0.816, sketch: 0.812, art: 0.745, lowres: 0.905 } },
];
