import type { Refusal } from './import-queries';
import classes from './imports.module.css';

/** Why something was not done, with its code. */
export function RefusalNote({ title, refusal }: { title: string; refusal: Refusal }) {
  return (
    <p className={classes.problem} role="alert">
      {title}: {refusal.message} <code>{refusal.code}</code>
    </p>
  );
}
