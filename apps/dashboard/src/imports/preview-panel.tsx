'use client';

import { Checkbox, Group, Select, Skeleton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type Ref, useState } from 'react';
import type { ColumnMappingInput, ImportFormat, ImportInput, TextEncoding } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { FocusableButton } from '../ui/focusable-button';
import { formatCount, formatPlural } from '../ui/format';
import { ColumnMapping } from './column-mapping';
import { ENCODING_WORDS, FORMAT_WORDS, PASSED_OVER_WORDS } from './formats';
import { type ImportPreview, previewQuery } from './import-queries';
import classes from './imports.module.css';
import type { Reading } from './upload-store';

type PreviewPanelProps = {
  ref?: Ref<HTMLElement>;
  input: ImportInput;
  onImport: (reading: Reading) => void;
  isBusy?: boolean;
  /** Something else is missing yet. */
  isDisabled?: boolean;
};

/** A dry run: what the import would do, how it reads the files, and what is wrong with them. Nothing is stored. */
export function PreviewPanel(props: PreviewPanelProps) {
  const { ref, input, onImport, isBusy = false, isDisabled = false } = props;
  const [format, setFormat] = useState<ImportFormat>('AUTO');
  const [columns, setColumns] = useState<ColumnMappingInput>({});
  const [encoding, setEncoding] = useState<TextEncoding | null>(null);
  const [takeUnlisted, setTakeUnlisted] = useState(false);
  const reading = {
    ...(encoding !== null && { encoding }),
    ...(takeUnlisted && { takeUnlisted }),
    ...(format !== 'AUTO' && { format }),
    ...(Object.keys(columns).length > 0 && { columns }),
  };
  const query = useQuery({ ...previewQuery({ ...input, ...reading }), placeholderData: keepPreviousData });
  const preview = query.data;
  const count = preview ? preview.photoCount + preview.queryCount : 0;
  return (
    <section
      ref={ref}
      className={classes.preview}
      aria-label="What the import would do"
      aria-busy={query.isFetching}
      tabIndex={-1}
    >
      <div className={classes.previewHead}>
        <Select
          label="Read as"
          size="xs"
          w={280}
          data={['AUTO' as const, ...formatsOf(preview, format)].map(asOption)}
          value={format}
          onChange={(chosen) => {
            setFormat((chosen as ImportFormat | null) ?? 'AUTO');
            setColumns({});
          }}
          allowDeselect={false}
        />
        <Group gap={10}>
          <FocusableButton variant="default" loading={query.isFetching} onClick={() => void query.refetch()}>
            Look again
          </FocusableButton>
          <FocusableButton
            onClick={() => onImport(reading)}
            loading={isBusy}
            disabled={isDisabled || query.isFetching || count === 0 || Boolean(query.error)}
          >
            {preview ? `Import ${whatOf(preview)}` : 'Import'}
          </FocusableButton>
        </Group>
      </div>
      {query.error ? (
        <ErrorPanel
          title="It could not be looked through"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : preview ? (
        <>
          <PreviewFacts preview={preview} columns={columns} onColumns={setColumns} />
          <ListReading
            preview={preview}
            encoding={encoding}
            onEncoding={setEncoding}
            takeUnlisted={takeUnlisted}
            onTakeUnlisted={setTakeUnlisted}
          />
        </>
      ) : (
        <Skeleton height={160} radius="md" />
      )}
    </section>
  );
}

/** What it could be read as; the one that is chosen stays to be seen. Folders of pictures may be classes as well as
 *  albums, which only a person can tell. */
const formatsOf = (preview: ImportPreview | undefined, chosen: ImportFormat): ImportFormat[] => {
  const hasFolders = preview?.samples.some(({ path }) => path.includes('/')) ?? false;
  const offered = new Set([
    ...(preview?.formats ?? []),
    ...(hasFolders ? ['CLASS_TREE' as const] : []),
    chosen,
  ]);
  return [...offered].filter((one) => one !== 'AUTO');
};

const asOption = (value: ImportFormat) => ({ value, label: FORMAT_WORDS[value] });

/** "3,000 photos and 120 queries". */
function whatOf({ photoCount, queryCount }: ImportPreview): string {
  const photos = formatPlural(photoCount, 'photo');
  return queryCount > 0 ? `${photos} and ${formatPlural(queryCount, 'query', 'queries')}` : photos;
}

type ListReadingProps = {
  preview: ImportPreview;
  encoding: TextEncoding | null;
  onEncoding: (encoding: TextEncoding | null) => void;
  takeUnlisted: boolean;
  onTakeUnlisted: (take: boolean) => void;
};

/** How the lists are read, and what becomes of pictures that stand in none. Only where there are lists. */
function ListReading(props: ListReadingProps) {
  const { preview, encoding, onEncoding, takeUnlisted, onTakeUnlisted } = props;
  const [list] = preview.lists;
  if (list === undefined) return null;
  const found = [...new Set(preview.lists.map((one) => ENCODING_WORDS[one.encoding]))].join(', ');
  const others = preview.problems.some(({ code }) => code === 'NOT_LISTED');
  return (
    <div className={classes.listReading}>
      <Select
        label="Letters of the lists"
        description={encoding === null ? `Found out: ${found}` : 'As chosen here'}
        size="xs"
        w={280}
        data={[
          { value: '', label: 'Found out from each list' },
          ...Object.entries(ENCODING_WORDS).map(([value, label]) => ({ value, label })),
        ]}
        value={encoding ?? ''}
        onChange={(chosen) => onEncoding(chosen ? (chosen as TextEncoding) : null)}
        allowDeselect={false}
      />
      {(others || takeUnlisted) && (
        <Checkbox
          size="sm"
          label="Take pictures that no list names, without captions"
          checked={takeUnlisted}
          onChange={({ currentTarget }) => onTakeUnlisted(currentTarget.checked)}
        />
      )}
    </div>
  );
}

type PreviewFactsProps = {
  preview: ImportPreview;
  columns: ColumnMappingInput;
  onColumns: (columns: ColumnMappingInput) => void;
};

function PreviewFacts({ preview, columns, onColumns }: PreviewFactsProps) {
  const { problems, problemCount, samples, checkedCount, partial } = preview;
  return (
    <>
      {partial && (
        <p className={classes.hint} role="note">
          This source is large: only its beginning was looked at, and the counts below are of that. The import
          takes all of it.
        </p>
      )}
      <dl className={classes.facts}>
        <Fact name="Read as" value={FORMAT_WORDS[preview.format]} />
        <Fact name="Photos" value={formatCount(preview.photoCount)} />
        <Fact name="Queries" value={formatCount(preview.queryCount)} />
        <Fact name="Captions" value={formatCount(preview.captionCount)} />
        <Fact name="Problems" value={formatCount(problemCount)} isBad={problemCount > 0} />
      </dl>
      <p className={classes.hint}>
        {formatPlural(checkedCount, 'picture')} opened for this check; the import opens every one.
      </p>
      <PassedOver passedOver={preview.passedOver} />
      <Counts title="Classes" counts={preview.classes} />
      <Counts title="Splits" counts={preview.splits} />
      <Counts title="Styles of queries" counts={preview.styles} />
      {preview.columns.length > 0 && (
        <ColumnMapping header={preview.columns} rows={preview.rows} value={columns} onChange={onColumns} />
      )}
      {problems.length > 0 && (
        <Table
          title={`Problems${problemCount > problems.length ? `: the first ${problems.length} of ${formatCount(problemCount)}` : ''}`}
          head={['File', 'Reason']}
          rows={problems.map(({ path, reason }) => [path, reason])}
        />
      )}
      {samples.length > 0 && (
        <Table
          title="Samples"
          head={['File', 'Class', 'Split', 'Style', 'Captions']}
          rows={samples.map((one) => [
            one.path,
            one.class ?? '',
            one.split ?? '',
            one.style ? `${one.style}${one.target ? ` of ${one.target}` : ''}` : '',
            one.captions.join(' · '),
          ])}
        />
      )}
    </>
  );
}

function Fact({ name, value, isBad = false }: { name: string; value: string; isBad?: boolean }) {
  return (
    <div data-bad={isBad || undefined}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Files that are not looked at, so that the numbers add up to what lies there. */
function PassedOver({ passedOver }: Pick<ImportPreview, 'passedOver'>) {
  if (passedOver.length === 0) return null;
  return (
    <ul className={classes.passedOver} aria-label="Files that are passed over">
      {passedOver.map(({ reason, count, example }) => (
        <li key={reason}>
          <b>{formatPlural(count, 'file')}</b> passed over: {PASSED_OVER_WORDS[reason]} ({example}
          {count > 1 && ' …'})
        </li>
      ))}
    </ul>
  );
}

const SHOWN_COUNTS = 12;

function Counts({ title, counts }: { title: string; counts: readonly { value: string; count: number }[] }) {
  const named = counts.filter(({ value }) => value !== '');
  if (named.length === 0) return null;
  return (
    <p className={classes.counts}>
      <span>{title}</span>
      {named.slice(0, SHOWN_COUNTS).map(({ value, count }) => (
        <span key={value} className={classes.count}>
          {value} <b>{formatCount(count)}</b>
        </span>
      ))}
      {named.length > SHOWN_COUNTS && <span>and {formatCount(named.length - SHOWN_COUNTS)} more</span>}
    </p>
  );
}

/** A table that scrolls in its own place. Columns that are empty in every row are left out. */
function Table({ title, head, rows }: { title: string; head: string[]; rows: string[][] }) {
  const filled = head.map((_, column) => rows.some((row) => row[column] !== ''));
  const shown = <T,>(cells: readonly T[]): T[] => cells.filter((_, column) => filled[column]);
  return (
    <>
      <h3 className={classes.tableTitle}>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.table} tabIndex={0} aria-label={title}>
        <table>
          <thead>
            <tr>
              {shown(head).map((one) => (
                <th key={one} scope="col">
                  {one}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own and do not move
              <tr key={place}>
                {shown(row).map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <td key={column} className={column === 0 ? classes.path : undefined}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
