'use client';

import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { DatasetImports } from '../imports/dataset-imports';
import { PhotosTab } from '../photos/photos-tab';
import { DatasetQueryStyles } from '../query-styles/dataset-query-styles';
import { DatasetStatistics } from '../statistics/dataset-statistics';
import { DatasetVersions } from '../versions/dataset-versions';
import classes from './dataset-tabs.module.css';

type TabProps = { datasetId: string; imageCount: number | undefined };
type Tab = { readonly name: string; readonly label: string; readonly show: (props: TabProps) => ReactNode };

/** The parts of a dataset's page, in the order in which they are needed. The first is the one without a name. */
const TABS: readonly Tab[] = [
  { name: 'photos', label: 'Photos', show: (props) => <PhotosTab {...props} /> },
  { name: 'imports', label: 'Imports', show: ({ datasetId }) => <DatasetImports datasetId={datasetId} /> },
  {
    name: 'query-styles',
    label: 'Query styles',
    show: ({ datasetId }) => <DatasetQueryStyles datasetId={datasetId} />,
  },
  { name: 'versions', label: 'Versions', show: ({ datasetId }) => <DatasetVersions datasetId={datasetId} /> },
  { name: 'statistics', label: 'Statistics', show: (props) => <DatasetStatistics {...props} /> },
];

/** The tab that the address names; an unknown name is the first tab. */
export function useDatasetTab(): string {
  const name = useSearchParams().get('tab');
  return TABS.some((tab) => tab.name === name) ? (name ?? '') : 'photos';
}

/** Tabs that are links, so that each has an address; the filter goes along from one to the next. */
export function DatasetTabs(props: TabProps) {
  const params = useSearchParams();
  const current = useDatasetTab();
  const nav = useRef<HTMLElement>(null);
  // On a phone the tabs are wider than the screen.
  useEffect(() => {
    nav.current
      ?.querySelector(`[data-tab="${current}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  const links = useMemo(() => TABS.map((tab) => ({ ...tab, href: hrefOf(tab.name, params) })), [params]);
  return (
    <>
      <nav ref={nav} className={classes.tabs} aria-label="Parts of this dataset">
        {links.map(({ name, label, href }) => (
          <Link
            key={name}
            className={classes.tab}
            data-tab={name}
            href={href}
            scroll={false}
            aria-current={name === current ? 'page' : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
      {TABS.find(({ name }) => name === current)?.show(props)}
    </>
  );
}

function hrefOf(name: string, params: URLSearchParams): string {
  const next = new URLSearchParams(params);
  next.delete('tab');
  if (name !== TABS[0]?.name) next.set('tab', name);
  return `?${next}`;
}
