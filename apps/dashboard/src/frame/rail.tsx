'use client';

import { Tooltip } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconCommand, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { ColorSchemeButton } from './color-scheme-button';
import classes from './frame.module.css';
import { Logo } from './logo';
import { isCurrent, pages } from './pages';

type RailProps = { open: boolean; onToggle: () => void };

/** The way between pages: icons, with labels when it is open; on a phone a bar at the bottom. */
export function Rail({ open, onToggle }: RailProps) {
  const pathname = usePathname();
  const Toggle = open ? IconLayoutSidebarLeftCollapse : IconLayoutSidebarLeftExpand;
  return (
    <nav className={classes.rail} aria-label="Pages">
      <Link href="/" className={classes.brand} aria-label="Freestyle, to the search">
        <Logo />
        <span className={classes.label}>Freestyle</span>
      </Link>
      {pages.map(({ href, label, icon: Icon }) => (
        <Tooltip key={href} label={label} position="right" disabled={open}>
          <Link
            href={href}
            className={classes.link}
            aria-current={isCurrent(href, pathname) ? 'page' : undefined}
          >
            <Icon size={19} stroke={1.6} aria-hidden />
            <span className={classes.label}>{label}</span>
          </Link>
        </Tooltip>
      ))}
      <div className={classes.spacer} />
      <Tooltip label="Commands (Ctrl K)" position="right" disabled={open}>
        <button type="button" className={classes.link} onClick={spotlight.open}>
          <IconCommand size={19} stroke={1.6} aria-hidden />
          <span className={classes.label}>Commands</span>
          <span className={classes.shortcut} aria-hidden>
            Ctrl K
          </span>
        </button>
      </Tooltip>
      <ColorSchemeButton tooltip={!open} />
      <button
        type="button"
        className={`${classes.link} ${classes.collapse}`}
        onClick={onToggle}
        aria-expanded={open}
      >
        <Toggle size={19} stroke={1.6} aria-hidden />
        <span className={classes.label}>{open ? 'Collapse' : 'Expand the rail'}</span>
      </button>
    </nav>
  );
}
