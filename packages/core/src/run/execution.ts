/**
 * @file The contract between a controller, which decides, and an executor, which computes. An execution does not know
 * about money or guards, and a controller does not know about tensors.
 */
import type { EventBody } from "./event.ts";
import type { RunResult, TrainingState } from "./result.ts";
import type { RunSpec } from "./spec.ts";

type Logged<Kind extends EventBody["kind"]> = Extract<EventBody, { readonly kind: Kind }>;

/** Events that an execution reports. */
export type ExecutionEvent =
  | Logged<
      "evaluation-end" | "forgetting-measured" | "checkpoint-saved" | "rolled-back" | "finding" | "phase"
    >
  | Omit<Logged<"step-end">, "spentMicroUsd">
  | ControlEvent;

/** Events that only inform the controller's decisions and are not logged. */
export type ControlEvent =
  | {
      /** Model and rows are loaded, and the newest checkpoint is restored. */
      readonly kind: "training-start";
      readonly steps: number;
      readonly stepsPerEpoch: number;
      readonly state: TrainingState;
      /** Factor applied to the scheduled learning rate, after roll-backs. */
      readonly rateScale: number;
      readonly vocabularySize: number;
      /** Numbers of trained parameters and of all parameters of the model. */
      readonly trainedParameters: number;
      readonly modelParameters: number;
      /**
       * Cost of computing the weight importance for EWC; zero if it was already available. `null` without a penalty.
       */
      readonly regularization: { readonly seconds: number; readonly bytes: number } | null;
    }
  /** The base model's forgetting was measured: duration, or the reason why it was not. */
  | { readonly kind: "forgetting-base"; readonly wallSeconds: number; readonly unmeasured: string | null }
  /** A step is about to begin; the controller can still stop before it. */
  | { readonly kind: "step-start"; readonly step: number }
  /** The loss is NaN or infinite and the weights are unchanged. Without a roll-back, the training has failed. */
  | { readonly kind: "loss-not-finite"; readonly step: number }
  /** Files are about to be written to the run's folder; the controller can still prevent it. */
  | { readonly kind: "write-start" }
  /** The training is over. The execution ends unless the controller sends `evaluate`. */
  | { readonly kind: "training-end"; readonly status: RunResult["status"]; readonly state: TrainingState }
  | {
      readonly kind: "work-start";
      /** The account that is charged for time from here on, such as `train` or `evaluate`. */
      readonly work: string;
      /** Whether the time so far is charged immediately, before a long operation. */
      readonly isBooked: boolean;
    };

/** Commands from a controller to an execution. Each is carried out before the next event is reported. */
export type RunCommand =
  /** End and leave a checkpoint to resume from. While the result is measured, completed measurements are kept. */
  | { readonly kind: "stop" }
  /** Save a checkpoint after the current step. */
  | { readonly kind: "checkpoint" }
  | {
      /** Return to the newest checkpoint before this step, or to the start. */
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

/** Measurements of a result. */
export type Measurement = "answers" | "forgetting" | "safety" | "memorization";

/** An event with its 1-based number within the execution. */
export type Numbered<Event> = Event & { readonly seq: number };

/** A run in progress, wherever it is computed. */
export interface Execution {
  /**
   * Events in order, each at least once. The execution continues when the next event is requested, so that a command
   * takes effect at the event that caused it. A reader that leaves without `detach` ends the execution.
   *
   * @param after number of the last event that was processed
   */
  events(after?: number): AsyncIterable<Numbered<ExecutionEvent>>;
  send(command: RunCommand): void;
  /** Resolves once the computation has ended; rejects with the error that ended it. */
  result(): Promise<RunResult>;
  /**
   * Lets the execution continue without a reader, up to its time limit; without a limit it stops. Calling `events`
   * attaches a reader again.
   */
  detach(): void;
  /**
   * Whether silence means that nothing is computed. False while a lost connection is being replaced, and while the
   * files of an ended execution are transferred.
   */
  isActive(): boolean;
  /** Ends the computation immediately without saving, if it does not react to `stop`. */
  end(): void;
}

/** Capabilities of an executor, so that a plan can choose a suitable one. */
export interface Capabilities {
  readonly methods: readonly ("full" | "lora" | "qlora")[];
  readonly regularization: readonly ("l2-sp" | "ewc" | "replay")[];
  /** Whether an execution continues when its controller's process ends. */
  readonly outlivesController: boolean;
}

/** An environment in which runs are computed. */
export interface Executor {
  readonly capabilities: Capabilities;
  /** Starts a run, or resumes it from the newest checkpoint in its folder. */
  start(spec: RunSpec): Promise<Execution>;
}
