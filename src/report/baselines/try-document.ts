/**
 * @file `arms.json` of a try: all that its report shows and `compare` reads.
 */
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

/** An arm as it is shown. */
export interface ShownArm {
  readonly id: string;
  readonly name: string;
  readonly line: string;
  readonly who: ArmSection["who"];
  readonly examples: number;
  readonly passages: number;
  /** Run behind it; `null` where there is none. */
  readonly run: string | null;
  /** Headline first. */
  readonly scores: readonly ArmScore[];
  readonly failed: number;
  /** Why the arm has no score and takes no part in the decision; `null`: it has one. */
  readonly void: string | null;
  /** Rows that were left out of its score, in words, such as `failed 2 of 60 rows (...)`; `""`: none. */
  readonly leftOut: string;
  /** Test rows that it answered. */
  readonly answered: number;
  /** Of training that is still to be waited for; 0 where there is none. */
  readonly secondsUpFront: number;
  /** Answers that name a passage they were shown; `null`: none was shown, or none had to be named. */
  readonly cited: number | null;
  /** What is odd about answers, and of how many. */
  readonly remarks: readonly { readonly says: string; readonly count: number }[];
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Seconds and dollars of all its answers on the test rows, as if none had been kept. */
  readonly seconds: number;
  readonly microUsd: number;
  /** File with every answer, relative to the try's folder. */
  readonly answers: string;
}

/** What the judge said of an arm's answers beside the references. */
export interface ShownVerdicts {
  readonly line: string;
  readonly better: number;
  readonly same: number;
  readonly worse: number;
  /** Pairs whose orders disagree, or whose verdict could not be read. */
  readonly open: number;
  /** Agreement of the orders beyond chance; `null`: it cannot be told. */
  readonly kappa: number | null;
  readonly warnings: readonly string[];
}

/** A question that arms answered differently. */
export interface SplitQuestion {
  readonly question: string;
  readonly reference: string;
  /** By the arm's line. */
  readonly answers: Readonly<Record<string, string>>;
}

/** What training on so many rows gave on the test rows. */
export interface ShownCurvePoint extends ArmScore {
  readonly rows: number;
  readonly run: string | null;
}

/** Everything about a try. */
export interface TryDocument {
  readonly format_version: 1;
  readonly run: string;
  readonly name: string;
  readonly created: string;
  readonly model: string;
  readonly metric: string;
  readonly test_rows: number;
  /** Rows that every arm answered and that could be judged for each: those of the decision. */
  readonly compared_rows: number;
  /** What has no score and why, a sentence each; with one of them the command ends with code 2. */
  readonly void: readonly string[];
  /** Test rows left out because training rows repeat them. */
  readonly leaked_rows: number;
  readonly choosing_rows: number;
  readonly training_rows: number;
  readonly documents: { readonly count: number; readonly passages: number } | null;
  readonly arms: readonly ShownArm[];
  readonly choices: readonly Choice[];
  readonly looks_before: readonly TestSetAccess[];
  readonly decision: Decision;
  /** `null`: no model judged. */
  readonly judge: {
    readonly model: string;
    readonly criteria: string;
    /** Whether the decision rests on it. */
    readonly decides: boolean;
    readonly arms: readonly ShownVerdicts[];
  } | null;
  /** By number of training rows, rising; empty where training on fewer was not tried. */
  readonly learning_curve: readonly ShownCurvePoint[];
  /** What many say about tuning, looked at on these runs. */
  readonly claims: readonly ClaimCheck[];
  /** What was wished for, and by whom: a sentence. */
  readonly wish: string;
  readonly split: readonly SplitQuestion[];
  readonly findings: readonly Finding[];
  /** Dollars an hour of this machine, and where that comes from. */
  readonly machine: { readonly usd_per_hour: number; readonly source: string };
  /** What the try itself took. */
  readonly took: { readonly seconds: number; readonly micro_usd: number };
  /** Micro-dollars of APIs: what was foreseen before this sitting, and what the ledger says was paid in all of them. */
  readonly apis: { readonly expected: number; readonly most: number; readonly paid: number };
}

/** One look at a set of test rows. */
export interface TestSetAccess {
  /** ISO instant. */
  readonly time: string;
  readonly run: string;
  /** SHA-256 of the rows. */
  readonly rows: string;
  readonly count: number;
}
