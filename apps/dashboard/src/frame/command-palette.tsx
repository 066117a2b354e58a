'use client';

import { useMantineColorScheme } from '@mantine/core';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconBox,
  IconChartDots,
  IconCirclesRelation,
  IconDeviceDesktop,
  IconFolderPlus,
  IconLogout,
  IconMoon,
  IconSchool,
  IconSearch,
  IconStack2,
  IconSun,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { datasetNamesQuery } from '../datasets/dataset-queries';
import { evaluationNamesQuery } from '../evaluations/evaluation-queries';
import { modelsQuery } from '../models/model-queries';
import { modelHref } from '../models/model-words';
import { sessionQuery } from '../session/session-query';
import { leave } from '../session/sign-out-button';
import { styleSpaceNamesQuery } from '../styles/style-queries';
import { trainingsQuery } from '../training/training-queries';
import { formatCount } from '../ui/format';
import classes from './command-palette.module.css';
import { pages } from './pages';

const icon = { size: 18, stroke: 1.6 } as const;

/** ⌘K / Ctrl K: every page, every dataset, and what can be done from anywhere. */
export function CommandPalette() {
  const router = useRouter();
  const { setColorScheme } = useMantineColorScheme();
  const datasets = useQuery(datasetNamesQuery());
  const evaluations = useQuery(evaluationNamesQuery());
  const models = useQuery(modelsQuery());
  const trainings = useQuery(trainingsQuery());
  const styleSpaces = useQuery(styleSpaceNamesQuery());
  const { data: session } = useQuery(sessionQuery());
  const go = (href: string) => () => router.push(href);

  const groups: SpotlightActionGroupData[] = [
    {
      group: 'Pages',
      actions: pages.map(({ href, label, hint, icon: Icon }) => ({
        id: href,
        label,
        description: hint,
        leftSection: <Icon {...icon} />,
        onClick: go(href),
      })),
    },
    {
      group: 'Datasets',
      actions: (datasets.data ?? []).map(({ id, name, imageCount }) => ({
        id: `dataset:${id}`,
        label: name,
        description: `${formatCount(imageCount)} photos`,
        leftSection: <IconStack2 {...icon} />,
        onClick: go(`/datasets/${encodeURIComponent(id)}`),
      })),
    },
    {
      group: 'Styles',
      actions: (styleSpaces.data ?? []).flatMap(({ id, name, datasetName, version }) => [
        {
          id: `styles:${id}`,
          label: name,
          description: `${datasetName} · style space`,
          leftSection: <IconCirclesRelation {...icon} />,
          onClick: go(`/styles/${encodeURIComponent(id)}`),
        },
        ...(version?.clusters ?? []).map(({ key, name: cluster, count }) => ({
          id: `styles:${id}:${key}`,
          label: cluster,
          description: `cluster of ${formatCount(count)} pictures in ${name}`,
          leftSection: <IconCirclesRelation {...icon} />,
          onClick: go(`/styles/${encodeURIComponent(id)}`),
        })),
      ]),
    },
    {
      group: 'Evaluations',
      actions: (evaluations.data ?? []).map(({ id, name, datasetName, versionNumber }) => ({
        id: `evaluation:${id}`,
        label: name,
        description: `${datasetName} v${versionNumber}`,
        leftSection: <IconChartDots {...icon} />,
        onClick: go(`/evaluations/${encodeURIComponent(id)}`),
      })),
    },
    {
      group: 'Models',
      actions: (models.data ?? []).map(({ id, name, kind, isLive }) => ({
        id: `model:${id}`,
        label: name,
        description: `${kind === 'BACKBONE' ? 'backbone' : 'query encoder'}${isLive ? ' · live' : ''}`,
        leftSection: <IconBox {...icon} />,
        onClick: go(modelHref(id)),
      })),
    },
    {
      group: 'Trainings',
      actions: (trainings.data?.rows ?? []).map(({ id, name, datasetName, versionNumber }) => ({
        id: `training:${id}`,
        label: name,
        description: `${datasetName} v${versionNumber}`,
        leftSection: <IconSchool {...icon} />,
        onClick: go(`/training/${encodeURIComponent(id)}`),
      })),
    },
    {
      group: 'Do',
      actions: [
        {
          id: 'train',
          label: 'New training',
          leftSection: <IconSchool {...icon} />,
          onClick: go('/training?new=1'),
        },
        {
          id: 'add-model',
          label: 'Add a model',
          leftSection: <IconBox {...icon} />,
          onClick: go('/models?add=1'),
        },
        { id: 'new-search', label: 'New search', leftSection: <IconSearch {...icon} />, onClick: go('/') },
        {
          id: 'import',
          label: 'New import',
          leftSection: <IconFolderPlus {...icon} />,
          onClick: go('/datasets/import'),
        },
        {
          id: 'light',
          label: 'Light',
          leftSection: <IconSun {...icon} />,
          onClick: () => setColorScheme('light'),
        },
        {
          id: 'dark',
          label: 'Dark',
          leftSection: <IconMoon {...icon} />,
          onClick: () => setColorScheme('dark'),
        },
        {
          id: 'auto',
          label: 'Follow the system’s light or dark',
          leftSection: <IconDeviceDesktop {...icon} />,
          onClick: () => setColorScheme('auto'),
        },
        ...(session?.canSignOut
          ? [
              {
                id: 'sign-out',
                label: 'Sign out',
                leftSection: <IconLogout {...icon} />,
                onClick: () => void leave(),
              },
            ]
          : []),
      ],
    },
  ];

  return (
    <Spotlight
      actions={groups.filter(({ actions }) => actions.length > 0)}
      shortcut="mod + K"
      tagsToIgnore={[]}
      nothingFound="Nothing by that name"
      highlightQuery
      title="Commands"
      classNames={{ header: classes.header }}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      scrollable
      maxHeight={380}
      searchProps={{
        placeholder: 'Go to a page or a dataset…',
        'aria-label': 'Command',
        leftSection: <IconSearch {...icon} />,
      }}
    />
  );
}
