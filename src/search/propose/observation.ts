/**
 * @file What a proposer sees: places in the unit cube with what came of them.
 */

/** One trial as a proposer sees it. */
export interface Observation {
  /** One number from 0 to 1 per axis. */
  readonly place: Float64Array;
  /** Less is better; infinite for a trial that failed. */
  readonly loss: number;
}

/** All that a proposer may look at. */
export interface Seen {
  /** Trials with a result, comparable among each other. */
  readonly done: readonly Observation[];
  /** Places of trials that are running, whose results are not known yet. */
  readonly running: readonly Float64Array[];
}
