import { type ReactNode, useId } from 'react';
import classes from './query-styles.module.css';

type SectionProps = { title: string; about: ReactNode; children: ReactNode };

/** One step, named by its heading. */
export function Section({ title, about, children }: SectionProps) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <h2 id={id} className={classes.heading}>
        {title}
      </h2>
      <p className={classes.about}>{about}</p>
      {children}
    </section>
  );
}
