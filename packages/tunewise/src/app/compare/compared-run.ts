/** @file A run as a row of the comparison. */

import type { Run } from "@tunewise/core/run";
import type { ScoreEntry } from "@tunewise/tracker";
import type { MetricName } from "../../recipe/index.ts";

/** A row of the comparison. */
export interface ComparedRun {
  readonly id: string;
  readonly status: Run["status"];
  /** For example `QLoRA 16` or `all weights`; with regularization or replay: `LoRA 16 + EWC 10`. */
  readonly method: string;
  /** The headline metric, which scores the tuned model and its base. */
  readonly metric: MetricName | null;
  readonly tuned: Pick<ScoreEntry, "value" | "low" | "high"> | null;
  readonly base: number | null;
  /** Best score of a trivial baseline by the headline metric; `null` if unknown. */
  readonly trivial: number | null;
  /** First sentence of the run's report; `null` for runs recorded without it. */
  readonly result: string | null;
  readonly validationLoss: number | null;
  /** Rise in perplexity on general text and drop in task accuracy, as fractions; `null` if not measured. */
  readonly perplexityRise: number | null;
  readonly taskDrop: number | null;
  readonly forgetting: string | null;
  readonly memoryBytesPeak: number | null;
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
  /** Differences from the first run that make the two incomparable. */
  readonly incomparableBecause: readonly string[];
}
