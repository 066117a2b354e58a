export type DiffPart = { kind: 'same' | 'removed' | 'added'; text: string };
/** A line as it is shown: its parts are all of one kind unless it was changed within. */
export type DiffLine = readonly DiffPart[];

// The table of the comparison grows with the product of both lengths.
const MAX_CELLS = 250_000;

/** What became of a text of several lines: lines that have a counterpart are compared word by word. */
export function diffText(before: string | null, after: string | null): DiffLine[] {
  const parts = diffTokens(linesOf(before), linesOf(after));
  const lines: DiffLine[] = [];
  for (let i = 0; i < parts.length; ) {
    const removed = takeRun(parts, i, 'removed');
    const added = takeRun(parts, i + removed.length, 'added');
    if (removed.length + added.length === 0) {
      const same = parts[i++];
      if (same) lines.push([same]);
      continue;
    }
    i += removed.length + added.length;
    for (let k = 0; k < Math.max(removed.length, added.length); k++) {
      lines.push(...changedLine(removed[k], added[k]));
    }
  }
  return lines;
}

const linesOf = (text: string | null): string[] => (text === null ? [] : text.split('\n'));

function takeRun(parts: readonly DiffPart[], start: number, kind: DiffPart['kind']): string[] {
  const run: string[] = [];
  for (let part = parts[start]; part?.kind === kind; part = parts[start + run.length]) run.push(part.text);
  return run;
}

/** Two lines that have little in common are easier to read apart. */
function changedLine(before: string | undefined, after: string | undefined): DiffLine[] {
  if (before === undefined || after === undefined) {
    const kind = before === undefined ? 'added' : 'removed';
    return [[{ kind, text: before ?? after ?? '' }]];
  }
  const parts = joinParts(diffTokens(wordsOf(before), wordsOf(after)));
  const kept = parts.reduce((sum, { kind, text }) => sum + (kind === 'same' ? text.trim().length : 0), 0);
  if (kept * 3 < Math.max(before.length, after.length)) {
    return [[{ kind: 'removed', text: before }], [{ kind: 'added', text: after }]];
  }
  return [parts];
}

const wordsOf = (line: string): string[] => line.match(/\s+|[^\s]+/gu) ?? [];

function joinParts(parts: readonly DiffPart[]): DiffPart[] {
  const joined: DiffPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last?.kind === part.kind) joined[joined.length - 1] = { ...last, text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}

/** The shortest way from one list to the other, by their longest common subsequence; removals come first. */
export function diffTokens(before: readonly string[], after: readonly string[]): DiffPart[] {
  const [rows, columns] = [before.length, after.length];
  if (rows * columns > MAX_CELLS) {
    return [...before.map(partOf('removed')), ...after.map(partOf('added'))];
  }
  const width = columns + 1;
  // lengths[i, j]: longest common subsequence of what follows i and j.
  const lengths = new Uint32Array((rows + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const parts: DiffPart[] = [];
  let [i, j] = [0, 0];
  while (i < rows || j < columns) {
    const [one, other] = [before[i], after[j]];
    if (one !== undefined && one === other) {
      parts.push({ kind: 'same', text: one });
      i++;
      j++;
    } else if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      parts.push({ kind: 'removed', text: one });
      i++;
    } else if (other !== undefined) {
      parts.push({ kind: 'added', text: other });
      j++;
    }
  }
  return parts;
}

const partOf =
  (kind: DiffPart['kind']) =>
  (text: string): DiffPart => ({ kind, text });
