'use client';

import { Button, Drawer } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import type { ReactNode, RefObject } from 'react';
import { formatCount } from '../ui/format';
import { FilterChips } from './filter-chips';
import classes from './filter-layout.module.css';
import { FilterRail } from './filter-rail';
import { filterChips } from './filter-words';
import type { PhotoFilter } from './photo-filter';
import type { SetFilter } from './use-photo-filter';

type FilterLayoutProps = {
  datasetId: string;
  filter: PhotoFilter;
  setFilter: SetFilter;
  /** Photos behind the filter; undefined while they are counted. */
  total: number | undefined;
  /** What stands above the chips, at the left and at the right. */
  status: ReactNode;
  /** The status, which takes the focus from a control that goes away. */
  statusRef: RefObject<HTMLParagraphElement | null>;
  actions?: ReactNode;
  children: ReactNode;
};

/** The filter beside what it filters; on a phone it comes up as a sheet. */
export function FilterLayout(props: FilterLayoutProps) {
  const { datasetId, filter, setFilter, total, status, statusRef, actions, children } = props;
  // As in the style sheet: below it the rail has no room beside the photos.
  const isNarrow = useMediaQuery('(max-width: 62em)');
  const [isOpen, sheet] = useDisclosure(false);
  const active = filterChips(filter).length;
  const rail = <FilterRail datasetId={datasetId} filter={filter} setFilter={setFilter} />;
  return (
    <div className={classes.layout}>
      {!isNarrow && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className={classes.side} aria-label="Filter" tabIndex={0}>
          {rail}
        </section>
      )}
      <div className={classes.content}>
        <div className={classes.toolbar}>
          <p ref={statusRef} className={classes.status} aria-live="polite" tabIndex={-1}>
            {status}
          </p>
          <div className={classes.actions}>
            {isNarrow && (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconFilter size={15} stroke={1.6} aria-hidden />}
                onClick={sheet.open}
              >
                {active > 0 ? `Filter · ${active}` : 'Filter'}
              </Button>
            )}
            {actions}
          </div>
        </div>
        <FilterChips filter={filter} setFilter={setFilter} filtered={statusRef} />
        {children}
      </div>
      {isNarrow && (
        <Drawer
          opened={isOpen}
          onClose={sheet.close}
          position="bottom"
          size="85%"
          title="Filter"
          closeButtonProps={{ 'aria-label': 'Close' }}
          classNames={{ content: classes.sheet }}
        >
          {rail}
          <div className={classes.sheetFoot}>
            <Button fullWidth onClick={sheet.close}>
              {total === undefined ? 'Show the photos' : `Show ${formatCount(total)} photos`}
            </Button>
          </div>
        </Drawer>
      )}
    </div>
  );
}
