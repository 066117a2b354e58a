/** A model worth trying: what it is, and what it takes. */
export interface ShortlistEntry {
  /** On the hub. */
  readonly repo: string;
  readonly name: string;
  readonly family: 'clip' | 'siglip';
  /** Of its weights, by the count of parameters. */
  readonly megabytes: number;
  readonly dimensions: number;
  readonly licence: string;
  readonly expect: string;
}

/** By name, small to large. Sizes are four bytes for each parameter of the published model; the hub tells the real one when
 *  it is fetched, and its page the licence that holds. */
export const SHORTLIST: readonly ShortlistEntry[] = [
  {
    repo: 'openai/clip-vit-base-patch32',
    name: 'CLIP ViT-B/32',
    family: 'clip',
    megabytes: 605,
    dimensions: 512,
    licence: 'MIT (code); its card asks that deployments be tested for their purpose',
    expect: 'The model that the paper tunes. Quick: 49 patches a picture. English words.',
  },
  {
    repo: 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K',
    name: 'OpenCLIP ViT-B/32 (LAION-2B)',
    family: 'clip',
    megabytes: 605,
    dimensions: 512,
    licence: 'MIT',
    expect: 'As quick as CLIP ViT-B/32, trained on more pictures of the open web, drawings among them.',
  },
  {
    repo: 'google/siglip2-base-patch16-224',
    name: 'SigLIP 2 base',
    family: 'siglip',
    megabytes: 1500,
    dimensions: 768,
    licence: 'Apache-2.0',
    expect: 'Four times the patches of ViT-B/32, so slower. Words of many languages.',
  },
];
