'use client';

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatBytes, formatCount, formatPlural } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { WideTable } from '../ui/wide-table';
import { DotLine, figureText } from './dot-line';
import { type EvaluationRow, evaluationQuery } from './evaluation-queries';
import classes from './evaluations.module.css';
import { Failures } from './failures';
import { Slices } from './slices';
import { metricName } from './use-view';

/** One evaluation: its figures, slices, failures and report. */
export function EvaluationPage({ id }: { id: string }) {
  const evaluation = useQuery(evaluationQuery(id));
  if (evaluation.error) {
    return (
      <ErrorPanel
        title="The evaluation could not be read"
        error={evaluation.error}
        onRetry={() => void evaluation.refetch()}
      />
    );
  }
  if (evaluation.isPending) return <Skeleton height={420} />;
  const one = evaluation.data;
  if (one === null) {
    return (
      <EmptyPanel title="There is no such evaluation" isPage>
        It was deleted, or the address is not whole.
      </EmptyPanel>
    );
  }
  const state = [
    `${one.datasetName} v${one.versionNumber}`,
    ...(one.split ? [`split ${one.split}`] : []),
    ...(typeof one.gallery === 'number' ? [`gallery of ${formatCount(one.gallery)} photos`] : []),
    one.protocol,
    '95 % intervals over targets',
  ].join(' · ');
  if (one.finishedAt === null) {
    return (
      <>
        <PageHeader title={one.name} state={state} />
        <EmptyPanel title={one.job?.state === 'FAILED' ? 'It failed' : 'It is being measured'}>
          {one.job?.message ??
            'Figures appear here when they are whole; the jobs at the bottom show how far it is.'}
        </EmptyPanel>
      </>
    );
  }
  return (
    <>
      <PageHeader title={one.name} state={state} />
      <FigureTable
        title="One photo is meant"
        one={one}
        level="PHOTO"
        metrics={['hit@1', 'hit@5', 'hit@10', 'mrr']}
      />
      <FigureTable
        title="Every photo of the class is right"
        one={one}
        level="CLASS"
        metrics={['hit@1', 'recall@10', 'map', 'ndcg@10']}
      />
      <Slices id={id} sections={one.sections} />
      <Failures id={id} sections={one.sections} />
      <PaperTable paper={one.paper} />
      <section className={classes.section}>
        <h2 className={classes.heading}>Report</h2>
        <p className={classes.dim}>
          {one.model} · query side {one.queryHash?.slice(0, 12)} · data {one.versionHash.slice(0, 12)}
          {!one.startedBy ? '' : ` · started by ${one.startedBy}`}
        </p>
        <ul>
          {one.reportFiles.map(({ name, bytes, url }) => (
            <li key={name}>
              <a href={url}>{name}</a> <span className={classes.dim}>{formatBytes(bytes)}</span>
            </li>
          ))}
        </ul>
        {(one.broken.length > 0 || one.unanswered.length > 0) && (
          <ul className={classes.notes}>
            {one.unanswered.map((note) => (
              <li key={note}>No figures: {note}, whose photo or class is not in the gallery.</li>
            ))}
            {one.broken.map(({ what, file, reason }) => (
              <li key={`${what} ${file}`}>
                {what}: {file} could not be read and is in no figure ({reason}).
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

type Sections = Pick<EvaluationRow, 'sections'>;

type FigureTableProps = {
  title: string;
  one: Sections;
  level: 'PHOTO' | 'CLASS';
  metrics: readonly string[];
};

/** Figures of one level; the other has a table of its own. */
function FigureTable({ title, one, level, metrics }: FigureTableProps) {
  const sections = one.sections.filter((section) => section.level === level);
  if (sections.length === 0) return null;
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>{title}</h2>
      <WideTable label={title}>
        <thead>
          <tr>
            <th scope="col">Queries</th>
            <th scope="col">n</th>
            {metrics.map((metric) => (
              <th key={metric} scope="col">
                {metricName(metric)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sections.map(({ name, kind, queries, units, tooFew, metrics: figures }) => (
            <tr key={`${kind} ${name}`}>
              <th scope="row">{kind === 'CLUSTER' ? `cluster ${name}` : name}</th>
              <td>
                {formatCount(queries)}
                <br />
                <span className={classes.dim}>{formatPlural(units, 'target')}</span>
              </td>
              {metrics.map((metric) => {
                const figure = figures.find((one) => one.name === metric);
                return (
                  <td key={metric}>
                    {figure ? (
                      <>
                        <DotLine {...figure} tooFew={tooFew} />
                        {figureText({ ...figure, tooFew })}
                      </>
                    ) : (
                      '–'
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </WideTable>
    </section>
  );
}

type PaperProps = {
  paper: readonly {
    style: string;
    reading: string;
    queries: number;
    top1: number;
    top4: number;
    chance: number;
  }[];
};

function PaperTable({ paper }: PaperProps) {
  if (paper.length === 0) return null;
  const percent = (share: number) => (100 * share).toFixed(1);
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>What the paper’s protocol would say</h2>
      <p className={classes.dim}>
        Each query among its own batch only: not comparable with any figure above.
      </p>
      <WideTable label="In-batch figures">
        <thead>
          <tr>
            {['Style', 'Reading', 'n', 'top-1', 'top-4', 'chance'].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {paper.map(({ style, reading, queries, top1, top4, chance }) => (
            <tr key={`${style} ${reading}`}>
              <th scope="row">{style}</th>
              <td>{reading}</td>
              <td>{formatCount(queries)}</td>
              <td>{percent(top1)}</td>
              <td>{percent(top4)}</td>
              <td>{percent(chance)}</td>
            </tr>
          ))}
        </tbody>
      </WideTable>
    </section>
  );
}
