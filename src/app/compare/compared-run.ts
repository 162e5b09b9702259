/**
 * @file One run beside others.
 */
import type { MetricName } from "../../recipe/index.ts";
import type { Run } from "../../run/index.ts";
import type { ScoreEntry } from "../../track/index.ts";

/** One run as a line. */
export interface ComparedRun {
  readonly id: string;
  readonly status: Run["status"];
  /** `QLoRA 16`, `all weights`; with what holds old skills: `LoRA 16 + EWC 10`. */
  readonly method: string;
  /** The headline score of the tuned model and of its base. */
  readonly metric: MetricName | null;
  readonly tuned: Pick<ScoreEntry, "value" | "low" | "high"> | null;
  readonly base: number | null;
  /** The best score by that metric of answers that need no model; `null`: not known. */
  readonly trivial: number | null;
  /** What its report says first; `null` for runs recorded without it. */
  readonly result: string | null;
  readonly validationLoss: number | null;
  /** Rise of the perplexity of general text and drop of right answers, shares; `null`: not measured. */
  readonly perplexityRise: number | null;
  readonly taskDrop: number | null;
  readonly forgetting: string | null;
  readonly memoryBytesPeak: number | null;
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
  /** What differs from the first run, so that the two do not compare like with like. */
  readonly unlike: readonly string[];
}
