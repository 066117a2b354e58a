'use client';

import { useLocalStorage } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { JobsTray } from '../jobs/jobs-tray';
import { CommandPalette } from './command-palette';
import classes from './frame.module.css';
import { Notices } from './notices';
import { Rail } from './rail';
import { ServerStrip } from './server-strip';

/** What stands round every page: the rail (a bar at the bottom on a phone), the palette, notices and the jobs tray. */
export function Frame({ children }: { children: ReactNode }) {
  const [railOpen, setRailOpen] = useLocalStorage({ key: 'freestyle.rail-open', defaultValue: false });
  return (
    <div className={classes.frame} data-rail-open={railOpen || undefined}>
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <Rail open={railOpen} onToggle={() => setRailOpen((open) => !open)} />
      <ServerStrip />
      <main id="content" className={classes.main} tabIndex={-1}>
        {children}
      </main>
      <JobsTray />
      <Notices />
      <CommandPalette />
    </div>
  );
}
