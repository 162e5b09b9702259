/**
 * @file What happens during a run, as values: written to `events.jsonl`, to the store and to the progress line.
 */
import type { Finding } from "../problem/index.ts";
import type { ForgettingPoint } from "./forgetting.ts";

/** Version of the contract between whoever controls a run and whoever executes it. */
export type ContractVersion = 1;

/** What each event says of itself: which run, its number in the run's log from 1 on, and when. */
export interface EventHeader {
  /** 0: an event that was written before events were numbered. */
  readonly v: ContractVersion | 0;
  readonly run: string;
  readonly seq: number;
  /** ISO instant. */
  readonly time: string;
}

/** An event of a run, as it is logged and as it travels: a reader goes on after the last number that it kept. */
export type RunEvent = EventHeader & EventBody;

/** What happened. Values are plain JSON numbers in the named unit. */
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
      /** What pulls back towards the base, beside the loss; 0 where nothing does. */
      readonly penalty: number;
      readonly learningRate: number;
      /** Global norm before clipping. */
      readonly gradientNorm: number;
      /** Norm of the step's change over the norm of what is trained. */
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
      /** A look at a small sample while training. */
      readonly kind: "forgetting-measured";
      readonly wallSeconds: number;
    })
  | (ForgettingPoint & {
      /** The whole material, asked of the result. */
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
      /** A run goes on from an earlier step. */
      readonly kind: "rolled-back";
      readonly step: number;
      readonly toStep: number;
      /** What the schedule's learning rate is multiplied by from here on. */
      readonly rateScale: number;
    }
  /** A person lets a run go on that a guard has stopped; the guard only warns from here on. */
  | { readonly kind: "guard-overruled"; readonly step: number; readonly guard: string }
  | { readonly kind: "finding"; readonly finding: Finding }
  | { readonly kind: "phase"; readonly name: string; readonly done: number; readonly total: number }
  | {
      readonly kind: "run-end";
      readonly status: RunStatus;
      readonly wallSeconds: number;
      readonly spentMicroUsd: number;
    };

/** How a run stands. */
export type RunStatus = "running" | "completed" | "stopped" | "interrupted" | "failed";

/** What a guard answers; `app` acts on it. */
export type Verdict =
  | { readonly act: "go-on" }
  | {
      readonly act: "warn" | "stop" | "roll-back";
      readonly guard: string;
      readonly sentence: string;
      /** Of the budget's guard: which cap it speaks of. */
      readonly cap?: "dollars" | "minutes";
      /** A warning that something may be wrong; a guard that is sure later on says so as well. */
      readonly isHint?: true;
    };

/** A verdict, and the step after which it was given. */
export interface SpokenVerdict {
  readonly step: number;
  readonly verdict: Verdict;
}

/** Losses by step, in order. */
export interface Curves {
  readonly train: readonly (readonly [step: number, loss: number])[];
  readonly validation: readonly (readonly [step: number, loss: number])[];
}
