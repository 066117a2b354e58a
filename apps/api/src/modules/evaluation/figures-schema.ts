import { builder } from '../../platform/graphql/builder.js';
import type { Slice } from './slices.js';
import type { KeptReport, StoredFigures } from './stored.js';

const authScopes = { role: 'VIEWER' } as const;

export const EvaluationLevelEnum = builder.enumType('EvaluationLevel', {
  values: {
    PHOTO: { value: 'instance', description: 'One photo is meant.' },
    CLASS: { value: 'class', description: 'Every photo of the class is right.' },
  } as const,
});

/** One line of a report. */
export interface Section {
  readonly name: string;
  readonly kind: 'STYLE' | 'MIXED' | 'CLUSTER';
  readonly figures: StoredFigures;
}

interface MetricFigure {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const MetricFigureRef = builder.objectRef<MetricFigure>('MetricFigure').implement({
  authScopes,
  description: 'A mean over queries with its 95 % interval, shares from 0 to 1.',
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.exposeFloat('value'),
    low: t.exposeFloat('low'),
    high: t.exposeFloat('high'),
  }),
});

const SectionKindEnum = builder.enumType('EvaluationSectionKind', {
  values: {
    STYLE: { description: 'The queries of one style, at one level.' },
    MIXED: { description: 'Two styles fused.' },
    CLUSTER: { description: 'Queries that one style cluster weighs most in.' },
  } as const,
});

export const EvaluationSectionRef = builder.objectRef<Section>('EvaluationSection').implement({
  authScopes,
  description: 'Figures of one group of queries over the full gallery.',
  fields: (t) => ({
    name: t.exposeString('name'),
    kind: t.field({ type: SectionKindEnum, resolve: ({ kind }) => kind }),
    level: t.field({ type: EvaluationLevelEnum, resolve: ({ figures }) => figures.level }),
    queries: t.int({ resolve: ({ figures }) => figures.queries }),
    units: t.int({
      description: 'Independent targets among them: what the intervals stand on.',
      resolve: ({ figures }) => figures.units,
    }),
    tooFew: t.boolean({
      description: 'Fewer targets than a model should be judged by.',
      resolve: ({ figures }) => figures.tooFew,
    }),
    skipped: t.int({
      description: 'Queries whose photo or class is not in the gallery.',
      resolve: ({ figures }) => figures.skipped,
    }),
    tied: t.int({
      description: 'Queries whose rank the rule for ties decided.',
      resolve: ({ figures }) => figures.tied,
    }),
    metrics: t.field({
      type: [MetricFigureRef],
      complexity: { multiplier: 2 },
      resolve: ({ figures }) => metricsOf(figures),
    }),
  }),
});

function metricsOf(figures: StoredFigures): MetricFigure[] {
  return Object.entries(figures.ci95).flatMap(([name, [low, high]]) => {
    const value = figures[name];
    return typeof value === 'number' ? [{ name, value, low, high }] : [];
  });
}

/** Every line of a report, in the order in which reports print them. */
export function sectionsOf(report: KeptReport): Section[] {
  const styles = Object.entries(report.styles).flatMap(([name, figures]): Section[] => [
    { name, kind: 'STYLE', figures },
    ...(figures.class === undefined
      ? []
      : [{ name: `${name} (class)`, kind: 'STYLE' as const, figures: figures.class }]),
  ]);
  const others = (kind: 'MIXED' | 'CLUSTER', figures: Record<string, StoredFigures>) =>
    Object.entries(figures).map(([name, one]): Section => ({ name, kind, figures: one }));
  return [...styles, ...others('MIXED', report.mixed), ...others('CLUSTER', report.clusters)];
}

export const SliceRef = builder.objectRef<Slice>('EvaluationSlice').implement({
  authScopes,
  description: 'A part of the queries of a section.',
  fields: (t) => ({
    name: t.exposeString('name'),
    queries: t.exposeInt('queries'),
    units: t.exposeInt('units'),
    tooFew: t.exposeBoolean('tooFew'),
    value: t.exposeFloat('value'),
    low: t.float({ resolve: ({ ci95 }) => ci95[0] }),
    high: t.float({ resolve: ({ ci95 }) => ci95[1] }),
  }),
});

interface PaperFigure {
  readonly style: string;
  readonly reading: string;
  readonly queries: number;
  readonly top1: number;
  readonly top4: number;
  readonly chance: number;
}

export const PaperFigureRef = builder.objectRef<PaperFigure>('PaperFigure').implement({
  authScopes,
  description: 'In-batch figures, as the paper has them: not comparable with those of the full gallery.',
  fields: (t) => ({
    style: t.exposeString('style'),
    reading: t.exposeString('reading', { description: 'Which reading of the protocol this is.' }),
    queries: t.exposeInt('queries'),
    top1: t.exposeFloat('top1'),
    top4: t.exposeFloat('top4', { description: 'What the paper prints as R@5.' }),
    chance: t.exposeFloat('chance'),
  }),
});

export const paperFigures = ({ paperProtocol, releasedProtocol }: KeptReport): PaperFigure[] =>
  [paperProtocol, releasedProtocol].flatMap((protocol) =>
    Object.entries(protocol).map(([style, one]) => ({
      style,
      reading: one.protocol,
      queries: one.queries,
      top1: one['in-batch top-1'],
      top4: one['in-batch top-4'],
      chance: one.chance,
    })),
  );
