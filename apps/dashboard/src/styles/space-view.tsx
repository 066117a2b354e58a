import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { useView } from '../evaluations/use-view';
import { formatDateTime, formatPlural } from '../ui/format';
import { ClusterColumns } from './cluster-columns';
import { DraftBar } from './draft-bar';
import { DriftPanel } from './drift-panel';
import { EvidenceChart } from './evidence-chart';
import { Explorer } from './explorer';
import { NO_CLUSTER } from './map-data';
import { clustersQuery, type StyleSpace } from './style-queries';
import classes from './styles.module.css';
import { useStyleEdits } from './use-style-edits';
import { VersionsPanel } from './versions-panel';

const TABS = ['explorer', 'clusters', 'versions', 'drift'] as const;

type SpaceViewProps = {
  space: StyleSpace;
  version: NonNullable<StyleSpace['version']>;
  map: NonNullable<StyleSpace['map']>;
  view: ReturnType<typeof useView>;
};

/** A space as a version or as edits of it make it. */
export function SpaceView({ space, version, map, view }: SpaceViewProps) {
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const edits = useStyleEdits(space.id, version.number, view.get('draft'), (id) => view.set('draft', id));
  const { draft } = edits;
  const isNewest = version.number === space.newestVersion;
  const canEdit = isNewest || draft !== null;
  const { clusters, inNoCluster, clustersUrl } = draft ?? version;
  const places = useQuery(clustersQuery(clustersUrl));
  const tab = TABS.find((one) => one === view.get('tab')) ?? 'explorer';
  const standing = {
    spaceId: space.id,
    version: version.number,
    draft: draft === null ? null : { id: draft.id, revision: draft.revision },
  };
  const toggle = (row: number) =>
    setChosen((now) => (now.includes(row) ? now.filter((one) => one !== row) : [...now, row]));
  const chooseCluster = (place: number) => {
    const rows: number[] = [];
    for (const [row, one] of places.data?.clusters.entries() ?? [])
      if (one === place && one !== NO_CLUSTER) rows.push(row);
    setChosen(rows);
  };
  const others = space.drafts.filter(({ id, editCount }) => id !== draft?.id && editCount > 0);
  return (
    <>
      <DraftBar edits={edits} newest={space.newestVersion} />
      {others.length > 0 && draft === null && (
        <ul className={classes.drafts} aria-label="Edits that are not saved">
          {others.map(({ id, editCount, madeBy, updatedAt, base }) => (
            <li key={id}>
              {formatPlural(editCount, 'edit')} of version {base}, not saved{madeBy ? `, by ${madeBy}` : ''},{' '}
              {formatDateTime(updatedAt)}.{' '}
              <button type="button" className={classes.linkButton} onClick={() => view.set('draft', id)}>
                Go on with them
              </button>
            </li>
          ))}
        </ul>
      )}
      <Tabs
        value={tab}
        onChange={(value) => view.set('tab', value === 'explorer' ? null : value)}
        keepMounted={false}
      >
        <Tabs.List mb="sm">
          <Tabs.Tab value="explorer">Explorer</Tabs.Tab>
          <Tabs.Tab value="clusters">How many clusters</Tabs.Tab>
          <Tabs.Tab value="versions">Versions</Tabs.Tab>
          <Tabs.Tab value="drift">Drift</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="explorer">
          <Explorer
            {...{ space, map, standing, clusters, clustersUrl, chosen, setChosen, canEdit, edits, view }}
          />
          <ClusterColumns
            {...{ clusters, inNoCluster, chosen, canEdit, edits }}
            total={space.pictureCount}
            onToggle={toggle}
            onChooseCluster={chooseCluster}
          />
        </Tabs.Panel>
        <Tabs.Panel value="clusters">
          {space.evidence && (
            <EvidenceChart evidence={space.evidence} clusters={version.clusters.length} name={space.name} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <VersionsPanel
            spaceId={space.id}
            shown={version.number}
            onShow={(number) => view.set('version', number === space.newestVersion ? null : String(number))}
          />
        </Tabs.Panel>
        <Tabs.Panel value="drift">
          <DriftPanel spaceId={space.id} clusters={clusters} isChosen={space.isChosen} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
