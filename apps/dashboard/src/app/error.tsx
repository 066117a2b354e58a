'use client';

import { ErrorPanel } from '../ui/error-panel';

/** What is shown when a page itself breaks: the frame stays, and the page can be tried again. */
export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <ErrorPanel
      title="This page broke"
      error={error}
      kept="Nothing on the server was changed."
      onRetry={reset}
    />
  );
}
