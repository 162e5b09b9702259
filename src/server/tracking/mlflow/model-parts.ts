/**
 * @file What models add to runs: points that were measured about a model, models that a run was given or made.
 *
 * Runs know no more of models than this; whoever keeps models hands in an object of this shape.
 */
import type { Point, TrackedRun, Transaction } from "../../../track/index.ts";

/** A point that was measured about a model. */
export interface ModelPoint extends Point {
  readonly key: string;
  readonly modelId: string;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

/** Models of one run as JSON texts of lists; `null` where there are none. */
export interface ModelTexts {
  readonly inputs: string | null;
  readonly outputs: string | null;
}

/** What runs ask of whoever keeps models. */
export interface ModelParts {
  /** Notes points about models, in the transaction that writes them to their run. */
  readonly addPoints: (
    transaction: Transaction,
    run: TrackedRun,
    points: readonly ModelPoint[],
  ) => Promise<void>;
  /** Notes models that a run was given, as clients send them. */
  readonly addInputs: (
    transaction: Transaction,
    run: TrackedRun,
    models: readonly unknown[],
  ) => Promise<void>;
  /** Models of runs by the runs' numbers; a run without any may be missing. */
  readonly readTexts: (numbers: readonly number[]) => Promise<ReadonlyMap<number, ModelTexts>>;
}
