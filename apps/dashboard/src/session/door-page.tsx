import type { ReactNode } from 'react';
import { Logo } from '../frame/logo';
import classes from './session.module.css';

/** The frame of what is seen before one is let in. */
export function DoorPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.door}>
      <div className={classes.brand}>
        <Logo />
        Freestyle
      </div>
      <h1 className={classes.title}>{title}</h1>
      {children}
    </main>
  );
}
