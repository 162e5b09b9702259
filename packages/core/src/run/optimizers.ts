/**
 * @file The table of optimizers. The engine (`engine/optimizers/optimizer.ts`) and the worker (`trainer.py`) compute
 * them; the recipe offers them, and plans read their memory use here.
 */

/** Properties of an optimizer. */
interface OptimizerRow {
  readonly title: string;
  /** Moments per trained value: 2 for AdamW, 1 for SGD with momentum. */
  readonly moments: 1 | 2;
  /** `parameter`: the type of the trained values; `8-bit`: codes with a float32 scale for each block of 256. */
  readonly momentFormat: "parameter" | "8-bit";
  /** Whether moments move from GPU to host memory when the GPU is full. */
  readonly isPaged: boolean;
  /** The optimizer that the engine uses for the same rule, with moments in float32. The worker supports every row. */
  readonly engine: "adamw" | "sgd";
  /** Max. learning rate that does not almost always diverge; `null` if it depends on the model. */
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

/** Optimizers that the engine supports. */
export type EngineOptimizer = OptimizerRow["engine"];

/** Names of all optimizers, in table order. */
export const optimizerNames = Object.keys(optimizers) as readonly OptimizerName[];
