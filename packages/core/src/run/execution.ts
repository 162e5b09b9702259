/**
 * @file The contract between a controller, which decides, and an executor, which computes. An execution knows no money
 * and no guard; a controller knows no tensor.
 */
import type { EventBody } from "./event.ts";
import type { RunResult, TrainingState } from "./result.ts";
import type { RunSpec } from "./spec.ts";

type Logged<Kind extends EventBody["kind"]> = Extract<EventBody, { readonly kind: Kind }>;

/** What an execution reports. */
export type ExecutionEvent =
  | Logged<
      "evaluation-end" | "forgetting-measured" | "checkpoint-saved" | "rolled-back" | "finding" | "phase"
    >
  | Omit<Logged<"step-end">, "spentMicroUsd">
  | ControlEvent;

/** What is reported for decisions alone, and not logged. */
export type ControlEvent =
  | {
      /** Model and rows are open and the newest checkpoint is restored. */
      readonly kind: "training-start";
      readonly steps: number;
      readonly stepsPerEpoch: number;
      readonly state: TrainingState;
      /** Factor of the scheduled learning rate, after roll-backs. */
      readonly rateScale: number;
      readonly vocabularySize: number;
      /** Numbers of values that are trained, and of the whole model. */
      readonly trainedParameters: number;
      readonly modelParameters: number;
      /** Cost of the importance of weights, for EWC; zero where it was known. `null` without a penalty. */
      readonly regularization: { readonly seconds: number; readonly bytes: number } | null;
    }
  /** The base model's forgetting figures: how long they took, or why there are none. */
  | { readonly kind: "forgetting-base"; readonly wallSeconds: number; readonly unmeasured: string | null }
  /** A step is about to begin: the last moment to stop before it. */
  | { readonly kind: "step-start"; readonly step: number }
  /** The loss is NaN or infinite and the weights are as before; without a roll-back the training has failed. */
  | { readonly kind: "loss-not-finite"; readonly step: number }
  /** Files are about to be written to the run's folder: the last moment to object. */
  | { readonly kind: "write-start" }
  /** The training is over. The execution ends unless it is told to `evaluate`. */
  | { readonly kind: "training-end"; readonly status: RunResult["status"]; readonly state: TrainingState }
  | {
      readonly kind: "work-start";
      /** The account that time belongs to from here on, such as `train` or `evaluate`. */
      readonly work: string;
      /** Whether the time until now is booked at once, before a long piece of work. */
      readonly isBooked: boolean;
    };

/** What a controller asks of an execution. Commands are carried out before the next event is reported. */
export type RunCommand =
  /** End, leaving a checkpoint to resume from. While the result is measured, what is complete counts. */
  | { readonly kind: "stop" }
  /** Save a checkpoint after this step. */
  | { readonly kind: "checkpoint" }
  | {
      /** Return to the newest checkpoint of a step before this one, or to the start. */
      readonly kind: "roll-back";
      readonly before: number;
      /** Factor for the learning rate from there on. */
      readonly rateScale: number;
    }
  | {
      /** After the training: write the selected checkpoint as the result and measure it. */
      readonly kind: "evaluate";
      readonly measure: readonly Measurement[];
    };

/** What can be measured of a result. */
export type Measurement = "answers" | "forgetting" | "safety" | "memorization";

/** An event with its 1-based number within the execution. */
export type Numbered<Event> = Event & { readonly seq: number };

/** A run at work, wherever it is computed. */
export interface Execution {
  /**
   * Events in order, each at least once. The execution continues when the next one is asked for, so that a command acts
   * where it was decided. A reader that leaves without `detach` ends the execution.
   *
   * @param after number of the last event that was processed
   */
  events(after?: number): AsyncIterable<Numbered<ExecutionEvent>>;
  send(command: RunCommand): void;
  /** Settles once nothing is computed any more; rejects with what ended the execution. */
  result(): Promise<RunResult>;
  /**
   * Lets the execution continue without a reader, within its limit of time; without a limit it stops. `events` attaches
   * again.
   */
  detach(): void;
  /**
   * Whether silence means that nothing is computed: not while a lost connection is replaced, nor while files of an
   * execution that has ended are brought.
   */
  isHeard(): boolean;
  /** Ends at once what computes, without saving: for what does not react to `stop`. */
  end(): void;
}

/** What an executor can do, so that a plan chooses one that fits. */
export interface Capabilities {
  readonly methods: readonly ("full" | "lora" | "qlora")[];
  readonly regularization: readonly ("l2-sp" | "ewc" | "replay")[];
  /** Whether an execution outlives the process of its controller. */
  readonly outlivesController: boolean;
}

/** A place where runs are computed. */
export interface Executor {
  readonly capabilities: Capabilities;
  /** Starts a run, or resumes it from the newest checkpoint in its folder. */
  start(spec: RunSpec): Promise<Execution>;
}
