import { hasControls } from '../../platform/database/text.js';
import { type FieldIssue, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Change } from '../change/repository.js';
import type { DatasetService } from '../dataset/service.js';
import { assignSplits, type SplitPart } from './assign-splits.js';
import type { SplitRepository } from './repository.js';

export interface SplitRequest {
  readonly datasetId: string;
  readonly parts: readonly SplitPart[];
  readonly seed: number | null;
}

export interface SplitService {
  /** Gives every photo a split, by lot; its queries go with it. @throws {ValidationError} @throws {NotFoundError} */
  split(request: SplitRequest): Promise<Change>;
}

const MAX_PARTS = 20;
const MAX_NAME = 200;
// Thirds cannot be written exactly.
const TOLERANCE = 1e-3;

export const createSplitService = (datasets: DatasetService, splits: SplitRepository): SplitService => ({
  async split({ datasetId, parts: wanted, seed }) {
    const parts = checkedParts(wanted);
    if (seed !== null && seed < 0) {
      throw ValidationError.at(['input', 'seed'], `expected a whole number from 0, got ${seed}`);
    }
    const [dataset] = await datasets.byIds([datasetId]);
    if (dataset === undefined) throw new NotFoundError('There is no such dataset.');
    const photos = await splits.photos(dataset.id);
    const assigned = assignSplits(photos, await splits.alike(dataset.id), parts, seed ?? 0);
    return splits.apply(dataset.id, assigned, { datasetId: dataset.id, parts, seed: seed ?? 0 });
  },
});

function checkedParts(wanted: readonly SplitPart[]): SplitPart[] {
  const parts = wanted.map(({ name, share }) => ({ name: name.trim(), share }));
  const issues: FieldIssue[] = parts.flatMap(({ name, share }, i) => {
    const path = ['input', 'parts', String(i)];
    const twice = parts.findIndex((part) => part.name === name) < i;
    return [
      ...(name === '' ? [{ path: [...path, 'name'], message: 'expected a name that is not empty' }] : []),
      ...(twice ? [{ path: [...path, 'name'], message: `"${name}" stands there already` }] : []),
      ...(name.length > MAX_NAME || hasControls(name)
        ? [{ path: [...path, 'name'], message: `expected at most ${MAX_NAME} characters on one line` }]
        : []),
      ...(share > 0 && share <= 1
        ? []
        : [{ path: [...path, 'share'], message: `expected more than 0 and at most 1, got ${share}` }]),
    ];
  });
  if (parts.length === 0 || parts.length > MAX_PARTS) {
    issues.push({
      path: ['input', 'parts'],
      message: `expected 1 to ${MAX_PARTS} parts, got ${parts.length}`,
    });
  }
  const sum = parts.reduce((all, { share }) => all + share, 0);
  if (issues.length === 0 && Math.abs(sum - 1) > TOLERANCE) {
    const shown = Math.round(sum * 1000) / 1000;
    issues.push({ path: ['input', 'parts'], message: `expected shares that add up to 1, got ${shown}` });
  }
  if (issues.length === 0) return parts.map(({ name, share }) => ({ name, share: share / sum }));
  throw new ValidationError(
    issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    issues,
  );
}
