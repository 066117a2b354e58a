import { createHash } from 'node:crypto';
import { styleMaker, styleMakers, UnknownStyleMakerError } from '@freestyle/core';
import { type FieldIssue, ValidationError } from '../../platform/errors.js';

/** A maker with the strengths that are wanted of it. */
export interface MakerChoice {
  readonly maker: string;
  readonly strengths: readonly number[];
}

/** One version that each photo shall get. */
export interface WantedVersion {
  readonly maker: string;
  readonly style: string;
  /** Null for makers that know no strength. */
  readonly strength: number | null;
}

/** Strength of makers that are asked for without one, and of those that know none. */
export const USUAL_STRENGTH = 0.5;
// Each is another picture of every photo; all makers at three strengths are 33.
const MAX_VERSIONS = 40;

/** What a choice of makers comes to: each version once, in the order of the makers.
 *  @throws {ValidationError} naming every choice that cannot be. */
export function wantedVersions(choices: readonly MakerChoice[]): WantedVersion[] {
  if (choices.length === 0) throw ValidationError.at(['makers'], 'expected at least one maker');
  const issues = choices.flatMap(issuesOf);
  if (issues.length > 0) {
    throw new ValidationError(
      issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
      issues,
    );
  }
  const versions = new Map<string, WantedVersion>();
  for (const { maker, strengths } of choices) {
    const { style, hasStrength } = styleMaker(maker);
    const chosen = strengths.length === 0 ? [USUAL_STRENGTH] : strengths.map(roundStrength).sort();
    for (const strength of hasStrength ? chosen : [null]) {
      versions.set(`${maker}:${strength}`, { maker, style, strength });
    }
  }
  if (versions.size > MAX_VERSIONS) {
    throw ValidationError.at(['makers'], `expected at most ${MAX_VERSIONS} versions, got ${versions.size}`);
  }
  return [...versions.values()];
}

function issuesOf({ maker, strengths }: MakerChoice, index: number): FieldIssue[] {
  const path = ['makers', String(index)];
  if (!Object.hasOwn(styleMakers, maker)) {
    return [{ path: [...path, 'maker'], message: new UnknownStyleMakerError(maker).message }];
  }
  return strengths.flatMap((strength, place) =>
    strength >= 0 && strength <= 1
      ? []
      : [{ path: [...path, 'strengths', String(place)], message: `expected 0 to 1, got ${strength}` }],
  );
}

// Finer steps cannot be told apart, and would be versions of their own.
const roundStrength = (strength: number): number => Math.round(strength * 100) / 100;

/** Names a version within its dataset, so that making it again adds nothing. */
export const versionKey = (imageId: string, { maker, strength }: WantedVersion): string =>
  `made:${imageId}:${maker}:${strength ?? '-'}`;

/** Seed of a maker's work on a photo, 0 to 2^31 − 1: the same for the same photo wherever and whenever it is made.
 *  All strengths share it, so that they differ by nothing else. */
export function versionSeed(seed: number, contentHash: string, maker: string): number {
  const digest = createHash('sha256').update(`${seed}:${contentHash}:${maker}`).digest();
  return digest.readUInt32BE(0) >>> 1;
}

/** What a style worker is asked for, for a photo of this content. */
export const requestsOf = (
  { contentHash }: { readonly contentHash: string },
  versions: readonly WantedVersion[],
  seed: number,
) =>
  versions.map(({ maker, strength }) => ({
    maker,
    strength: strength ?? USUAL_STRENGTH,
    seed: versionSeed(seed, contentHash, maker),
  }));
