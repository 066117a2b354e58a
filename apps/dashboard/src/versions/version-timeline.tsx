'use client';

import { Menu, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { CopyButton } from '../ui/copy-button';
import { formatDateTime, formatPlural } from '../ui/format';
import { type Compared, diffCountsQuery, type Version } from './version-queries';
import { versionCounts, versionTitle } from './version-words';
import classes from './versions.module.css';

type ExportUrls = { folder: string; dsr: string };

type VersionTimelineProps = {
  versions: readonly Version[];
  exportUrls: ExportUrls | null;
  compared: Compared | null;
  onCompare: (compared: Compared) => void;
};

/** Newest at the top; choosing one shows what it changed against the one before. */
export function VersionTimeline({ versions, exportUrls, compared, onCompare }: VersionTimelineProps) {
  const [newest] = versions;
  return (
    <ol className={classes.timeline} aria-label="Timeline">
      {newest && (
        <NowEntry
          newest={newest}
          isShown={compared?.to === null && compared.from.id === newest.id}
          exportUrls={exportUrls}
          onShow={() => onCompare({ from: newest, to: null })}
        />
      )}
      {versions.map((version, index) => {
        const earlier = versions[index + 1];
        const shows: Compared = earlier ? { from: earlier, to: version } : { from: version, to: null };
        const isShown =
          earlier !== undefined && compared?.to?.id === version.id && compared.from.id === earlier.id;
        return (
          <li key={version.id} className={classes.entry} data-shown={isShown || undefined}>
            <span className={classes.dot} aria-hidden />
            <div className={classes.entryHead}>
              <button
                type="button"
                className={classes.entryName}
                aria-current={isShown || undefined}
                onClick={() => onCompare(shows)}
              >
                <span className={classes.number}>{version.number}</span>
                {version.name ?? `Version ${version.number}`}
              </button>
              <ExportMenu title={versionTitle(version)} urls={exportUrls} versionId={version.id} />
            </div>
            <p className={classes.entryFacts}>{versionCounts(version)}</p>
            <p className={classes.entryFacts}>
              <time dateTime={version.createdAt}>{formatDateTime(version.createdAt)}</time> ·{' '}
              <HashButton hash={version.contentHash} />
            </p>
          </li>
        );
      })}
    </ol>
  );
}

type NowEntryProps = {
  newest: Version;
  isShown: boolean;
  exportUrls: ExportUrls | null;
  onShow: () => void;
};

function NowEntry({ newest, isShown, exportUrls, onShow }: NowEntryProps) {
  const { data: diff } = useQuery(diffCountsQuery({ from: newest, to: null }));
  const count = diff ? diff.addedCount + diff.removedCount + diff.changedCount : null;
  return (
    <li className={classes.entry} data-now data-shown={isShown || undefined}>
      <span className={classes.dot} aria-hidden />
      <div className={classes.entryHead}>
        <button
          type="button"
          className={classes.entryName}
          aria-current={isShown || undefined}
          onClick={onShow}
        >
          Now
        </button>
        <ExportMenu title="what there is now" urls={exportUrls} versionId={null} />
      </div>
      <p className={classes.entryFacts}>
        {count === null
          ? 'comparing…'
          : count === 0
            ? `As version ${newest.number}`
            : `${formatPlural(count, 'change')} since version ${newest.number}`}
      </p>
    </li>
  );
}

function HashButton({ hash }: { hash: string }) {
  return (
    <CopyButton value={hash}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : 'Copy the content hash'}>
          <button type="button" className={classes.hash} onClick={copy} aria-label="Copy the content hash">
            {hash.slice(0, 10)}
            {copied ? <IconCheck size={12} aria-hidden /> : <IconCopy size={12} aria-hidden />}
          </button>
        </Tooltip>
      )}
    </CopyButton>
  );
}

type ExportMenuProps = { title: string; urls: ExportUrls | null; versionId: string | null };

/** Downloads begin at once: the server writes the archive while it is sent. */
export function ExportMenu({ title, urls, versionId }: ExportMenuProps) {
  if (urls === null) return null;
  const address = (url: string) => (versionId ? `${url}&version=${encodeURIComponent(versionId)}` : url);
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <button type="button" className={classes.export} aria-label={`Export ${title}`}>
          <IconDownload size={16} stroke={1.6} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={address(urls.folder)} download>
          Dataset folder (zip)
        </Menu.Item>
        <Menu.Item component="a" href={address(urls.dsr)} download>
          DSR layout (zip)
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
