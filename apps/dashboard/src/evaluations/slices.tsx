import { Select, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { EvaluationSliceBy } from '../generated/graphql';
import { formatCount } from '../ui/format';
import { WideTable } from '../ui/wide-table';
import { DotLine, figureText } from './dot-line';
import { type EvaluationRow, slicesQuery } from './evaluation-queries';
import classes from './evaluations.module.css';
import { useView } from './use-view';

const BY: readonly { value: EvaluationSliceBy; label: string }[] = [
  { value: 'CLUSTER', label: 'Style cluster' },
  { value: 'CLASS', label: 'Class' },
  { value: 'SPLIT', label: 'Split' },
  { value: 'MAKERS', label: 'Who made the query' },
];

type SlicesProps = { id: string; sections: EvaluationRow['sections'] };

/** The queries of one style, told apart: which part of them is weakest? */
export function Slices({ id, sections }: SlicesProps) {
  const view = useView();
  const names = sections.filter(({ kind }) => kind !== 'CLUSTER').map(({ name }) => name);
  const section = names.find((name) => name === view.get('slice')) ?? names[0] ?? '';
  const by = BY.find(({ value }) => value === view.get('by'))?.value ?? 'CLASS';
  const slices = useQuery(slicesQuery(id, section, by, 'hit@1'));
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>Slices, weakest first</h2>
      <div className={classes.filters}>
        <Select
          label="Queries"
          data={names}
          value={section}
          allowDeselect={false}
          onChange={(value) => view.set('slice', value)}
          w={190}
        />
        <Select
          label="Told apart by"
          data={[...BY]}
          value={by}
          allowDeselect={false}
          onChange={(value) => view.set('by', value)}
          w={190}
        />
      </div>
      {slices.isPending ? (
        <Skeleton height={160} mt={12} />
      ) : !slices.data || slices.data.length === 0 ? (
        <p className={classes.dim}>These queries cannot be told apart by that.</p>
      ) : (
        <WideTable label="Slices">
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col">n</th>
              <th scope="col">hit@1, 0 to 100 %</th>
            </tr>
          </thead>
          <tbody>
            {slices.data.map((slice) => (
              <tr key={slice.name}>
                <th scope="row">{slice.name}</th>
                <td>{formatCount(slice.queries)}</td>
                <td>
                  <DotLine {...slice} />
                  {figureText(slice)}
                </td>
              </tr>
            ))}
          </tbody>
        </WideTable>
      )}
    </section>
  );
}
