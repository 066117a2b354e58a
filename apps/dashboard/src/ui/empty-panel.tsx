import type { ReactNode } from 'react';
import classes from './panels.module.css';

type EmptyPanelProps = {
  title: string;
  children: ReactNode;
  action?: ReactNode;
  /** True where the panel is the whole page. */
  isPage?: boolean;
};

/** Says what this place is for and offers the next step. */
export function EmptyPanel({ title, children, action, isPage = false }: EmptyPanelProps) {
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <section className={classes.empty}>
      <Heading className={classes.title}>{title}</Heading>
      <p className={classes.text}>{children}</p>
      {action && <div className={classes.emptyAction}>{action}</div>}
    </section>
  );
}
