/** @file `arms.json` of a try: the content of its report, also read by `compare`. */

import type { MemoryShare } from "@tunewise/datacheck";
import type { Choice } from "../../baselines/index.ts";
import type { ClaimCheck, Decision, Interval } from "../../evaluate/index.ts";
import type { Finding } from "../../problem/index.ts";
import type { ArmSection } from "../../recipe/index.ts";

/** One metric of an arm. */
export interface ArmScore {
  readonly metric: string;
  readonly value: number;
  readonly interval: Interval | null;
}

/** An arm in the report. */
export interface ShownArm {
  readonly id: string;
  readonly name: string;
  readonly line: string;
  readonly model: ArmSection["model"];
  readonly examples: number;
  readonly passages: number;
  /** The arm's run; `null` if there is none. */
  readonly run: string | null;
  /** Whether the run's report says that its model lost other skills. */
  readonly forgot?: boolean;
  /** Headline first. */
  readonly scores: readonly ArmScore[];
  readonly failed: number;
  /** Why the arm is invalid and excluded from the decision; `null` if it is not. */
  readonly invalid: string | null;
  /** Rows excluded from its score, such as `failed 2 of 60 rows (...)`; empty if none. */
  readonly leftOut: string;
  /** Number of answered test rows. */
  readonly answered: number;
  /** Seconds of training before it can answer; 0 if none. */
  readonly secondsUpFront: number;
  /** Number of answers that cite a shown passage; `null` without passages, or if citations are not required. */
  readonly cited: number | null;
  /** Remarks on answers, and their counts. */
  readonly notes: readonly { readonly says: string; readonly count: number }[];
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Time and cost of all its answers on the test rows, without caching. */
  readonly seconds: number;
  readonly microUsd: number;
  /** File with every answer, relative to the try's folder. */
  readonly answers: string;
}

/** The judge's verdicts on an arm's answers. */
export interface ShownVerdicts {
  readonly line: string;
  readonly better: number;
  readonly same: number;
  readonly worse: number;
  /** Pairs whose two orders disagree, or whose verdict was unreadable. */
  readonly open: number;
  /** Cohen's kappa of the two orders; `null` if undefined. */
  readonly kappa: number | null;
  readonly warnings: readonly string[];
}

/** A question that the arms answered differently. */
export interface SplitQuestion {
  readonly question: string;
  readonly reference: string;
  /** By group name. */
  readonly answers: Readonly<Record<string, string>>;
}

/** Test result of training on that many rows. */
export interface ShownCurvePoint extends ArmScore {
  readonly rows: number;
  readonly run: string | null;
}

/** Content of a try's report. */
export interface TryDocument {
  readonly format_version: 1;
  readonly run: string;
  readonly name: string;
  readonly created: string;
  readonly model: string;
  readonly metric: string;
  readonly test_rows: number;
  /** Rows of the decision: answered by every arm and scorable for each. */
  readonly compared_rows: number;
  /** Invalid arms and judges, one sentence each; any of them makes the command exit with code 2. */
  readonly invalid: readonly string[];
  /** Test rows that also appear in training, of all test rows, as `check` counts them; absent in older documents. */
  readonly seen?: MemoryShare | null;
  /** Of these, exact copies, which are excluded. */
  readonly leaked_rows: number;
  readonly choosing_rows: number;
  readonly training_rows: number;
  readonly documents: { readonly count: number; readonly passages: number } | null;
  readonly arms: readonly ShownArm[];
  readonly choices: readonly Choice[];
  readonly looks_before: readonly TestSetAccess[];
  readonly decision: Decision;
  /** `null` without a judge. */
  readonly judge: {
    readonly model: string;
    readonly criteria: string;
    /** Whether the decision uses the judge's verdicts. */
    readonly decides: boolean;
    readonly arms: readonly ShownVerdicts[];
  } | null;
  /** By number of training rows, ascending; empty without a learning curve. */
  readonly learning_curve: readonly ShownCurvePoint[];
  /** Common claims about fine-tuning, checked on these runs. */
  readonly claims: readonly ClaimCheck[];
  /** The objective of the decision, as a sentence. */
  readonly wish: string;
  readonly split: readonly SplitQuestion[];
  readonly findings: readonly Finding[];
  /** Hourly price of this machine, and its source. */
  readonly machine: { readonly usd_per_hour: number; readonly source: string };
  /** Time and cost of the try. */
  readonly took: { readonly seconds: number; readonly micro_usd: number };
  /** API costs in micro-dollars: estimated before this session, and paid in all sessions by the ledger. */
  readonly apis: { readonly expected: number; readonly most: number; readonly paid: number };
}

/** An access to a set of test rows. */
export interface TestSetAccess {
  /** ISO timestamp. */
  readonly time: string;
  readonly run: string;
  /** SHA-256 of the rows. */
  readonly rows: string;
  readonly count: number;
}
