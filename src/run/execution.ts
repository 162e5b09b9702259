/**
 * @file The contract between a controller, which decides, and an execution, which computes. An execution knows no money
 * and no guard; a controller knows no tensor.
 */
import type { EventBody } from "./event.ts";

type StepEnd = Extract<EventBody, { readonly kind: "step-end" }>;

/** What an execution reports. */
export type ExecutionEvent = Exclude<EventBody, StepEnd> | Omit<StepEnd, "spentMicroUsd"> | ControlEvent;

/** What is reported for decisions alone, and not logged. */
export type ControlEvent =
  /** A step is about to begin: the last moment to stop before it. */
  | { readonly kind: "step-start"; readonly step: number }
  /** The loss is NaN or infinite and the weights are as before; without a roll-back the training has failed. */
  | { readonly kind: "loss-not-finite"; readonly step: number }
  | {
      readonly kind: "work-start";
      /** The account that time belongs to from here on, such as `train` or `evaluate`. */
      readonly work: string;
      /** Whether the time until now is booked at once, before a long piece of work. */
      readonly isBooked: boolean;
    };

/** What a controller asks of an execution. Commands are carried out before the next event is reported. */
export type RunCommand =
  /** End, leaving a checkpoint to resume from. */
  | { readonly kind: "stop" }
  | {
      /** Return to the newest checkpoint of a step before this one, or to the start. */
      readonly kind: "roll-back";
      readonly before: number;
      /** Factor for the learning rate from there on. */
      readonly rateScale: number;
    };

/** A run at work, wherever it is computed. */
export interface Execution<Result> {
  /**
   * Events in order. The execution continues when the next one is asked for, so that a command acts where it was
   * decided.
   */
  events(): AsyncIterable<ExecutionEvent>;
  send(command: RunCommand): void;
  /** Settles once nothing is computed any more; rejects with what ended the execution. */
  result(): Promise<Result>;
}
