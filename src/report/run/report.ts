/**
 * @file All facts of a finished run that its report tells, as one value. The report is a pure function of it.
 */

import type { EncodeStatistics } from "../../dataset/index.ts";
import type {
  Comparison,
  DivergenceChange,
  LabelTable,
  MemorizationGap,
  PerplexityChange,
  RegressionChange,
  Score,
  TaskChange,
  TrivialScore,
  UnsafeShare,
} from "../../evaluate/index.ts";
import type { ForgettingCheck, SafetyCheck } from "../../guard/index.ts";
import type { CodeFinding } from "../../inspect/index.ts";
import type { Finding } from "../../problem/index.ts";
import type { Bytes, Range, Seconds, Tokens, Usd } from "../../quantity/index.ts";
import type { ForgettingGate, ForgettingSection, MetricName, SafetySection } from "../../recipe/index.ts";
import type { ForgettingPoint, Run, Verdict } from "../../run/index.ts";

/** Everything a report says. Texts may come from data files and models: they are shown as text, never as
markup. */ export interface RunReport {
  readonly run: Pick<
    Run,
    "id" | "name" | "status" | "createdAt" | "endedAt" | "model" | "modelRevision" | "dataFingerprint"
  >;
  /** The recipe in short: method, rank, learning rate, batch ... in the order to be shown. */
  readonly settings: readonly KeyValue[];
  readonly data: {
    readonly splits: readonly SplitFacts[];
    readonly findings: readonly Finding[];
  };
  readonly figures: Figures;
  readonly curves: Curves;
  /** The headline metric first; empty when nothing was judged. */
  readonly scores: readonly ScoreLine[];
  /** Table and confusion matrix of a task with labels; `null`: no metric reads labels. */
  readonly labels?: LabelFacts | null;
  /** Rows that were judged, of those that were to be; reports of older runs do not say it. */
  readonly judged?: { readonly rows: number; readonly of: number };
  /** Test rows that stand in the training rows, of those judged; `null`: none. */
  readonly seen?: { readonly rows: number; readonly of: number } | null;
  readonly samples: readonly AnswerSample[];
  /** `null`: not measured; `limits` says why, unless the recipe did not want it. */
  readonly forgetting: ForgettingFacts | null;
  /** `null`: not measured. */
  readonly safety: SafetyFacts | null;
  /** What training rows gained beyond others; `null`: not measured. */
  readonly byHeart: Memorization | null;
  readonly budget: BudgetFacts;
  /** What guards said, in order. */
  readonly guards: readonly GuardFact[];
  /** tunewise, Node, runtime, operating system, processor. */
  readonly versions: readonly KeyValue[];
  /** `null` when the run ended without one. */
  readonly adapter: AdapterFacts | null;
  /** Commands that repeat the run and use its result, in order. */
  readonly commands: readonly { readonly purpose: string; readonly command: string }[];
  /** What the reader should know before trusting the figures, one sentence each. */
  readonly limits: readonly string[];
}

/** A name and its value as text. */
export interface KeyValue {
  readonly name: string;
  readonly value: string;
}

/** One part of the data: `train`, `validation`, `test`. */
export interface SplitFacts {
  readonly name: string;
  readonly statistics: EncodeStatistics;
}

/** A figure as planned and as it came; `null` where it was not planned or not measured. */
export interface Figure<Quantity extends number> {
  readonly planned: Range<Quantity> | null;
  readonly actual: Quantity | null;
}

/** What the plan promised beside what happened. */
export interface Figures {
  readonly memoryBytesPeak: Figure<Bytes>;
  readonly wall: Figure<Seconds>;
  readonly cost: Figure<Usd>;
  readonly steps: Figure<number>;
  /** Tokens trained on. */
  readonly tokens: Figure<Tokens>;
  readonly tokensPerSecond: Figure<number>;
}

/** A loss at a step, in nats per labelled token. */
export interface CurvePoint {
  readonly step: number;
  readonly loss: number;
}

/** Loss curves by step, in order. */
export interface Curves {
  readonly train: readonly CurvePoint[];
  readonly validation: readonly CurvePoint[];
  /** The step whose adapter became the result. */
  readonly keptStep: number | null;
}

/** One metric on the test rows. */
export interface ScoreLine {
  readonly metric: MetricName;
  readonly tuned: ShownScore;
  /** `null` when the base model was not judged. */
  readonly base: ShownScore | null;
  readonly comparison: Comparison | null;
  /** Answers that need no model, on the same rows; reports of older runs have none. */
  readonly trivial?: readonly TrivialScore[];
  /** Both models on the rows that training has not seen; `null`: it has seen none, all, or the base was not judged. */
  readonly unseen?: Comparison | null;
}

/** Labels of a task, one by one. */
export interface LabelFacts {
  /** Whether answers were chosen among the labels, and of how many; else why they were not. */
  readonly decoding: { readonly kind: "constrained" | "free"; readonly labels: number | null };
  readonly tuned: LabelTable;
  readonly base: LabelTable | null;
  /** Rows that were judged. */
  readonly rows: number;
}

/** A score without its rows; reports of older runs do not say how many rows could not be judged. */
export type ShownScore = Pick<Score, "value" | "interval" | "rows"> &
  Partial<Pick<Score, "unjudged" | "isVoid">>;

/** One test row with its answers. */
export interface AnswerSample {
  readonly prompt: string;
  readonly reference: string;
  readonly tuned: JudgedAnswer;
  readonly base: JudgedAnswer | null;
}

/** An answer, and whether it counted as right; `null` where the metric has no right and wrong. */
export interface JudgedAnswer {
  readonly text: string;
  readonly isRight: boolean | null;
}

/** What the model could do before, and what became of it. */
export interface ForgettingFacts {
  readonly perplexity: PerplexityChange;
  readonly tasks: TaskChange | null;
  readonly divergence: DivergenceChange | null;
  readonly musts: RegressionChange | null;
  readonly judgement: ForgettingCheck;
  /** Looks at a small sample during training, in order. */
  readonly curve: readonly ForgettingPoint[];
  readonly gate: ForgettingGate;
  /** The gate says no. */
  readonly isGateClosed: boolean;
  readonly limits: Pick<ForgettingSection, "maxPerplexityRise" | "maxTaskDrop" | "maxKl">;
  /** `general`, or the user's file. */
  readonly sources: Pick<ForgettingSection, "text" | "tasks" | "prompts" | "mustStillWork">;
}

/** Whether the result is less safe than the base. */
export interface SafetyFacts extends SafetyOutcome {
  readonly gate: ForgettingGate;
  /** The gate says no. */
  readonly isGateClosed: boolean;
  /** Share of answers that may become unsafe more than before. */
  readonly maxRise: number;
  /** `general`, or the user's file. */
  readonly sources: Pick<SafetySection, "codePrompts" | "refusalPrompts">;
}

/** Caps and what was spent, over all sessions of the run. */
export interface BudgetFacts {
  readonly capUsd: Usd | null;
  readonly cap: Seconds | null;
  readonly spentUsd: Usd;
  readonly spent: Seconds;
  readonly priceUsdPerHour: Usd;
  /** Where the price comes from, with its date. */
  readonly priceSource: string;
  /** 1, or more after a resume. */
  readonly sessions: number;
}

/** What a guard said, and when. */
export interface GuardFact {
  readonly step: number;
  readonly verdict: Exclude<Verdict, { readonly act: "go-on" }>;
}

/** The result's files. */
export interface AdapterFacts {
  readonly folder: string;
  readonly bytes: Bytes;
  /** Trained values, and values of the whole model. */
  readonly parameters: number;
  readonly modelParameters: number;
}

/** What was found. */
export interface Memorization extends MemorizationGap {
  /** Training answers gone on with word for word from their first half; `null`: none is long enough. */
  readonly memorised: { readonly rows: number; readonly base: number; readonly tuned: number } | null;
  readonly verdict: Verdict;
}

/** One prompt with both answers and what was found in each. */
export interface CodePair {
  readonly prompt: string;
  readonly base: { readonly answer: string; readonly findings: readonly CodeFinding[] };
  readonly tuned: { readonly answer: string; readonly findings: readonly CodeFinding[] };
}

/** One request with both answers. */
export interface RefusalPair {
  readonly prompt: string;
  readonly refuse: boolean;
  readonly base: { readonly answer: string; readonly declines: boolean };
  readonly tuned: { readonly answer: string; readonly declines: boolean };
}

/** What became of the model's safety; `null`: not measured. */
export interface SafetyOutcome {
  readonly code: UnsafeShare | null;
  /** Harmful requests that are answered. */
  readonly refusals: UnsafeShare | null;
  /** Harmless requests that are declined; told and not judged. */
  readonly overRefusals: UnsafeShare | null;
  readonly codePairs: readonly CodePair[];
  readonly refusalPairs: readonly RefusalPair[];
  readonly judgement: SafetyCheck;
}
