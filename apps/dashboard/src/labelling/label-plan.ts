/** What a labelling round gives to photos: one of these values by its number key. */
export type LabelPlan = { readonly as: 'class' | 'tag'; readonly values: readonly string[] };

/** As many as there are number keys; 0 takes a class away. */
export const MOST_VALUES = 9;

/** Reads the plan from the address; without values there is none yet. */
export function planFromParams(params: URLSearchParams): LabelPlan {
  const values = [...new Set(params.getAll('label'))].filter((value) => value.trim() !== '');
  return { as: params.get('as') === 'tag' ? 'tag' : 'class', values: values.slice(0, MOST_VALUES) };
}

/** Writes the plan into an address that holds the filter already. */
export function planToParams(plan: LabelPlan, params: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(params);
  next.delete('label');
  next.delete('as');
  if (plan.as === 'tag') next.set('as', 'tag');
  for (const value of plan.values) next.append('label', value);
  return next;
}

/** What a round keeps of a photo. */
export type Labels = { readonly class: string | null; readonly tags: readonly string[] };

/** The labels of a photo after a key was pressed: a class replaces the one before, a tag comes or goes. */
export function labelled(labels: Labels, plan: LabelPlan, value: string | null): Labels {
  if (plan.as === 'class') return { ...labels, class: value };
  if (value === null) return labels;
  const tags = labels.tags.includes(value)
    ? labels.tags.filter((tag) => tag !== value)
    : [...labels.tags, value];
  return { ...labels, tags };
}

/** The change to ask the API for, or null where both are the same. */
export function changeBetween(before: Labels, after: Labels) {
  if (before.class !== after.class) return { class: after.class ?? '' };
  const addTags = after.tags.filter((tag) => !before.tags.includes(tag));
  const removeTags = before.tags.filter((tag) => !after.tags.includes(tag));
  if (addTags.length > 0) return { addTags };
  return removeTags.length > 0 ? { removeTags } : null;
}
