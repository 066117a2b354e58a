'use client';

import { Button, Menu, Skeleton } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { request } from '../api/client';
import { useView } from '../evaluations/use-view';
import { ChooseStyleSpaceDocument, DeleteStyleSpaceDocument } from '../generated/graphql';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { FocusableActionIcon } from '../ui/focusable-button';
import { formatCount, formatPlural } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { BuildProgress } from './build-progress';
import { SpaceView } from './space-view';
import { STYLES_KEY, type StyleSpace, styleSpaceQuery } from './style-queries';
import classes from './styles.module.css';

/** One style space: its maps and clusters, how many there should be, its versions, and what people search with. */
export function StyleSpacePage({ id }: { id: string }) {
  const view = useView();
  const asked = Number(view.get('version'));
  const version = Number.isInteger(asked) && asked > 0 ? asked : null;
  const space = useQuery(styleSpaceQuery(id, version));
  if (space.error)
    return (
      <ErrorPanel
        title="The style space could not be read"
        error={space.error}
        onRetry={() => void space.refetch()}
      />
    );
  if (space.isPending) {
    return (
      <>
        <Skeleton height={28} width={260} />
        <Skeleton height={420} mt={24} />
      </>
    );
  }
  const one = space.data;
  if (one === null) {
    return (
      <EmptyPanel title="There is no such style space" isPage>
        It was deleted, or the address is not whole.
      </EmptyPanel>
    );
  }
  const made = `${one.datasetName} v${one.datasetVersion} · ${SOURCES[one.source]}`;
  if (one.state !== 'READY' || one.version === null || one.version === undefined || !one.map) {
    return (
      <>
        <PageHeader title={one.name} state={made} action={<SpaceMenu space={one} />} />
        <EmptyPanel
          title={
            one.state === 'READY'
              ? 'There is no such version'
              : one.state === 'FAILED'
                ? 'It was not built'
                : 'It is being built'
          }
        >
          {one.state === 'READY'
            ? 'The address names a version that is not there.'
            : 'Style features are read from every picture, then clusters are found and the maps drawn.'}
        </EmptyPanel>
        {one.state !== 'READY' && <BuildProgress space={one} />}
      </>
    );
  }
  const state = [
    made,
    `${formatCount(one.pictureCount)} pictures`,
    formatPlural(one.version.clusters.length, 'cluster'),
    one.version.number === one.newestVersion
      ? `version ${one.version.number}`
      : `version ${one.version.number} of ${one.newestVersion}`,
    ...(one.isChosen ? ['searches are told by it'] : []),
  ].join(' · ');
  return (
    <>
      <PageHeader title={one.name} state={state} action={<SpaceMenu space={one} />} />
      <SpaceView space={one} version={one.version} map={one.map} view={view} />
    </>
  );
}

const SOURCES = { BOTH: 'photos and queries', QUERIES: 'queries', PHOTOS: 'photos' } as const;

function SpaceMenu({ space }: { space: StyleSpace }) {
  const client = useQueryClient();
  const router = useRouter();
  const [problem, setProblem] = useState<string | null>(null);
  const choose = useMutation({
    mutationFn: () => request(ChooseStyleSpaceDocument, { input: { styleSpaceId: space.id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: STYLES_KEY }),
  });
  const remove = useMutation({
    mutationFn: async () => {
      const { deleteStyleSpace } = await request(DeleteStyleSpaceDocument, {
        input: { styleSpaceId: space.id },
      });
      if ('message' in deleteStyleSpace) throw new Error(deleteStyleSpace.message);
    },
    onSuccess: async () => {
      router.push('/styles');
      await client.invalidateQueries({ queryKey: STYLES_KEY });
    },
    onError: (error) => setProblem(error.message),
  });
  return (
    <div className={classes.spaceMenu}>
      {problem && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
      {space.state === 'READY' && !space.isChosen && (
        <Button variant="default" size="xs" onClick={() => choose.mutate()} loading={choose.isPending}>
          Tell searches by it
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <FocusableActionIcon variant="default" size={30} aria-label="More about this space">
            <IconDots size={17} stroke={1.6} />
          </FocusableActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="red" onClick={() => remove.mutate()} disabled={remove.isPending}>
            Delete this space with all its versions
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
