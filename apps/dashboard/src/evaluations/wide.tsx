import type { ReactNode } from 'react';
import classes from './evaluations.module.css';

/** What may be wider than the page: it scrolls by itself, and by the keyboard too. */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={classes.wide} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
