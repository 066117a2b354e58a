import type { ReactNode } from 'react';
import classes from './wide-table.module.css';

type WideTableProps = {
  label: string;
  /** In pixels; a longer table scrolls. */
  maxHeight?: number;
  children: ReactNode;
};

/** A table that may be wider than the page: it scrolls by itself, by the keyboard too, and its first column stays. */
export function WideTable({ label, maxHeight, children }: WideTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={classes.wide} tabIndex={0} aria-label={label} style={{ maxHeight }}>
      <table className={classes.table}>{children}</table>
    </section>
  );
}
