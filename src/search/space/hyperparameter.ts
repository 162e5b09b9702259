/**
 * @file Knobs: the settings that a search may turn, and the points they span.
 */

/** A value of one knob. */
export type HyperparameterValue = number | string | boolean;

/** A number between two ends, drawn evenly (`uniform`) or evenly in its logarithm (`log-uniform`). */
export interface NumberHyperparameter {
  readonly kind: "uniform" | "log-uniform";
  readonly low: number;
  readonly high: number;
  /**
   * Step below which results do not differ but by chance, as a share of the knob's (logarithmic) width.
   * Default 0.02: of a rate between 1e-5 and 1e-2, a change by 15 %.
   */
  readonly noise?: number;
}

/** A whole number between two ends, both included. */
export interface IntegerHyperparameter {
  readonly kind: "integer" | "log-integer";
  readonly low: number;
  readonly high: number;
  /** As of a `NumberKnob`. */
  readonly noise?: number;
}

/** One of a few values. */
export interface ChoiceHyperparameter {
  readonly kind: "choice";
  readonly values: readonly HyperparameterValue[];
  /** Whether neighbours in the list are alike (batch sizes) or not (names of schedules). Default false. */
  readonly ordered?: boolean;
}

/** A setting that a search may turn. */
export type Hyperparameter = NumberHyperparameter | IntegerHyperparameter | ChoiceHyperparameter;

/** All knobs of a search by name. */
export type SearchSpace = Readonly<Record<string, Hyperparameter>>;

/** One value for each knob of a space. */
export type SearchPoint = Readonly<Record<string, HyperparameterValue>>;

/** Share of a knob's width below which two values count as the same, where the knob says nothing. */
export const defaultNoise = 0.02;

/** A value of a key as a recipe writes it. */
export type KeyValue = number | string | boolean | readonly string[];

/** The value that a knob's value stands for in a recipe: lists are texts in a search. */
export function keyValue(value: HyperparameterValue): KeyValue {
  if (typeof value !== "string" || !value.startsWith("[")) return value;
  return JSON.parse(value) as readonly string[];
}
