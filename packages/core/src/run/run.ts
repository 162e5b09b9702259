/** @file A run and its metrics. */
import type { RunStatus } from "./event.ts";

/** Kind of a stored run: a training of any client, a trial of a search, a comparison of baselines, or a command. */
export type RunKind = "run" | "trial" | "try" | "exec";

/**
 * One execution of a recipe, as stored.
 */
export interface Run {
  /** Sortable and unique: `20261124-204512-tickets-7f3a`. */
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  /** ISO instants. */
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** The recipe's original text, and the effective configuration as JSON. */
  readonly recipeText: string;
  readonly configuration: string;
  /** SHA-256 of the rows' content, independent of row order and file names. */
  readonly dataFingerprint: string;
  readonly model: string;
  readonly modelRevision: string;
  /** Versions of tunewise, Node and the runtime, as JSON. */
  readonly versions: string;
  readonly folder: string;
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
  /** Summary values as JSON: final losses, base and tuned scores. */
  readonly summary: string;
}

/** A run to be added to a store. */
export interface NewRun extends Run {
  readonly project: string;
  /** Hyperparameters, named as by Hugging Face's trainers. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * One measured value of a run.
 *
 * @example
 * import { type Metric, openStore, storePath } from "tunewise/track";
 *
 * const store = await openStore(storePath(".tunewise"));
 * const [newest] = await store.listRuns({ limit: 1 });
 * const losses: Metric[] = newest ? await store.metricHistory(newest.id, "validation/loss") : [];
 * console.log(losses.map(({ step }) => step)); // [ 4, 8 ]
 * await store.close();
 */
export interface Metric {
  readonly runId: string;
  /** `train/loss`, `validation/loss`, `tokens_per_second` ... */
  readonly key: string;
  readonly step: number;
  readonly value: number;
  /** ISO instant. */
  readonly time: string;
}
