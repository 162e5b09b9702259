/** @file All content of a run's report as one value. The report is a pure function of it. */

import type { Bytes, Range, Seconds, Tokens, Usd } from "@tunewise/core/quantity";
import type { ForgettingPoint, Run, RunStop, Verdict } from "@tunewise/core/run";
import type { FoundCode, ScannerFailure } from "@tunewise/datacheck";
import type { EncodeStatistics } from "../../encode/index.ts";
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
import type { Finding } from "../../problem/index.ts";
import type { ForgettingGate, ForgettingSection, MetricName, SafetySection } from "../../recipe/index.ts";

/**
 * The content of a report. Texts may come from data files and models, so they are shown as text and never as markup.
 */
export interface RunReport {
  readonly run: Pick<
    Run,
    "id" | "name" | "status" | "createdAt" | "endedAt" | "model" | "modelRevision" | "dataFingerprint"
  > & {
    /** Why the run ended before its last step; `null` if it did not. */
    readonly stop: RunStop | null;
  };
  /** Summary of the recipe in display order: method, rank, learning rate, batch ... */
  readonly settings: readonly KeyValue[];
  readonly data: {
    readonly splits: readonly SplitFacts[];
    readonly findings: readonly Finding[];
  };
  readonly figures: Figures;
  readonly curves: Curves;
  /** Headline metric first; empty if nothing was evaluated. */
  readonly scores: readonly ScoreLine[];
  /** Label table and confusion matrix; `null` if no metric uses labels. */
  readonly labels?: LabelFacts | null;
  /** Evaluated rows out of the planned ones; absent in reports of older runs. */
  readonly judged?: { readonly rows: number; readonly of: number };
  /** Evaluated test rows that are contained in the training rows; `null` if none. */
  readonly seen?: { readonly rows: number; readonly of: number } | null;
  readonly samples: readonly AnswerSample[];
  /** `null` if not measured; `limits` explains why, unless the recipe disabled it. */
  readonly forgetting: ForgettingFacts | null;
  /** `null`: not measured. */
  readonly safety: SafetyFacts | null;
  /** Memorization: the gain on training rows beyond other rows; `null` if not measured. */
  readonly memorization: Memorization | null;
  readonly budget: BudgetFacts;
  /** Verdicts of guards, in order. */
  readonly guards: readonly GuardFact[];
  /** tunewise, Node, runtime, operating system, processor. */
  readonly versions: readonly KeyValue[];
  /** `null` if the run ended without one. */
  readonly adapter: AdapterFacts | null;
  /** Commands to reproduce the run and use its result, in order. */
  readonly commands: readonly { readonly purpose: string; readonly command: string }[];
  /** Limitations of the results, one sentence each. */
  readonly limits: readonly string[];
}

/** A name and its value, as text. */
export interface KeyValue {
  readonly name: string;
  readonly value: string;
}

/** A data split: `train`, `validation`, `test`. */
export interface SplitFacts {
  readonly name: string;
  readonly statistics: EncodeStatistics;
}

/** Planned and actual value; `null` if not planned or not measured. */
export interface Figure<Quantity extends number> {
  readonly planned: Range<Quantity> | null;
  readonly actual: Quantity | null;
}

/** The plan compared with the actual run. */
export interface Figures {
  readonly memoryBytesPeak: Figure<Bytes>;
  readonly wall: Figure<Seconds>;
  readonly cost: Figure<Usd>;
  readonly steps: Figure<number>;
  /** Tokens trained on. */
  readonly tokens: Figure<Tokens>;
  readonly tokensPerSecond: Figure<number>;
}

/** A loss at a step, in nats per labeled token. */
export interface CurvePoint {
  readonly step: number;
  readonly loss: number;
}

/** Loss curves by step, in order. */
export interface Curves {
  readonly train: readonly CurvePoint[];
  readonly validation: readonly CurvePoint[];
  /** Step of the selected checkpoint. */
  readonly keptStep: number | null;
}

/** One metric on the test rows. */
export interface ScoreLine {
  readonly metric: MetricName;
  readonly tuned: ShownScore;
  /** `null` if the base model was not evaluated. */
  readonly base: ShownScore | null;
  readonly comparison: Comparison | null;
  /** Trivial baselines on the same rows; absent in reports of older runs. */
  readonly trivial?: readonly TrivialScore[];
  /** Both models on rows unseen in training; `null` if none or all were seen, or the base was not evaluated. */
  readonly unseen?: Comparison | null;
}

/** Results by label. */
export interface LabelFacts {
  /** Whether decoding was constrained to labels, and to how many; otherwise why not. */
  readonly decoding: { readonly kind: "constrained" | "free"; readonly labels: number | null };
  readonly tuned: LabelTable;
  readonly base: LabelTable | null;
  /** Evaluated rows. */
  readonly rows: number;
}

/** A score without its rows; reports of older runs lack the number of rows that could not be scored. */
export type ShownScore = Pick<Score, "value" | "interval" | "rows"> &
  Partial<Pick<Score, "unjudged" | "isInvalid">>;

/** One test row with its answers. */
export interface AnswerSample {
  readonly prompt: string;
  readonly reference: string;
  readonly tuned: JudgedAnswer;
  readonly base: JudgedAnswer | null;
}

/** An answer, and whether it is correct; `null` for metrics without correctness. */
export interface JudgedAnswer {
  readonly text: string;
  readonly isRight: boolean | null;
}

/** Forgetting of earlier skills. */
export interface ForgettingFacts {
  readonly perplexity: PerplexityChange;
  readonly tasks: TaskChange | null;
  readonly divergence: DivergenceChange | null;
  readonly regressionPrompts: RegressionChange | null;
  readonly judgement: ForgettingCheck;
  /** Measurements of a small sample during training, in order. */
  readonly curve: readonly ForgettingPoint[];
  readonly gate: ForgettingGate;
  /** Whether the gate rejects the result. */
  readonly isGateClosed: boolean;
  readonly limits: Pick<ForgettingSection, "maxPerplexityRise" | "maxTaskDrop" | "maxKl">;
  /** `general`, or the user's file. */
  readonly sources: Pick<ForgettingSection, "text" | "tasks" | "prompts" | "regressionPrompts">;
}

/** Safety of the result compared with the base. */
export interface SafetyFacts extends SafetyOutcome {
  readonly gate: ForgettingGate;
  /** Whether the gate rejects the result. */
  readonly isGateClosed: boolean;
  /** Maximum allowed rise in the fraction of unsafe answers. */
  readonly maxRise: number;
  /** `general`, or the user's file. */
  readonly sources: Pick<SafetySection, "codePrompts" | "refusalPrompts">;
}

/** Budget caps and spending, over all sessions of the run. */
export interface BudgetFacts {
  readonly capUsd: Usd | null;
  readonly cap: Seconds | null;
  readonly spentUsd: Usd;
  readonly spent: Seconds;
  readonly priceUsdPerHour: Usd;
  /** Source and date of the price. */
  readonly priceSource: string;
  /** 1, or more after a resume. */
  readonly sessions: number;
}

/** A guard's verdict and its step. */
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

/** Result of the check. */
export interface Memorization extends MemorizationGap {
  /** Training answers continued verbatim from their first half; `null` if none is long enough. */
  readonly memorised: { readonly rows: number; readonly base: number; readonly tuned: number } | null;
  readonly verdict: Verdict;
}

/** A prompt with both answers and the findings in each. */
export interface CodePair {
  readonly prompt: string;
  readonly base: { readonly answer: string; readonly findings: readonly FoundCode[] };
  readonly tuned: { readonly answer: string; readonly findings: readonly FoundCode[] };
}

/** A request with both answers. */
export interface RefusalPair {
  readonly prompt: string;
  readonly refuse: boolean;
  readonly base: { readonly answer: string; readonly declines: boolean };
  readonly tuned: { readonly answer: string; readonly declines: boolean };
}

/** Change in safety; `null` if not measured. */
export interface SafetyOutcome {
  readonly code: UnsafeShare | null;
  /** Harmful requests that are answered. */
  readonly refusals: UnsafeShare | null;
  /** Harmless requests that are declined; reported without a verdict. */
  readonly overRefusals: UnsafeShare | null;
  /** Scanners of the answers, and scanners that failed. */
  readonly scanners: { readonly names: readonly string[]; readonly failures: readonly ScannerFailure[] };
  readonly codePairs: readonly CodePair[];
  readonly refusalPairs: readonly RefusalPair[];
  readonly judgement: SafetyCheck;
}
