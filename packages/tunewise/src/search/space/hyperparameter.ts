/** @file Hyperparameters: the settings that a search may vary, and the points they span. */

/** A value of one hyperparameter. */
export type HyperparameterValue = number | string | boolean;

/** A number in a range, uniform or log-uniform. */
export interface NumberHyperparameter {
  readonly kind: "uniform" | "log-uniform";
  readonly low: number;
  readonly high: number;
  /**
   * Step below which results differ only by noise, as a share of the hyperparameter's (logarithmic) range. Default
   * 0.02: for a learning rate between 1e-5 and 1e-2, a change by 15 %.
   */
  readonly noise?: number;
}

/** An integer in a range, including both bounds. */
export interface IntegerHyperparameter {
  readonly kind: "integer" | "log-integer";
  readonly low: number;
  readonly high: number;
  /** As in `NumberHyperparameter`. */
  readonly noise?: number;
}

/** One of a few values. */
export interface ChoiceHyperparameter {
  readonly kind: "choice";
  readonly values: readonly HyperparameterValue[];
  /** Whether neighbors in the list are similar (batch sizes) or not (names of schedules). Default false. */
  readonly ordered?: boolean;
}

/** A setting that a search may vary. */
export type Hyperparameter = NumberHyperparameter | IntegerHyperparameter | ChoiceHyperparameter;

/** All hyperparameters of a search by name. */
export type SearchSpace = Readonly<Record<string, Hyperparameter>>;

/** One value for each hyperparameter of a space. */
export type SearchPoint = Readonly<Record<string, HyperparameterValue>>;

/** Default share of a hyperparameter's range below which two values count as the same. */
export const defaultNoise = 0.02;

/** A value of a key as written in a recipe. */
export type KeyValue = number | string | boolean | readonly string[];

/** Converts a hyperparameter's value to a recipe value; a search represents lists as text. */
export function keyValue(value: HyperparameterValue): KeyValue {
  if (typeof value !== "string" || !value.startsWith("[")) return value;
  return JSON.parse(value) as readonly string[];
}
