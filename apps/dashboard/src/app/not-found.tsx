import { Button } from '@mantine/core';
import { EmptyPanel } from '../ui/empty-panel';

export default function NotFound() {
  return (
    <EmptyPanel
      isPage
      title="There is no page here"
      action={
        <Button component="a" href="/" variant="default">
          To the search
        </Button>
      }
    >
      The address may be old, or cut off.
    </EmptyPanel>
  );
}
