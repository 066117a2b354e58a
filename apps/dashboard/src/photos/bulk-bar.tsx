'use client';

import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { formatCount, formatPlural } from '../ui/format';
import { useFocusHandover } from '../ui/use-focus-handover';
import { BULK_ACTIONS, type BulkActionName } from './bulk-actions';
import classes from './bulk-bar.module.css';
import { BulkDialog } from './bulk-dialog';
import { filterChips } from './filter-words';
import type { PhotoFilter } from './photo-filter';
import { currentTile } from './photo-grid';
import { photoFacetsQuery } from './photo-queries';
import { isNothing, selectedCount, toSelectionInput } from './selection';
import type { Marking } from './use-marking';

type BulkBarProps = { datasetId: string; filter: PhotoFilter; total: number; marking: Marking };

/** What can be done to the marked photos, at the bottom of the screen while any is marked. */
export function BulkBar({ datasetId, filter, total, marking }: BulkBarProps) {
  const { selection } = marking;
  const actions = useRef<HTMLDivElement>(null);
  const handOver = useFocusHandover();
  const [action, setAction] = useState<BulkActionName | null>(null);
  // What is offered in the dialogs: until one opens, nobody has to wait for it.
  const { data: facets = null } = useQuery({
    ...photoFacetsQuery(datasetId, filter),
    enabled: action !== null,
  });
  const count = selectedCount(selection, total);
  const clear = () => {
    handOver(currentTile);
    marking.clear();
  };
  // Esc in a dialog closes the dialog alone.
  useHotkeys([['Escape', ({ target }) => !isInDialog(target) && clear()]]);
  if (isNothing(selection, total)) return null;
  const looksAtDeleted = filter.states.includes('DELETED');
  const names: BulkActionName[] = ['tag', 'untag', 'split', 'class', looksAtDeleted ? 'restore' : 'delete'];
  const words = filterChips(filter).map(({ name, label }) => `${name} ${label}`);
  return (
    <section className={classes.bar} aria-label="Marked photos" data-bottom-bar>
      <p className={classes.count} aria-live="polite">
        <strong>{formatCount(count)}</strong> marked
      </p>
      {count < total && (
        <Button size="compact-sm" variant="subtle" onClick={marking.markEverything}>
          {words.length > 0
            ? `Select all ${formatCount(total)} behind this filter`
            : `Select all ${formatPlural(total, 'photo')}`}
        </Button>
      )}
      <div ref={actions} className={classes.actions}>
        {names.map((name) => (
          <ActionButton key={name} name={name} onClick={() => setAction(name)} />
        ))}
        <Tooltip label="Mark nothing (Esc)">
          <ActionIcon size={30} variant="subtle" color="gray" aria-label="Mark nothing" onClick={clear}>
            <IconX size={17} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      {action && (
        <BulkDialog
          name={action}
          selection={toSelectionInput(selection, datasetId, filter)}
          query={selection.kind === 'all' ? words.join(', ') || 'none, the whole dataset' : null}
          facets={facets}
          onDone={() => {
            setAction(null);
            clear();
          }}
          onClose={() => {
            handOver(() => actions.current?.querySelectorAll('button')[names.indexOf(action)]);
            setAction(null);
          }}
        />
      )}
    </section>
  );
}

const isInDialog = (target: EventTarget | null) =>
  target instanceof Element && target.closest('[role=dialog]') !== null;

function ActionButton({ name, onClick }: { name: BulkActionName; onClick: () => void }) {
  const { label, icon: Icon } = BULK_ACTIONS[name];
  return (
    <Button
      size="xs"
      variant="default"
      color={name === 'delete' ? 'red' : undefined}
      leftSection={<Icon size={15} stroke={1.6} aria-hidden />}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}
