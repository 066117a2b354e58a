import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount } from '../ui/format';
import { suggestionsQuery } from './model-queries';
import { modelHref } from './model-words';
import classes from './models.module.css';
import { useModelActions } from './use-model-actions';

/** Better models by name: one click fetches one, and the gallery is encoded beside the space that is searched. */
export function Suggestions() {
  const suggestions = useQuery(suggestionsQuery());
  const { fetch } = useModelActions();
  if (suggestions.error)
    return (
      <ErrorPanel
        title="The list could not be read"
        error={suggestions.error}
        onRetry={() => void suggestions.refetch()}
      />
    );
  if (!suggestions.data) return <Skeleton height={220} mt={16} />;
  return (
    <>
      <p className={classes.lead}>
        The model that comes with the product serves the first minute. A larger one, trained on far more
        pictures, is one click away: it is fetched, checked, and encodes the gallery beside the space that is
        searched. Nothing changes before you switch. Where there is no network, add a folder instead.
      </p>
      {fetch.error && (
        <p className={classes.refusal} role="alert">
          {fetch.error.message}
        </p>
      )}
      <ul className={classes.cards}>
        {suggestions.data.map(({ repo, name, megabytes, dimensions, licence, expect, model }) => (
          <li key={repo} className={classes.card}>
            <h2 className={classes.cardTitle}>{name}</h2>
            <p className={classes.dim}>
              {repo} · about {formatCount(megabytes)} MB · {dimensions} dimensions
            </p>
            <p className={classes.cardText}>{expect}</p>
            <p className={classes.dim}>Licence: {licence}</p>
            {model ? (
              <Button component={Link} variant="default" size="xs" href={modelHref(model.id)}>
                It is here
              </Button>
            ) : (
              <Button
                size="xs"
                loading={fetch.isPending && fetch.variables === repo}
                onClick={() => fetch.mutate(repo)}
                aria-label={`Fetch ${name}`}
              >
                Fetch it
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
