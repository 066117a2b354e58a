import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { tileName } from './picture-tile';
import type { Hover } from './point-map';
import { picturesQuery, type Standing, type StyleCluster } from './style-queries';
import classes from './styles.module.css';

const WAIT_MS = 60;
const WIDTH = 190;
const HEIGHT = 230;

type HoverCardProps = { standing: Standing; hover: Hover; clusters: readonly StyleCluster[] };

/** The picture under the pointer. */
export function HoverCard({ standing, hover, clusters }: HoverCardProps) {
  const [row] = useDebouncedValue(hover.row, WAIT_MS);
  const { data } = useQuery(picturesQuery(standing, [row]));
  const picture = data?.find(({ index }) => index === hover.row);
  const left = hover.x + 18 + WIDTH > window.innerWidth ? hover.x - WIDTH - 18 : hover.x + 18;
  const top = Math.min(hover.y + 12, window.innerHeight - HEIGHT);
  const cluster = clusters.find(({ key }) => key === picture?.clusterKey);
  return (
    <div className={classes.hover} style={{ left, top }} aria-hidden>
      <div className={classes.hoverPicture}>{picture && <img src={picture.thumbnailUrl} alt="" />}</div>
      <p>{picture ? tileName(picture) : ' '}</p>
      <p className={classes.dim}>
        {cluster && <span className={classes.swatch} style={{ background: cluster.colour }} />}{' '}
        {picture ? (cluster?.name ?? 'in no cluster') : ''}
      </p>
    </div>
  );
}
