import { type Comparison, MEAN } from '@freestyle/core/evaluation';

/** How a candidate does on one section beside the one that answers, paired query by query. */
export interface GateSection {
  readonly name: string;
  readonly level: 'instance' | 'class';
  readonly queries: number;
  readonly live: number;
  readonly candidate: number;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Too few targets for an interval that can carry a judgement. */
  readonly tooFew: boolean;
  readonly verdict: 'BETTER' | 'SAME' | 'WORSE';
}

export const GATE_CHECKS = ['OPENS', 'SPACE', 'EVALUATED', 'NO_WORSE', 'BETTER'] as const;

export interface GateCheck {
  readonly name: (typeof GATE_CHECKS)[number];
  readonly passed: boolean;
  readonly words: string;
}

export interface PromotionGate {
  readonly open: boolean;
  readonly checks: readonly GateCheck[];
  readonly metric: string;
  /** What it has to be better on. */
  readonly target: string;
  readonly sections: readonly GateSection[];
}

export interface GateInput {
  /** Why it cannot be opened; null where it can. */
  readonly trouble: string | null;
  /** Photos without a vector in its space. */
  readonly missing: number;
  readonly isOtherSpace: boolean;
  /** What both were judged on; null where they were not judged alike yet. */
  readonly judgedOn: string | null;
  /** By one metric: `a` is the one that answers, `b` the candidate. */
  readonly comparisons: readonly Comparison[];
  readonly metric: string;
  /** Section to be better on; the mean over styles, or the only section, unless given. */
  readonly target: string | null;
}

/** What must hold before a query encoder answers: it opens, every photo is in its space, it was judged beside the one
 *  that answers on the same data, is no worse on any style, and better on the target by more than chance gives. A style is
 *  worse, or better, where the 95 % interval of the paired difference lies on one side of zero. */
export function promotionGate(input: GateInput): PromotionGate {
  const { trouble, missing, isOtherSpace, judgedOn, metric } = input;
  const all = input.comparisons.filter((one) => one.metric === metric).map(sectionOf);
  const styles = all.filter(({ name }) => name !== MEAN && !name.includes('+'));
  const target = targetOf(all, input.target);
  const judged = judgedOn !== null && all.length > 0;
  const checks: GateCheck[] = [
    {
      name: 'OPENS',
      passed: trouble === null,
      words: trouble ?? 'It opens, and its files are what they were when it was registered.',
    },
    {
      name: 'SPACE',
      passed: missing === 0,
      words: spaceWords(missing, isOtherSpace),
    },
    {
      name: 'EVALUATED',
      passed: judged,
      words: judged
        ? `Both were judged on ${judgedOn}.`
        : 'It was not judged yet on the same data as the one that answers: evaluate both.',
    },
    noWorse(styles, judged),
    better(target, metric, judged),
  ];
  return {
    open: checks.every(({ passed }) => passed),
    checks,
    metric,
    target: target?.name ?? input.target ?? MEAN,
    sections: all,
  };
}

function sectionOf({
  section,
  level,
  queries,
  valueA,
  valueB,
  value,
  ci95,
  tooFew,
}: Comparison): GateSection {
  const [low, high] = ci95;
  return {
    ...{
      name: section,
      level,
      queries,
      live: valueA,
      candidate: valueB,
      difference: value,
      low,
      high,
      tooFew,
    },
    verdict: low > 0 ? 'BETTER' : high < 0 ? 'WORSE' : 'SAME',
  };
}

const targetOf = (all: readonly GateSection[], wanted: string | null): GateSection | undefined =>
  all.find(({ name }) => name === (wanted ?? MEAN)) ?? (wanted === null ? all[0] : undefined);

function spaceWords(missing: number, isOtherSpace: boolean): string {
  if (missing > 0)
    return `${missing} ${missing === 1 ? 'photo has' : 'photos have'} no vector in its space: encode the gallery first.`;
  return isOtherSpace
    ? 'Every photo has a vector in its space.'
    : 'It lives in the space that is searched: no photo is encoded again.';
}

function noWorse(styles: readonly GateSection[], judged: boolean): GateCheck {
  const worse = styles.filter(({ verdict }) => verdict === 'WORSE');
  if (!judged) return { name: 'NO_WORSE', passed: false, words: 'Not known before both were judged.' };
  if (worse.length > 0)
    return {
      name: 'NO_WORSE',
      passed: false,
      words: `Worse on ${worse.map((one) => `${one.name} (${told(one)})`).join(', ')}.`,
    };
  const lower = styles.filter(({ difference }) => difference < 0);
  return {
    name: 'NO_WORSE',
    passed: true,
    words:
      lower.length === 0
        ? `No worse on any of ${styles.length} styles.`
        : `No worse on any of ${styles.length} styles beyond chance; lower on ${lower.map((one) => `${one.name} (${told(one)})`).join(', ')}.`,
  };
}

function better(target: GateSection | undefined, metric: string, judged: boolean): GateCheck {
  if (!judged || target === undefined)
    return {
      name: 'BETTER',
      passed: false,
      words: judged ? 'The evaluations have no such style.' : 'Not known before both were judged.',
    };
  const passed = target.verdict === 'BETTER' && !target.tooFew;
  const what = `${target.name}: ${metric} ${told(target)}`;
  if (passed) return { name: 'BETTER', passed, words: `Better on ${what}.` };
  return {
    name: 'BETTER',
    passed,
    words: target.tooFew
      ? `Too few targets to tell on ${what}.`
      : `Not better beyond the interval on ${what}.`,
  };
}

const points = (share: number): string =>
  `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}`.replace('-', '−');

const told = ({ difference, low, high }: GateSection): string =>
  `${points(difference)} points [${points(low)}, ${points(high)}]`;
