import { Button } from '@mantine/core';
import type { RefObject } from 'react';
import { csv, downloadBlob, downloadText, svgToPng } from '../evaluations/download';
import classes from './styles.module.css';

type ChartDownloadsProps = {
  name: string;
  rows: readonly (readonly (string | number)[])[];
  /** What holds the chart. */
  chart: RefObject<HTMLElement | null>;
};

/** A chart as a file: its figures, or the picture as it is drawn. */
export function ChartDownloads({ name, rows, chart }: ChartDownloadsProps) {
  const drawn = () => svgOf(chart.current);
  return (
    <div className={classes.downloads}>
      <Button size="xs" variant="default" onClick={() => downloadText(`${name}.csv`, 'text/csv', csv(rows))}>
        CSV
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          const svg = drawn();
          if (svg !== null) downloadText(`${name}.svg`, 'image/svg+xml', svg);
        }}
      >
        SVG
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={async () => {
          const svg = drawn();
          if (svg !== null) downloadBlob(`${name}.png`, await svgToPng(svg));
        }}
      >
        PNG
      </Button>
    </div>
  );
}

const LOOK = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-size',
  'font-family',
  'opacity',
] as const;

/** The chart with the look that the page gives it, on white; null where none is drawn. */
function svgOf(holder: HTMLElement | null): string | null {
  const drawn = holder?.querySelector('svg');
  if (!drawn) return null;
  const copy = drawn.cloneNode(true) as SVGElement;
  const originals = drawn.querySelectorAll<SVGElement>('*');
  for (const [at, element] of [...copy.querySelectorAll<SVGElement>('*')].entries()) {
    const original = originals[at];
    if (original === undefined) continue;
    const style = getComputedStyle(original);
    for (const name of LOOK) element.setAttribute(name, style.getPropertyValue(name));
  }
  const { width, height } = drawn.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const ground = getComputedStyle(document.body).backgroundColor;
  copy.setAttribute('style', `background:${ground}`);
  return new XMLSerializer().serializeToString(copy);
}
