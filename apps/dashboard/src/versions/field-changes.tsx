import { type DiffLine, type DiffPart, diffText } from './text-diff';
import type { DiffEntry } from './version-queries';
import classes from './versions.module.css';

/** Each field that differs, as one text in which what went is struck out and what came is underlined. */
export function FieldChanges({ changes }: { changes: DiffEntry['changes'] }) {
  return (
    <dl className={classes.fields}>
      {changes.map(({ field, before, after }) => (
        <div key={field} className={classes.field}>
          <dt>{field}</dt>
          <dd>
            <Change field={field} before={before ?? null} after={after ?? null} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A caption is read as a text, a name as a whole. */
const NAMES: ReadonlySet<string> = new Set(['class', 'split']);

type ChangeProps = { field: string; before: string | null; after: string | null };

function Change({ field, before, after }: ChangeProps) {
  if (NAMES.has(field) && before && after) {
    return (
      <span className={classes.line}>
        <del>{before}</del> → <ins>{after}</ins>
      </span>
    );
  }
  return diffText(before, after).map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
    <Line key={index} line={line} />
  ));
}

function Line({ line }: { line: DiffLine }) {
  const isSame = line.every(({ kind }) => kind === 'same');
  return (
    <span className={classes.line} data-same={isSame || undefined}>
      {line.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
        <Part key={index} part={part} />
      ))}
    </span>
  );
}

function Part({ part: { kind, text } }: { part: DiffPart }) {
  if (kind === 'removed') return <del>{text}</del>;
  return kind === 'added' ? <ins>{text}</ins> : text;
}
