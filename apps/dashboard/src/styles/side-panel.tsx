import { Button, Group, Select, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { formatCount, formatPlural } from '../ui/format';
import { PictureTile } from './picture-tile';
import { picturesQuery, type Standing, type StyleCluster } from './style-queries';
import classes from './styles.module.css';
import type { StyleEdits } from './use-style-edits';

const SHOWN = 48;
const NONE = 'none';

type SidePanelProps = {
  standing: Standing;
  chosen: readonly number[];
  clusters: readonly StyleCluster[];
  datasetId: string | null;
  canEdit: boolean;
  edits: StyleEdits;
  onToggle: (index: number) => void;
  onClear: () => void;
};

/** The pictures that are chosen, and what can be done with them by keyboard as well as by dragging. */
export function SidePanel({
  standing,
  chosen,
  clusters,
  datasetId,
  canEdit,
  edits,
  onToggle,
  onClear,
}: SidePanelProps) {
  const shown = chosen.slice(0, SHOWN);
  const pictures = useQuery(picturesQuery(standing, shown));
  const rows = chosen.slice(0, 5000);
  const one = chosen.length === 1 ? pictures.data?.find(({ index }) => index === chosen[0]) : undefined;
  return (
    <aside className={classes.side} aria-label="Chosen pictures">
      <div className={classes.sideHead}>
        <h2 className={classes.heading} aria-live="polite">
          {chosen.length === 0 ? 'Nothing chosen' : `${formatPlural(chosen.length, 'picture')} chosen`}
        </h2>
        {chosen.length > 0 && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={onClear}>
            Let go
          </Button>
        )}
      </div>
      {chosen.length === 0 ? (
        <p className={classes.dim}>
          Draw a line round pictures on one map: they light up on the other, and show here. Or click a name in
          the legend, or a picture below.
        </p>
      ) : (
        <>
          {canEdit && (
            <Group gap={6} mt={8}>
              <Select
                size="xs"
                w={150}
                placeholder="Move to…"
                aria-label="Move the chosen pictures to"
                data={[
                  ...clusters.map(({ key, name }) => ({ value: key, label: name })),
                  { value: NONE, label: 'no cluster' },
                ]}
                value={null}
                disabled={edits.isBusy}
                onChange={(value) =>
                  value !== null &&
                  edits.edit([{ kind: 'MOVE', pictures: rows, ...(value !== NONE && { cluster: value }) }])
                }
              />
              <Select
                size="xs"
                w={150}
                placeholder="Pin to…"
                aria-label="Pin the chosen pictures to"
                data={clusters.map(({ key, name }) => ({ value: key, label: name }))}
                value={null}
                disabled={edits.isBusy || chosen.length > 12}
                onChange={(value) =>
                  value !== null && edits.edit([{ kind: 'PIN', pictures: rows, cluster: value }])
                }
              />
              <Button
                size="xs"
                variant="default"
                disabled={edits.isBusy || chosen.length > 1000}
                onClick={() => edits.edit([{ kind: 'UNPIN', pictures: rows }])}
              >
                Unpin
              </Button>
            </Group>
          )}
          {pictures.isPending ? (
            <Skeleton height={180} mt={10} />
          ) : (
            <div className={classes.sideTiles} data-stale={pictures.isPlaceholderData || undefined}>
              {pictures.data?.map((picture) => (
                <PictureTile key={picture.index} picture={picture} isChosen onToggle={onToggle} />
              ))}
            </div>
          )}
          {one?.imageId && datasetId && (
            <p>
              <Link
                href={`/datasets/${encodeURIComponent(datasetId)}/photos/${encodeURIComponent(one.imageId)}`}
              >
                {one.isQuery ? 'The photo that it means' : 'Its page'}
              </Link>
            </p>
          )}
          {chosen.length > SHOWN && (
            <p className={classes.dim}>
              The first {SHOWN} of {formatCount(chosen.length)}; the table has all.
            </p>
          )}
        </>
      )}
    </aside>
  );
}
