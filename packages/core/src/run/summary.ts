/**
 * @file Summaries of runs by kind: the outcome of a run, as JSON text in its record. Summaries of earlier versions can
 * be read; missing values are `null`.
 */
import { z } from "zod";
import type { Finding } from "../problem/index.ts";
import type { Run } from "./run.ts";
import { type RunStop, stopCauses } from "./stop.ts";

const number = z.number().nullable().catch(null);
const scores = z.record(z.string(), z.number().nullable()).catch({});
const text = z.string().nullable().catch(null);

/** Forgetting of the result, by the record's keys; `null` if not measured. */
const forgetting = z
  .object({
    verdict: text,
    sentence: text,
    perplexity_rise: number,
    task_base: number,
    task_tuned: number,
    task_drop: number,
    regression_prompts_passed_after: number,
    regression_prompts_passed_before: number,
  })
  .nullable()
  .catch(null);

/** Safety of the result, by the record's keys; `null` if not measured. */
const safety = z.object({ verdict: text, sentence: text }).nullable().catch(null);

/** Findings about the data before a run began; unreadable ones are dropped. */
const finding = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning"]),
  title: z.string(),
  detail: z.string(),
  fix: z.string(),
});

const stop: z.ZodType<RunStop> = z.object({
  by: z.enum(stopCauses),
  cap: z.object({ kind: z.enum(["dollars", "minutes"]), limit: z.number() }).nullable(),
  guard: text,
  reason: text,
  step: number,
  steps: number,
});

const train: z.ZodType<Omit<TrainSummary, "kind">> = z.object({
  train_loss: number,
  validation_loss: number,
  best_step: number,
  memory_bytes_peak: number,
  sessions: z.number().catch(1),
  base: scores,
  tuned: scores,
  seen_rows: number,
  forgetting,
  safety,
  judgement: z.object({ title: z.string(), sentence: z.string() }).nullable().catch(null),
  no_label: z.object({ tuned: number, base: number, rows: number }).nullable().catch(null),
  findings: z.array(finding).catch([]),
  stop: stop.nullable().catch(null),
});

const verdicts = ["tune", "do-not-tune", "fix-retrieval-first", "collect-more-rows", "undecided"] as const;

const comparison = z.object({
  fingerprint: z.string(),
  decided: z.string().catch(""),
  verdict: z.enum(verdicts).nullable().catch(null),
  arm: text,
  is_invalid: z.boolean().catch(false),
  arms: z.number().catch(0),
});

const trial = z.object({
  search: z.string(),
  trial: z.number(),
  slice: z.number().nullable().catch(null),
});

/** Summary of a training: losses, scores and measurements of its result, by the record's keys. */
export interface TrainSummary {
  readonly kind: "train";
  readonly train_loss: number | null;
  readonly validation_loss: number | null;
  readonly best_step: number | null;
  readonly memory_bytes_peak: number | null;
  /** How often it was started or resumed. */
  readonly sessions: number;
  /** Scores by metric. */
  readonly base: Readonly<Record<string, number | null>>;
  readonly tuned: Readonly<Record<string, number | null>>;
  /** Test rows that also occur in the training data. */
  readonly seen_rows: number | null;
  readonly forgetting: {
    readonly verdict: string | null;
    /** What was found; `null` in runs of earlier versions. */
    readonly sentence: string | null;
    readonly perplexity_rise: number | null;
    readonly task_base: number | null;
    readonly task_tuned: number | null;
    readonly task_drop: number | null;
    readonly regression_prompts_passed_after: number | null;
    readonly regression_prompts_passed_before: number | null;
  } | null;
  readonly safety: { readonly verdict: string | null; readonly sentence: string | null } | null;
  /** Headline of the report. */
  readonly judgement: { readonly title: string; readonly sentence: string } | null;
  /** Answers that are not a label, out of `rows` evaluated ones. */
  readonly no_label: {
    readonly tuned: number | null;
    readonly base: number | null;
    readonly rows: number | null;
  } | null;
  /** Errors and warnings about its data and its plan at the start, the most severe first. */
  readonly findings: readonly SummaryFinding[];
  /** Why it ended before its last step; `null` if it did not, or if an earlier version recorded it. */
  readonly stop: RunStop | null;
}

/** A finding without its places. */
export type SummaryFinding = Pick<Finding, "code" | "title" | "detail" | "fix"> & {
  readonly severity: "error" | "warning";
};

/** Summary of a comparison of baselines (`try`). */
export interface TrySummary {
  readonly kind: "arms";
  /** SHA-256 of arms, rows, documents and model; equal for the same comparison. */
  readonly fingerprint: string;
  /** SHA-256 of what the decision depends on besides the answers. */
  readonly decided: string;
  /** Decision; `null` if unfinished, or made before decisions were recorded. */
  readonly outcome: {
    readonly verdict: "tune" | "do-not-tune" | "fix-retrieval-first" | "collect-more-rows" | "undecided";
    readonly arm: string | null;
    readonly isInvalid: boolean;
    /** Number of compared arms. */
    readonly arms: number;
  } | null;
}

/** Summary of a trial, which identifies it until its training is complete. */
export interface TrialSummary {
  readonly kind: "trial";
  /** Id of the search. */
  readonly search: string;
  /** Number of the trial within the search. */
  readonly trial: number;
  /** Fraction of the rows that it trains on; absent for all rows. */
  readonly slice?: number;
}

/** Summary of a run, by its kind. */
export type RunSummary = TrainSummary | TrySummary | TrialSummary;

/** Reads a run's summary. Text that fits no other kind is read as a training without results. */
export function summaryOf({ summary }: Pick<Run, "summary">): RunSummary {
  const stored = objectOf(summary);
  const tried = stored["kind"] === "arms" ? comparison.safeParse(stored).data : undefined;
  if (tried !== undefined) {
    const { fingerprint, decided, verdict, arm, is_invalid: isInvalid, arms } = tried;
    const outcome = verdict && { verdict, arm, isInvalid, arms };
    return { kind: "arms", fingerprint, decided, outcome };
  }
  const found = stored["kind"] === "trial" ? trial.safeParse(stored).data : undefined;
  if (found !== undefined) {
    const { slice, ...identity } = found;
    return { kind: "trial", ...identity, ...(slice === null ? {} : { slice }) };
  }
  return { kind: "train", ...train.parse(stored) };
}

/** The summary of a comparison of baselines; `null` for other runs. */
export function tryOf(run: Pick<Run, "summary">): TrySummary | null {
  const summary = summaryOf(run);
  return summary.kind === "arms" ? summary : null;
}

/** The summary of a trial; `null` for other runs. */
export function trialOf(run: Pick<Run, "summary">): TrialSummary | null {
  const summary = summaryOf(run);
  return summary.kind === "trial" ? summary : null;
}

/** The summary of a training; `null` for comparisons and trials. */
export function trainingOf(run: Pick<Run, "summary">): TrainSummary | null {
  const summary = summaryOf(run);
  return summary.kind === "train" ? summary : null;
}

/** Whether a run is a training: neither a comparison nor a trial of a search. */
export function isTraining(run: Pick<Run, "summary">): boolean {
  return trainingOf(run) !== null;
}

function objectOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
