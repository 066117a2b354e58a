'use client';

import { Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useMounted } from '@mantine/hooks';
import { IconMoon, IconSun } from '@tabler/icons-react';
import classes from './frame.module.css';

/** Changes between light and dark; until it is used, the system decides. */
export function ColorSchemeButton({ tooltip }: { tooltip: boolean }) {
  const { setColorScheme } = useMantineColorScheme();
  const computed = useComputedColorScheme('light');
  const mounted = useMounted();
  // The server cannot know the system's scheme: both renders start from light.
  const isDark = mounted && computed === 'dark';
  const Icon = isDark ? IconSun : IconMoon;
  const label = isDark ? 'Light' : 'Dark';
  return (
    <Tooltip label={label} position="right" disabled={!tooltip}>
      <button
        type="button"
        className={classes.link}
        onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
      >
        <Icon size={19} stroke={1.6} aria-hidden />
        <span className={classes.label}>{label}</span>
      </button>
    </Tooltip>
  );
}
