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
            {diffText(before ?? null, after ?? null).map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
              <Line key={index} line={line} />
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
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
