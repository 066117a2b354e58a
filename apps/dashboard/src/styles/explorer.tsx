import { SegmentedControl, Select, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { useView } from '../evaluations/use-view';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount } from '../ui/format';
import { COLOUR_BY, type ColourBy, coloursOf, legendOf } from './colour-by';
import { HoverCard } from './hover-card';
import { PictureTable } from './picture-table';
import { type Hover, PointMap } from './point-map';
import { SidePanel } from './side-panel';
import { clustersQuery, mapQuery, type Standing, type StyleCluster, type StyleSpace } from './style-queries';
import classes from './styles.module.css';
import type { Tool } from './use-map-view';
import type { StyleEdits } from './use-style-edits';

const TOOLS: { value: Tool; label: string }[] = [
  { value: 'lasso', label: 'Lasso' },
  { value: 'box', label: 'Rectangle' },
  { value: 'move', label: 'Move' },
];

type ExplorerProps = {
  space: StyleSpace;
  map: NonNullable<StyleSpace['map']>;
  standing: Standing;
  clusters: readonly StyleCluster[];
  clustersUrl: string;
  chosen: readonly number[];
  setChosen: (rows: readonly number[]) => void;
  canEdit: boolean;
  edits: StyleEdits;
  view: ReturnType<typeof useView>;
};

/** Two linked maps of all pictures, by style and by meaning: what is chosen on one lights up on the other. */
export function Explorer(props: ExplorerProps) {
  const { space, map, standing, clusters, clustersUrl, chosen, setChosen, canEdit, edits, view } = props;
  const data = useQuery(mapQuery(map.url));
  const places = useQuery(clustersQuery(clustersUrl));
  const [hover, setHover] = useState<Hover | null>(null);
  const by = (COLOUR_BY.find(({ value }) => value === view.get('by'))?.value ?? 'cluster') as ColourBy;
  const tool = TOOLS.find(({ value }) => value === view.get('tool'))?.value ?? 'lasso';
  const asTable = view.get('as') === 'table';
  const legend = useMemo(
    () => (data.data && places.data ? legendOf(by, data.data, places.data, clusters, map) : []),
    [data.data, places.data, by, clusters, map],
  );
  const rgb = useMemo(() => coloursOf(data.data?.count ?? 0, legend), [data.data, legend]);
  const choose = useCallback(
    (rows: readonly number[], add: boolean) =>
      setChosen(add ? [...new Set([...chosen, ...rows])].sort((a, b) => a - b) : rows),
    [chosen, setChosen],
  );
  const toggle = (row: number) =>
    setChosen(chosen.includes(row) ? chosen.filter((one) => one !== row) : [...chosen, row]);
  const error = data.error ?? places.error;
  if (error)
    return (
      <ErrorPanel title="The maps could not be read" error={error} onRetry={() => void data.refetch()} />
    );
  return (
    <section aria-label="Explorer">
      <div className={classes.tools}>
        <Select
          label="Colour by"
          size="xs"
          w={130}
          data={[...COLOUR_BY]}
          value={by}
          allowDeselect={false}
          onChange={(value) => view.set('by', value)}
        />
        <SegmentedControl
          size="xs"
          aria-label="What a drag does"
          data={TOOLS}
          value={tool}
          onChange={(value) => view.set('tool', value)}
        />
        <SegmentedControl
          size="xs"
          aria-label="Maps or table"
          data={[
            { value: 'maps', label: 'Maps' },
            { value: 'table', label: 'Table' },
          ]}
          value={asTable ? 'table' : 'maps'}
          onChange={(value) => view.set('as', value === 'table' ? 'table' : null)}
        />
      </div>
      <ul className={classes.legend} aria-label={`Colours: ${by}`}>
        {legend.map(({ name, colour, rows }) => (
          <li key={name}>
            <button type="button" onClick={() => setChosen(rows)} title={`Choose the pictures of ${name}`}>
              <span className={classes.swatch} style={{ background: colour }} aria-hidden />
              {name} <span className={classes.dim}>{formatCount(rows.length)}</span>
            </button>
          </li>
        ))}
      </ul>
      <div className={classes.explorer}>
        {asTable ? (
          <PictureTable
            standing={standing}
            clusters={clusters}
            rows={chosen}
            total={space.pictureCount}
            chosen={chosen}
            onToggle={toggle}
          />
        ) : data.data && places.data ? (
          <div className={classes.maps}>
            <PointMap
              title="Style"
              hint="how it is drawn"
              places={data.data.style}
              {...{ rgb, chosen, tool }}
              onChoose={choose}
              onHover={setHover}
            />
            <PointMap
              title="Meaning"
              hint="what is on it"
              places={data.data.meaning}
              {...{ rgb, chosen, tool }}
              onChoose={choose}
              onHover={setHover}
            />
          </div>
        ) : (
          <div className={classes.maps}>
            <Skeleton className={classes.mapSkeleton} />
            <Skeleton className={classes.mapSkeleton} />
          </div>
        )}
        <SidePanel
          {...{ standing, chosen, clusters, canEdit, edits }}
          datasetId={space.dataset?.id ?? null}
          onToggle={toggle}
          onClear={() => setChosen([])}
        />
      </div>
      {hover && <HoverCard standing={standing} hover={hover} clusters={clusters} />}
    </section>
  );
}
