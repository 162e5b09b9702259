/**
 * @file The table of learning rate schedules. The engine computes rates from it, the worker receives computed rates,
 * and the recipe offers its names.
 */

/** Properties of a schedule. */
interface ScheduleRow {
  /**
   * Rate as a share of the peak.
   *
   * @param done completed share of the steps after the warmup, from 0
   */
  readonly factor: (done: number) => number;
  /** Name in transformers' `lr_scheduler_type`, without and with warmup. */
  readonly transformers: readonly [plain: string, warmedUp: string];
}

/**
 * Every learning rate schedule by its name in the recipe. A missing row does not compile.
 *
 * @source huggingface/transformers src/transformers/optimization.py, `get_cosine_schedule_with_warmup`,
 *   `get_linear_schedule_with_warmup`; cosine: Loshchilov and Hutter 2016 (arXiv 1608.03983), equation 5
 */
export const schedules: Readonly<Record<ScheduleName, ScheduleRow>> = {
  constant: {
    factor: () => 1,
    transformers: ["constant", "constant_with_warmup"],
  },
  linear: {
    factor: (done) => Math.max(0, 1 - done),
    transformers: ["linear", "linear"],
  },
  cosine: {
    factor: (done) => Math.max(0, 0.5 * (1 + Math.cos(Math.PI * done))),
    transformers: ["cosine", "cosine"],
  },
};

/** Name of a learning rate schedule in the recipe. */
export type ScheduleName = "constant" | "linear" | "cosine";

/** Names of all schedules, in table order. */
export const scheduleNames = Object.keys(schedules) as readonly ScheduleName[];
