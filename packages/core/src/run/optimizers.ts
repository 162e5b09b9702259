/**
 * @file Optimizers: one row each. The engine (`engine/optimizers/optimizer.ts`) and the worker (`trainer.py`) compute
 * them; the recipe offers them, and plans read their memory here.
 */

/** Properties of an optimizer. */
interface OptimizerRow {
  readonly title: string;
  /** Moments for each trained value: 2 for AdamW, 1 for SGD with momentum. */
  readonly moments: 1 | 2;
  /** `parameter`: the format of the trained values; `8-bit`: codes with a float32 scale for each block of 256. */
  readonly momentFormat: "parameter" | "8-bit";
  /** Whether moments leave the GPU for host memory when it is full. */
  readonly isPaged: boolean;
  /** The optimizer with the same rule that the engine computes, with moments in float32. The worker computes each row. */
  readonly engine: "adamw" | "sgd";
  /** Highest learning rate that does not nearly always diverge; `null`: depends on the model. */
  readonly maxLearningRate: number | null;
}

/** Every optimizer by its name in the recipe. A missing row does not compile. */
export const optimizers: Readonly<Record<OptimizerName, OptimizerRow>> = {
  adamw: {
    title: "AdamW",
    moments: 2,
    momentFormat: "parameter",
    isPaged: false,
    engine: "adamw",
    maxLearningRate: 0.01,
  },
  sgd: {
    title: "SGD",
    moments: 1,
    momentFormat: "parameter",
    isPaged: false,
    engine: "sgd",
    maxLearningRate: null,
  },
  "adamw-8bit": {
    title: "8-bit AdamW",
    moments: 2,
    momentFormat: "8-bit",
    isPaged: false,
    engine: "adamw",
    maxLearningRate: 0.01,
  },
  "paged-adamw-8bit": {
    title: "paged 8-bit AdamW",
    moments: 2,
    momentFormat: "8-bit",
    isPaged: true,
    engine: "adamw",
    maxLearningRate: 0.01,
  },
};

/** Name of an optimizer in the recipe. */
export type OptimizerName = "adamw" | "sgd" | "adamw-8bit" | "paged-adamw-8bit";

/** Optimizers that the engine computes. */
export type EngineOptimizer = OptimizerRow["engine"];

/** Names of all optimizers, in the order of the table. */
export const optimizerNames = Object.keys(optimizers) as readonly OptimizerName[];
