import { Badge, Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatDateTime } from '../ui/format';
import { promotionsQuery } from './model-queries';
import { PROMOTION_WORDS } from './model-words';
import classes from './models.module.css';
import { useModelActions } from './use-model-actions';

/** What answered searches when, who said so and why; and the way back. */
export function History() {
  const promotions = useQuery(promotionsQuery());
  const { rollback } = useModelActions();
  if (promotions.error)
    return (
      <ErrorPanel
        title="The history could not be read"
        error={promotions.error}
        onRetry={() => void promotions.refetch()}
      />
    );
  if (!promotions.data) return <Skeleton height={180} mt={16} />;
  if (promotions.data.length === 0)
    return (
      <EmptyPanel title="Nothing changed yet">Every promotion is kept here, with its reason.</EmptyPanel>
    );
  const [newest] = promotions.data;
  const canGoBack = newest !== undefined && newest.kind !== 'START' && newest.fromName !== null;
  return (
    <>
      {canGoBack && (
        <div className={classes.actions}>
          <Button variant="default" loading={rollback.isPending} onClick={() => rollback.mutate(null)}>
            Roll back to {newest.fromName}
          </Button>
          {rollback.error && (
            <p className={classes.refusal} role="alert">
              {rollback.error.message}
            </p>
          )}
        </div>
      )}
      <ol className={classes.timeline}>
        {promotions.data.map(({ id, kind, modelName, fromName, reason, overridden, by, at }) => (
          <li key={id}>
            <p className={classes.event}>
              {PROMOTION_WORDS[kind]} <strong>{modelName}</strong>
              {fromName && fromName !== modelName ? ` in place of ${fromName}` : ''}{' '}
              {overridden && (
                <Badge size="sm" tt="none" variant="default" c="var(--warn)">
                  gate overridden
                </Badge>
              )}
            </p>
            <p className={classes.dim}>
              {formatDateTime(at)}
              {by ? ` · ${by}` : ''}
              {reason ? ` · “${reason}”` : ''}
            </p>
          </li>
        ))}
      </ol>
    </>
  );
}
