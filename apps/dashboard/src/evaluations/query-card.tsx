import { Badge, Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { request } from '../api/client';
import { type EvaluationQueryCardFragment, JudgeDocument, type JudgementKind } from '../generated/graphql';
import { formatCount, formatDateTime, formatShare } from '../ui/format';
import { EVALUATIONS_KEY } from './evaluation-queries';
import classes from './evaluations.module.css';

/** What was asked: words, a picture, or the photo that a picture was made from. */
export function AskedQuery({ parts }: Pick<EvaluationQueryCardFragment, 'parts'>) {
  return parts.map(({ text, thumbnailUrl, madeOf }, i) => {
    const key = `${i} ${text ?? thumbnailUrl ?? madeOf?.id}`;
    if (typeof text === 'string')
      return (
        <p key={key} className={classes.words}>
          “{text}”
        </p>
      );
    if (thumbnailUrl) return <img key={key} className={classes.query} src={thumbnailUrl} alt="The query" />;
    return !madeOf ? null : (
      <figure key={key} style={{ margin: 0 }}>
        <img className={classes.query} src={madeOf.thumbnailUrl} alt="What the query was made from" />
        <figcaption className={classes.dim}>made from this photo for the evaluation</figcaption>
      </figure>
    );
  });
}

type QueryCardProps = {
  evaluationId: string;
  result: EvaluationQueryCardFragment & {
    top: readonly {
      rank: number;
      score: number;
      right: boolean;
      image?:
        | { id: string; fileName: string; thumbnailUrl: string; dataset: { id: string } }
        | null
        | undefined;
    }[];
  };
};

/** One query with the head of its list: what was meant, where it came, what stood before it. */
export function QueryCard({ evaluationId, result }: QueryCardProps) {
  const { rank, tied, styleCluster, styleWeights, target, top } = result;
  return (
    <article className={classes.card}>
      <div>
        <AskedQuery parts={result.parts} />
        <p className={classes.dim}>
          rank {formatCount(rank)}
          {tied ? ', by the rule for ties' : ''}
          {!styleCluster ? '' : ` · seen as ${styleCluster}`}
        </p>
        {styleWeights.length > 0 && (
          <p className={classes.dim}>
            {[...styleWeights]
              .sort((a, b) => b.weight - a.weight)
              .slice(0, 3)
              .map(({ style, weight }) => `${style} ${formatShare(weight)}`)
              .join(', ')}
          </p>
        )}
      </div>
      <div>
        <div className={classes.hits}>
          {target && (
            <figure className={classes.meant}>
              <Link href={photoHref(target.dataset.id, target.id)}>
                <img src={target.thumbnailUrl} alt={`Meant: ${target.fileName}`} />
              </Link>
              <figcaption>meant · rank {formatCount(rank)}</figcaption>
            </figure>
          )}
          {top.map((hit) => (
            <figure key={hit.rank} className={hit.right ? classes.right : undefined}>
              {hit.image ? (
                <Link href={photoHref(hit.image.dataset.id, hit.image.id)}>
                  <img src={hit.image.thumbnailUrl} alt={hit.image.fileName} />
                </Link>
              ) : (
                <span>photo gone</span>
              )}
              <figcaption>
                {hit.rank}. {hit.score.toFixed(3)}
                {hit.right ? ' ✓ right' : ''}
              </figcaption>
            </figure>
          ))}
        </div>
        <Judging evaluationId={evaluationId} result={result} />
      </div>
    </article>
  );
}

const photoHref = (datasetId: string, imageId: string): string =>
  `/datasets/${encodeURIComponent(datasetId)}/photos/${encodeURIComponent(imageId)}`;

const SAID: Readonly<Record<JudgementKind, string>> = {
  WRONG_LABEL: 'Label called wrong',
  FOR_TRAINING: 'Kept for training',
};

/** "This label is wrong", and what to train on next; kept with who said it and when. */
function Judging({ evaluationId, result }: QueryCardProps) {
  const queryClient = useQueryClient();
  const judge = useMutation({
    mutationFn: async (kind: JudgementKind) => {
      const { section, key } = result;
      const { judge: answer } = await request(JudgeDocument, { evaluationId, section, key, kind });
      if (answer.__typename !== 'JudgeSuccess')
        throw new Error('message' in answer ? answer.message : 'refused');
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [...EVALUATIONS_KEY, 'worst', evaluationId] }),
  });
  const said = new Set(result.judgements.map(({ kind }) => kind));
  return (
    <div className={classes.actions}>
      {result.judgements.map(({ id, kind, judgedBy, createdAt }) => (
        <Badge key={id} variant="light" color={kind === 'WRONG_LABEL' ? 'red' : 'accent'} tt="none">
          {SAID[kind]} by {judgedBy}, {formatDateTime(createdAt)}
        </Badge>
      ))}
      {!said.has('WRONG_LABEL') && (
        <Button size="compact-xs" variant="default" onClick={() => judge.mutate('WRONG_LABEL')}>
          This label is wrong
        </Button>
      )}
      {!said.has('FOR_TRAINING') && (
        <Button size="compact-xs" variant="default" onClick={() => judge.mutate('FOR_TRAINING')}>
          Keep for the next training
        </Button>
      )}
      {judge.error && (
        <span role="alert" className={classes.dim}>
          {judge.error.message}
        </span>
      )}
    </div>
  );
}
