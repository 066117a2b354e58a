import { Select, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { formatPlural } from '../ui/format';
import { type EvaluationRow, worstQuery } from './evaluation-queries';
import classes from './evaluations.module.css';
import { QueryCard } from './query-card';
import { useView } from './use-view';

type FailuresProps = { id: string; sections: EvaluationRow['sections'] };

/** The worst queries of a style or of one of its clusters, with what came instead. */
export function Failures({ id, sections }: FailuresProps) {
  const view = useView();
  const names = sections.filter(({ kind }) => kind !== 'CLUSTER').map(({ name }) => name);
  const clusters = sections
    .filter(({ kind, name }) => kind === 'CLUSTER' && !name.endsWith(' (class)'))
    .map(({ name }) => name);
  const section = names.find((name) => name === view.get('failures')) ?? names[0] ?? '';
  const cluster = clusters.find((name) => name === view.get('cluster')) ?? null;
  const worst = useQuery(worstQuery(id, section, cluster));
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>Failures</h2>
      <div className={classes.filters}>
        <Select
          label="Queries"
          data={names}
          value={section}
          allowDeselect={false}
          onChange={(value) => view.set('failures', value)}
          w={190}
        />
        {clusters.length > 0 && (
          <Select
            label="Seen as"
            placeholder="any cluster"
            clearable
            clearButtonProps={{ 'aria-label': 'Any cluster' }}
            data={clusters}
            value={cluster}
            onChange={(value) => view.set('cluster', value)}
            w={190}
          />
        )}
      </div>
      {worst.isPending ? (
        <Skeleton height={300} mt={12} />
      ) : (
        <>
          <p className={classes.dim}>
            {formatPlural(worst.data?.total ?? 0, 'query', 'queries')}, worst first
          </p>
          {worst.data?.results.map((result) => (
            <QueryCard key={result.key} evaluationId={id} result={result} />
          ))}
        </>
      )}
    </section>
  );
}
