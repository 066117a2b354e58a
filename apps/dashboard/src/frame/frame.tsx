'use client';

import { useLocalStorage, useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { JobsTray } from '../jobs/jobs-tray';
import { CommandPalette } from './command-palette';
import classes from './frame.module.css';
import { Notices } from './notices';
import { Rail } from './rail';
import { ServerStrip } from './server-strip';

/** From here on there is room for the rail's labels; the style sheet has the same width. */
const WIDE = '(min-width: 75em)';

/** What stands round every page: the rail (a bar at the bottom on a phone), the palette, notices and the jobs tray. */
export function Frame({ children }: { children: ReactNode }) {
  const [chosen, setChosen] = useLocalStorage<boolean | null>({
    key: 'freestyle.rail-open',
    defaultValue: null,
  });
  const isWide = useMediaQuery(WIDE);
  const railOpen = chosen ?? isWide;
  return (
    <div
      className={classes.frame}
      data-rail={chosen === null ? 'auto' : undefined}
      data-rail-open={railOpen || undefined}
    >
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <Rail open={railOpen} onToggle={() => setChosen(!railOpen)} />
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
