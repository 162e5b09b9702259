/** @file Input of a proposer: points in the unit cube and their results. */

/** One trial as a proposer sees it. */
export interface Observation {
  /** One number from 0 to 1 per axis. */
  readonly place: Float64Array;
  /** Lower is better; infinite for a failed trial. */
  readonly loss: number;
}

/** Everything a proposer may use. */
export interface Seen {
  /** Completed trials, with comparable losses. */
  readonly done: readonly Observation[];
  /** Points of running trials, whose results are not known yet. */
  readonly running: readonly Float64Array[];
}
