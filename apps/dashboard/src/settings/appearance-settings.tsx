'use client';

import { SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { useMounted } from '@mantine/hooks';
import classes from './settings.module.css';

const SCHEMES = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

/** Light, dark, or as the system has it; kept in this browser. */
export function AppearanceSettings() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const mounted = useMounted();
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>Appearance</h2>
      <SegmentedControl
        aria-label="Light or dark"
        size="sm"
        value={mounted ? colorScheme : 'auto'}
        onChange={setColorScheme}
        data={[...SCHEMES]}
      />
    </section>
  );
}
