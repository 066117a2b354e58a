import { Badge, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { DotLine, figureText } from '../evaluations/dot-line';
import { evaluationsQuery } from '../evaluations/evaluation-queries';
import { cellOf, columnsOf, shortName } from '../evaluations/matrix-data';
import { MatrixDownloads } from '../evaluations/matrix-downloads';
import { EmptyPanel } from '../ui/empty-panel';
import { formatBytes } from '../ui/format';
import { WideTable } from '../ui/wide-table';
import type { ModelRow } from './model-queries';
import { modelHref, originWords } from './model-words';
import classes from './models.module.css';

/** One line a model that queries can go through, with its latest scores by style on one scale. */
export function ModelTable({ models }: { models: readonly ModelRow[] }) {
  const evaluations = useQuery(evaluationsQuery());
  const latest = new Map(
    models.flatMap((model) => {
      const found = evaluations.data?.rows.find(
        ({ encoder, finishedAt }) => encoder === model.encoder && finishedAt !== null,
      );
      return found ? [[model.id, found] as const] : [];
    }),
  );
  const judged = [...latest.values()];
  const columns = columnsOf(judged, 'PHOTO').slice(0, 8);
  const trained = models.filter(({ origin }) => origin === 'TRAINED');
  return (
    <>
      <WideTable label="Models by style">
        <caption className={classes.hidden}>
          Models with hit@1 by style of their latest evaluation, per cent, with 95 % intervals
        </caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Made from</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {shortName(column)}
                <br />
                <small>hit@1, 0 to 100 %</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {models.map((model) => {
            const evaluation = latest.get(model.id);
            return (
              <tr key={model.id} data-live={model.isLive || undefined}>
                <th scope="row">
                  <Link className={classes.name} href={modelHref(model.id)}>
                    {model.name}
                  </Link>{' '}
                  {model.isLive && (
                    <Badge size="sm" tt="none" variant="default" c="var(--good)">
                      live
                    </Badge>
                  )}
                  <br />
                  <span className={classes.dim}>
                    {model.kind === 'BACKBONE'
                      ? 'plain backbone'
                      : `on ${model.backbone?.name ?? 'a backbone that is not here'}`}{' '}
                    · {model.dimensions} dimensions · {formatBytes(model.byteSize)}
                  </span>
                </th>
                <td className={classes.from}>
                  {originWords(model)}
                  <br />
                  <span className={`${classes.dim} ${classes.licence}`} title={model.licence ?? undefined}>
                    {model.licence ?? 'licence not stated'}
                  </span>
                </td>
                {columns.length > 0 && !evaluation ? (
                  <td colSpan={columns.length} className={classes.dim}>
                    not evaluated yet
                  </td>
                ) : (
                  columns.map((column) => {
                    const cell = evaluation && cellOf(evaluation, column, 'hit@1');
                    return (
                      <td key={column}>
                        {cell ? (
                          <>
                            <DotLine {...cell} />
                            {figureText(cell)}
                          </>
                        ) : (
                          '–'
                        )}
                      </td>
                    );
                  })
                )}
              </tr>
            );
          })}
        </tbody>
      </WideTable>
      <MatrixDownloads rows={judged} metric="hit@1" level="PHOTO" />
      {trained.length === 0 && (
        <EmptyPanel
          title="None was trained here yet"
          action={
            <Button component={Link} href="/training?new=1">
              Train one in about two minutes
            </Button>
          }
        >
          A query encoder that is trained on your own photos lives in the same space: the gallery stays as it
          is, and promoting it takes a second.
        </EmptyPanel>
      )}
    </>
  );
}
