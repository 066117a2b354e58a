'use client';

import { Button, Drawer } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { useRef } from 'react';
import { FacetList } from '../photos/facet-list';
import { FilterChips } from '../photos/filter-chips';
import classes from '../photos/filter-rail.module.css';
import { filterChips } from '../photos/filter-words';
import type { PhotoFilter } from '../photos/photo-filter';
import type { SearchCounts } from './use-search-results';

type SearchFiltersProps = {
  counts: SearchCounts;
  filter: PhotoFilter;
  setFilter: (filter: PhotoFilter) => void;
};

/** What the photos found can be narrowed to, each value with how many of all of them have it; on a phone it comes up as
 *  a sheet. */
export function SearchFilters({ counts, filter, setFilter }: SearchFiltersProps) {
  const isNarrow = useMediaQuery('(max-width: 62em)');
  const [isOpen, sheet] = useDisclosure(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const active = filterChips(filter).length;
  const { facets } = counts;
  const shared = { filter, onChange: setFilter };
  // A value that every photo shares narrows nothing.
  const worth = (list: SearchCounts['facets']['splits']) =>
    list.length > 1 || active > 0 ? list : list.filter(({ value }) => value !== '' && list.length > 1);
  const rail = (
    <div className={classes.rail}>
      <FacetList title="Class" field="classes" counts={worth(facets.classes)} {...shared} />
      <FacetList title="Tag" field="tags" counts={worth(facets.tags)} {...shared} />
      <FacetList title="Split" field="splits" counts={worth(facets.splits)} {...shared} />
      <FacetList title="Has a query in style" field="styles" counts={worth(facets.styles)} {...shared} />
    </div>
  );
  const chips = <FilterChips filter={filter} setFilter={setFilter} filtered={heading} />;
  if (!isNarrow) {
    return (
      <section aria-label="Filter">
        <h2 ref={heading} className={classes.title} tabIndex={-1}>
          Filter
        </h2>
        {chips}
        {rail}
      </section>
    );
  }
  return (
    <section aria-label="Filter">
      <h2 ref={heading} tabIndex={-1} style={{ margin: 0 }}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconFilter size={15} stroke={1.6} aria-hidden />}
          onClick={sheet.open}
        >
          {active > 0 ? `Filter · ${active}` : 'Filter'}
        </Button>
      </h2>
      {chips}
      <Drawer
        opened={isOpen}
        onClose={sheet.close}
        position="bottom"
        size="85%"
        title="Filter"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {rail}
      </Drawer>
    </section>
  );
}
