import type { Parameter, ParameterMap, ParameterSource } from '../nn/parameters.js';
import type { Graph } from '../onnx/graph.js';
import type { Random } from '../random.js';
import type { HostTensor } from '../runtime/session.js';
import type { AdamWState, Optimiser } from './adamw.js';
import type { Objective } from './step-contract.js';

/** The inputs of a training graph by name. */
export type Feeds = Readonly<Record<string, HostTensor>>;

/** One part of a training with a graph of its own. Most recipes have one. */
export interface Phase {
  readonly name: string;
  readonly steps: number;
  /** Weights that learn in this phase; the others are frozen inside its session. */
  readonly trainable: (name: string) => boolean;
  readonly loss: (graph: Graph, source: ParameterSource) => Objective;
}

/** One figure of a validation. */
export interface ValidationFigure {
  /** A style, or what else is measured: `sketch`, `text`. */
  readonly name: string;
  /** Between 0 and 1, higher is better. */
  readonly value: number;
  /** Whether training saw queries of this style. */
  readonly seen?: boolean;
  /** Whether a query is right with its very photo, or with any photo of its class. */
  readonly level?: 'photo' | 'class';
  readonly queries?: number;
}

export interface RecipeValidation {
  readonly everySteps: number;
  /** Measures the weights: the averaged ones where the recipe averages. */
  readonly run: (weights: ParameterMap) => Promise<readonly ValidationFigure[]>;
  /** The number that picks the weights to keep and decides when to stop; the mean of the figures when absent. */
  readonly score?: (figures: readonly ValidationFigure[]) => number;
  /** Validations in a row without a better score before the training stops. */
  readonly patience: number;
  /** The state before the first step is always measured. `competes` (the default): it is kept where no later one is
   *  better; `told`: it is reported alone. */
  readonly start?: 'competes' | 'told';
}

/** What is trained, on what, and how it is judged. {@link fit} does the rest. */
export interface Recipe {
  /** Part of every seed and of messages. */
  readonly name: string;
  readonly seed: number | string;
  /** All weights, frozen ones among them. Those that learn change in place and end as the best ones. */
  readonly weights: Map<string, Parameter>;
  readonly phases: readonly Phase[];
  readonly optimiser: Optimiser<AdamWState>;
  /** Limit on the norm of all gradients together; none when absent. */
  readonly clipNorm?: number;
  /** Decay of an exponential moving average of the weights (Polyak & Juditsky 1992), such as 0.998. The average is then
   *  what is validated and kept. */
  readonly average?: number;
  /** Learning rate of a step, counted from 0. */
  readonly rate: (step: number) => number;
  /** The micro-batches of a step, whose gradients are averaged. They depend on `step` and `random` alone, so that a
   *  training that goes on sees what it would have seen. Asked for in order, the next ones while a step computes. */
  readonly batches: (step: number, random: Random) => Promise<readonly Feeds[]>;
  /** Pictures or texts in one step, for the rate that is reported. */
  readonly images: number;
  /** Absent: the last weights stay. */
  readonly validation?: RecipeValidation;
  /** Called once at the end, however it ends. */
  readonly close?: () => Promise<void>;
}

/** Steps of all phases together. */
export const totalSteps = ({ phases }: Pick<Recipe, 'phases'>): number =>
  phases.reduce((sum, { steps }) => sum + steps, 0);

/** Weights that learn in any phase. */
export const learnedNames = ({ weights, phases }: Pick<Recipe, 'weights' | 'phases'>): string[] =>
  [...weights.keys()].filter((name) => phases.some(({ trainable }) => trainable(name)));

/** The mean of the figures; 0 for none. */
export const meanScore = (figures: readonly ValidationFigure[]): number =>
  figures.reduce((sum, { value }) => sum + value, 0) / Math.max(1, figures.length);
