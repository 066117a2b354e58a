import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import classes from './query-styles.module.css';
import { Section } from './section';
import type { StyleDataset } from './style-queries';

/** The dataset as it is now, as a zip file; its versions are exported where they are listed. */
export function ExportPanel({ dataset: { folderUrl, dsrUrl } }: { dataset: StyleDataset }) {
  const icon = <IconDownload size={16} stroke={1.6} aria-hidden />;
  return (
    <Section
      title="Export"
      about="Photos, queries, captions and splits as they are now. To be able to name later what it was, make a version first."
    >
      <div className={classes.actions}>
        <Button component="a" href={folderUrl} download variant="default" leftSection={icon}>
          Dataset folder (zip)
        </Button>
        <Button component="a" href={dsrUrl} download variant="default" leftSection={icon}>
          DSR layout (zip)
        </Button>
      </div>
    </Section>
  );
}
