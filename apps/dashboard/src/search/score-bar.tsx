import { formatScore } from '../ui/format';
import { partColour } from './part-look';
import classes from './score-bar.module.css';

export type ScorePiece = {
  /** Place of the part on the page, for its number and colour. */
  place: number;
  name: string;
  value: number;
};

type ScoreBarProps = {
  score: number;
  pieces: readonly ScorePiece[];
  /** The pull that fills the bar, the same for every search. */
  scale: number;
  /** The score from which on hits are shown; null where there is no such. */
  floor: number | null;
};

/** A hit's score as a bar: what pulls it up stacked from the left, what pushes it down hatched at the end, and a mark for
 *  the floor. */
export function ScoreBar({ score, pieces, scale, floor }: ScoreBarProps) {
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
        {floor !== null && floor > 0 && (
          <span className={classes.floor} style={{ left: width(floor) }} data-floor />
        )}
      </span>
      <span className={classes.score} title={floor !== null && score < floor ? 'Below the floor' : undefined}>
        {formatScore(score)}
      </span>
    </span>
  );
}
