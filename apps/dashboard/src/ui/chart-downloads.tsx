import { Button } from '@mantine/core';
import classes from './chart-downloads.module.css';
import { csv, downloadBlob, downloadText, svgToPng } from './download';

type ChartDownloadsProps = {
  /** Of the file, without its ending. */
  name: string;
  rows: () => readonly (readonly (string | number)[])[];
  /** The picture, see `svgOf`; left out where only figures are shown, null where none is drawn yet. */
  svg?: () => string | null;
};

/** A chart as a file: its figures for a spreadsheet, or the picture. */
export function ChartDownloads({ name, rows, svg }: ChartDownloadsProps) {
  const withPicture = (take: (picture: string) => void) => () => {
    const picture = svg?.() ?? null;
    if (picture !== null) take(picture);
  };
  const files: readonly (readonly [label: string, take: () => void])[] = [
    ['CSV', () => downloadText(`${name}.csv`, 'text/csv', csv(rows()))],
    ...(svg === undefined
      ? []
      : ([
          ['SVG', withPicture((picture) => downloadText(`${name}.svg`, 'image/svg+xml', picture))],
          ['PNG', withPicture(async (picture) => downloadBlob(`${name}.png`, await svgToPng(picture)))],
        ] as const)),
  ];
  return (
    <div className={classes.downloads}>
      {files.map(([label, take]) => (
        <Button key={label} size="xs" variant="default" onClick={take}>
          {label}
        </Button>
      ))}
    </div>
  );
}
