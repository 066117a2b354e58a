import type { ReactNode } from 'react';
import classes from './page-header.module.css';

type PageHeaderProps = {
  title: ReactNode;
  /** One sentence of state: "6,000 photos · 5 rejected". */
  state?: ReactNode;
  /** The one main action of the page. */
  action?: ReactNode;
};

/** What stands at the top of every page. */
export function PageHeader({ title, state, action }: PageHeaderProps) {
  return (
    <header className={classes.header}>
      <div className={classes.words}>
        <h1 className={classes.title}>{title}</h1>
        {state && <p className={classes.state}>{state}</p>}
      </div>
      {action}
    </header>
  );
}
