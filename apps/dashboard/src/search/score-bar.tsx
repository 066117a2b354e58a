import { formatScore } from '../ui/format';
import { partColour } from './part-look';
import classes from './score-bar.module.css';

export type ScorePiece = {
  /** Place of the part on the page, for its number and colour. */
  place: number;
  name: string;
  value: number;
};

type ScoreBarProps = { score: number; pieces: readonly ScorePiece[]; scale: number };

/**
 * A hit's score as a bar: what pulls it up stacked from the left, what pushes it down hatched at the end.
 * @param scale the pull that fills the bar, the same for all hits of a page.
 */
export function ScoreBar({ score, pieces, scale }: ScoreBarProps) {
  const width = (value: number) => `${Math.min(100, (Math.abs(value) / scale) * 100)}%`;
  return (
    <span className={classes.row}>
      <span className={classes.bar} aria-hidden>
        {pieces
          .filter(({ value }) => value > 0)
          .map(({ place, value }, i) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: a part may pull by what it means and by its words
              key={i}
              className={classes.pull}
              style={{ width: width(value), background: partColour(place) }}
            />
          ))}
        {pieces
          .filter(({ value }) => value < 0)
          .map(({ value }, i) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              key={i}
              className={classes.push}
              style={{ width: width(value), marginLeft: `-${width(value)}` }}
            />
          ))}
      </span>
      <span className={classes.score}>{formatScore(score)}</span>
    </span>
  );
}
