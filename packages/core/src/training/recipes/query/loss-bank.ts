import type { Random } from '../../../random.js';

/** Larger galleries are sampled: positives, hard negatives, and others drawn at random. */
export const MAX_BANK = 8192;

/** Share of the negatives of a bank that are hard: look-alikes of the positives. The others are drawn at random, so that
 *  the loss also sees what is easy. */
const MINED_SHARE = 0.5;

/** Which photos stand in the loss of one step, and where. */
export interface LossBank {
  /** `[bank, width]`; null where it is the whole gallery, in order. */
  readonly rows: Float32Array | null;
  /** Row of a photo; undefined where it is not in the bank. */
  place(photo: number): number | undefined;
}

/** Photos that look alike to the frozen backbone: each photo belongs to the nearest of about √photos photos drawn at
 *  random, so that finding the hard negatives of a photo costs nothing in a step. */
export interface NegativeCells {
  readonly of: Int32Array;
  readonly members: readonly (readonly number[])[];
}

/** Cells for a gallery larger than the bank; null for one that fits: every hard negative is then in every loss.
 *  @param gallery `[photos, width]`, unit rows. */
export function negativeCells(
  gallery: Float32Array,
  width: number,
  random: Random,
  bank = MAX_BANK,
): NegativeCells | null {
  const photos = gallery.length / width;
  if (photos <= bank) return null;
  const pivots = random
    .shuffle(Array.from({ length: photos }, (_, photo) => photo))
    .slice(0, Math.ceil(Math.sqrt(photos)));
  const of = new Int32Array(photos);
  const members: number[][] = pivots.map(() => []);
  for (let photo = 0; photo < photos; photo++) {
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (const [cell, pivot] of pivots.entries()) {
      let sum = 0;
      for (let i = 0; i < width; i++)
        sum += (gallery[photo * width + i] as number) * (gallery[pivot * width + i] as number);
      if (sum > most) {
        most = sum;
        best = cell;
      }
    }
    of[photo] = best;
    members[best]?.push(photo);
  }
  return { of, members };
}

/** The bank of one step: positives first, then hard negatives, then any.
 *  @param positives photos that are right for the queries of the step, by query: a class can be larger than the bank. */
export function drawBank(
  gallery: Float32Array,
  width: number,
  positives: readonly (readonly number[])[],
  random: Random,
  cells: NegativeCells | null,
  bank = MAX_BANK,
): LossBank {
  const photos = gallery.length / width;
  if (photos <= bank) return { rows: null, place: (photo) => photo };
  const places = new Map<number, number>();
  const take = (photo: number) => {
    if (places.size < bank && !places.has(photo)) places.set(photo, places.size);
  };
  for (const targets of positives) for (const target of someOf(targets, random)) take(target);
  const anchors = [...places.keys()];
  // Two draws of the same photo are lost, so this ends even where the cells hold hardly anything.
  const mined = Math.floor((bank - places.size) * MINED_SHARE);
  for (let draw = 0; cells && anchors.length > 0 && draw < mined; draw++) {
    const anchor = anchors[draw % anchors.length] ?? 0;
    const alike = cells.members[cells.of[anchor] ?? 0] ?? [];
    take(alike[random.integer(alike.length)] ?? anchor);
  }
  while (places.size < bank) take(random.integer(photos));
  const rows = new Float32Array(bank * width);
  for (const [photo, place] of places)
    rows.set(gallery.subarray(photo * width, (photo + 1) * width), place * width);
  return { rows, place: (photo) => places.get(photo) };
}

/** A few photos of a class are enough to aim at. */
const someOf = (targets: readonly number[], random: Random): readonly number[] =>
  targets.length > 16 ? random.shuffle([...targets]).slice(0, 16) : targets;
