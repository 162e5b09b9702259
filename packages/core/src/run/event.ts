/** @file Events of a run, written to `events.jsonl`, to the store and to the progress line. */
import type { Finding } from "../problem/index.ts";
import type { StopCause } from "./stop.ts";

/** Version of the contract between the controller and the executor of a run. */
export type ContractVersion = 1;

/** Header of an event: its run, its 1-based sequence number in the run's log, and its time. */
export interface EventHeader {
  /** 0 if the event was written before events had sequence numbers. */
  readonly v: ContractVersion | 0;
  readonly run: string;
  readonly seq: number;
  /** ISO instant. */
  readonly time: string;
}

/**
 * An event of a run, as logged and transmitted. Readers resume after the last sequence number that they processed.
 */
export type RunEvent = EventHeader & EventBody;

/**
 * Content of an event. Values are plain JSON numbers in the named unit.
 */
export type EventBody =
  | {
      readonly kind: "run-start";
      readonly runId: string;
      readonly steps: number;
      readonly resumedFromStep: number;
    }
  | {
      readonly kind: "step-end";
      readonly step: number;
      readonly steps: number;
      /** Mean loss per labelled token of the step. */
      readonly loss: number;
      /** Regularization penalty towards the base model, in addition to the loss; 0 if there is none. */
      readonly penalty: number;
      readonly learningRate: number;
      /** Global norm before clipping. */
      readonly gradientNorm: number;
      /** Norm of the update over the norm of the trained parameters. */
      readonly updateRatio: number;
      readonly tokens: number;
      readonly labelledTokens: number;
      readonly wallSeconds: number;
      readonly spentMicroUsd: number;
    }
  | {
      readonly kind: "evaluation-end";
      readonly step: number;
      readonly loss: number;
      readonly wallSeconds: number;
    }
  | (ForgettingPoint & {
      /** Measurement on a small sample during training. */
      readonly kind: "forgetting-measured";
      readonly wallSeconds: number;
    })
  | (ForgettingPoint & {
      /** Measurement of the result on all data. */
      readonly kind: "forgetting-judged";
      readonly verdict: "pass" | "fail" | "cannot-tell";
      readonly sentence: string;
      readonly wallSeconds: number;
    })
  | {
      readonly kind: "checkpoint-saved";
      readonly step: number;
      readonly path: string;
      readonly wallSeconds: number;
    }
  | { readonly kind: "guard-tripped"; readonly step: number; readonly verdict: Verdict }
  | {
      /** The run continues from an earlier step. */
      readonly kind: "rolled-back";
      readonly step: number;
      readonly toStep: number;
      /** Factor applied to the scheduled learning rate from here on. */
      readonly rateScale: number;
    }
  /** A user resumes a run that a guard has stopped; from here on, this guard only warns. */
  | { readonly kind: "guard-overruled"; readonly step: number; readonly guard: string }
  | { readonly kind: "finding"; readonly finding: Finding }
  | { readonly kind: "phase"; readonly name: string; readonly done: number; readonly total: number }
  | {
      readonly kind: "run-end";
      readonly status: RunStatus;
      readonly wallSeconds: number;
      readonly spentMicroUsd: number;
    };

/**
 * Status of a run.
 *
 * @example
 * import type { RunStatus } from "tunewise/track";
 *
 * const ended: readonly RunStatus[] = ["completed", "stopped", "interrupted", "failed"];
 * console.log(ended.length); // 4
 */
export type RunStatus = "running" | "completed" | "stopped" | "interrupted" | "failed";

/** Verdict of a guard; `app` acts on it. */
export type Verdict =
  | { readonly act: "go-on" }
  | (VerdictText & { readonly act: "warn" | "roll-back" })
  | (VerdictText & { readonly act: "stop"; readonly by: StopCause });

/** Guard and reason of a verdict. */
interface VerdictText {
  readonly guard: string;
  readonly sentence: string;
  /** The cap that was reached, for the budget guard. */
  readonly cap?: "dollars" | "minutes";
  /** Whether the warning is tentative; the guard repeats it once it is certain. */
  readonly isHint?: true;
}

/** A verdict and the step after which it was reported. */
export interface RecordedVerdict {
  readonly step: number;
  readonly verdict: Verdict;
}

/** A measurement on a small sample, compared with the base model; `null` if not measured or not a number. */
export interface ForgettingPoint {
  readonly step: number;
  /** Relative increase of perplexity on general text, and its 95 % confidence interval. */
  readonly perplexityRise: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Decrease of accuracy. */
  readonly taskDrop: number | null;
  /** Decrease of the mean probability of the correct choice; more sensitive than accuracy. */
  readonly probabilityDrop: number | null;
  /** KL divergence between the next-token distributions of both models, in nats per position. */
  readonly kl: number | null;
}

/** Losses by step, in order. */
export interface Curves {
  readonly train: readonly (readonly [step: number, loss: number])[];
  readonly validation: readonly (readonly [step: number, loss: number])[];
}
