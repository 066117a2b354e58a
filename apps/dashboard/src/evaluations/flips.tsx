import { SegmentedControl, Select, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { formatCount, formatPlural } from '../ui/format';
import { flipsQuery } from './evaluation-queries';
import classes from './evaluations.module.css';
import { AskedQuery } from './query-card';
import { useView } from './use-view';

type FlipsProps = { runs: readonly string[]; metric: string; sections: readonly string[] };

/** The queries that B won and lost against A, as pictures: the query, what each run put first, where the target came. */
export function Flips({ runs: [a = '', b = ''], metric, sections }: FlipsProps) {
  const view = useView();
  const names = sections.filter((name) => name !== 'mean over styles');
  const section = names.find((name) => name === view.get('flips')) ?? names[0] ?? '';
  const won = view.get('side') !== 'lost';
  const flips = useQuery(flipsQuery(a, b, section, metric, won));
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>Queries that changed sides</h2>
      <div className={classes.filters}>
        <Select
          label="Queries"
          data={names}
          value={section}
          allowDeselect={false}
          onChange={(value) => view.set('flips', value)}
          w={190}
        />
        <SegmentedControl
          aria-label="Won or lost"
          data={[
            { value: 'won', label: 'Won by the second' },
            { value: 'lost', label: 'Lost by the second' },
          ]}
          value={won ? 'won' : 'lost'}
          onChange={(value) => view.set('side', value)}
        />
      </div>
      {flips.isPending ? (
        <Skeleton height={240} mt={12} />
      ) : (
        <>
          <p className={classes.dim}>
            {formatPlural(flips.data?.totalCount ?? 0, 'query', 'queries')}, the largest change of rank first
          </p>
          {flips.data?.flips.map((flip) => (
            <article key={flip.key} className={classes.flip}>
              <figure>
                <AskedQuery parts={flip.a.parts} />
                <figcaption>the query</figcaption>
              </figure>
              <Picture image={flip.a.target} words="what is meant" />
              <Picture
                image={flip.a.top[0]?.image ?? null}
                words={`first in A · target at rank ${formatCount(flip.a.rank)}`}
              />
              <Picture
                image={flip.b.top[0]?.image ?? null}
                words={`first in B · target at rank ${formatCount(flip.b.rank)}`}
              />
            </article>
          ))}
        </>
      )}
    </section>
  );
}

function Picture({
  image,
  words,
}: {
  image: { fileName: string; thumbnailUrl: string } | null | undefined;
  words: string;
}) {
  return (
    <figure>
      {image && <img className={classes.query} src={image.thumbnailUrl} alt={image.fileName} />}
      <figcaption>{words}</figcaption>
    </figure>
  );
}
