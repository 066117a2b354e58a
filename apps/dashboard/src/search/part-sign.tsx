'use client';

import { SegmentedControl, VisuallyHidden } from '@mantine/core';
import { IconMinus, IconPlus, type TablerIcon } from '@tabler/icons-react';
import classes from './part-list.module.css';

type PartSignProps = { place: number; negative: boolean; onChange: (negative: boolean) => void };

/** Whether photos that are like a part come up or go down. */
export function PartSign({ place, negative, onChange }: PartSignProps) {
  return (
    <SegmentedControl
      size="xs"
      classNames={{ root: classes.sign, label: classes.signLabel }}
      aria-label={`Part ${place + 1}: more or less like it`}
      value={negative ? 'less' : 'more'}
      onChange={(value) => onChange(value === 'less')}
      data={[
        { value: 'more', label: <Sign icon={IconPlus} meaning="More like it" /> },
        { value: 'less', label: <Sign icon={IconMinus} meaning="Less like it" /> },
      ]}
    />
  );
}

function Sign({ icon: Icon, meaning }: { icon: TablerIcon; meaning: string }) {
  return (
    <span className={classes.signFace} title={meaning}>
      <Icon size={13} stroke={2} aria-hidden />
      <VisuallyHidden>{meaning}</VisuallyHidden>
    </span>
  );
}
