import type { StyleBundle } from '@freestyle/core/models';
import type { CuratedStyles } from '@freestyle/core/style-space';
import { readBundledStyle } from '@freestyle/core/style-space';

/** A style space at work as query towers read one: the style network, and these clusters' names and centres. */
export async function styleBundleOf({ clusters, knownCosine }: CuratedStyles): Promise<StyleBundle> {
  const network = await readBundledStyle();
  const width = clusters[0]?.centre.length ?? 0;
  const centres = new Float32Array(clusters.length * width);
  for (const [at, { centre }] of clusters.entries()) centres.set(centre, at * width);
  return {
    clusters: clusters.map(({ name }) => name),
    knownCosine,
    size: network.size,
    weights: new Map([
      ...network.weights,
      ['style.centres', { shape: [clusters.length, width], data: centres }],
    ]),
  };
}
