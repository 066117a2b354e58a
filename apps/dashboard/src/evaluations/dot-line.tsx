import classes from './evaluations.module.css';

type DotLineProps = {
  value: number;
  low: number;
  high: number;
  tooFew?: boolean;
  from?: number;
  to?: number;
};

const WIDTH = 120;
const HEIGHT = 16;

/** A figure as a dot and its 95 % interval as a line, on a scale that all cells of a table share. */
export function DotLine({ value, low, high, tooFew = false, from = 0, to = 1 }: DotLineProps) {
  const x = (share: number) => 4 + ((share - from) / (to - from)) * (WIDTH - 8);
  return (
    <svg className={classes.dotLine} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
      <line className={classes.axis} x1={4} x2={WIDTH - 4} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      {from < 0 && <line className={classes.zero} x1={x(0)} x2={x(0)} y1={1} y2={HEIGHT - 1} />}
      <line
        className={tooFew ? classes.intervalFew : classes.interval}
        x1={x(low)}
        x2={x(high)}
        y1={HEIGHT / 2}
        y2={HEIGHT / 2}
      />
      <circle className={tooFew ? classes.dotFew : classes.dot} cx={x(value)} cy={HEIGHT / 2} r={3.4} />
    </svg>
  );
}

const points = (share: number) => (100 * share).toFixed(1).replace('-', '−');

/** The same figure in words: "45.9 [42.8, 49.0]", and "too few" where it cannot carry a judgement. */
export function figureText({ value, low, high, tooFew = false }: DotLineProps): string {
  return `${points(value)} [${points(low)}, ${points(high)}]${tooFew ? ' too few' : ''}`;
}
