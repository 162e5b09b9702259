/** @file The learning rate of each step: warmup, then the schedule. */
import { type ScheduleName, schedules } from "@tunewise/core/run";

/** Settings of the schedule. */
export interface ScheduleSettings {
  readonly schedule: ScheduleName;
  readonly learningRate: number;
  /** Steps of linear warmup; values below 1 are a share of all steps. */
  readonly warmup: number;
}

/** Number of warmup steps. */
export function warmupSteps(settings: ScheduleSettings, steps: number): number {
  return settings.warmup < 1
    ? Math.ceil(settings.warmup * steps)
    : Math.min(steps, Math.round(settings.warmup));
}

/**
 * Learning rate of a step.
 *
 * Step 1 uses the value at 0, as PyTorch's schedulers do: with warmup the first step has rate 0.
 *
 * @param step counts from 1
 * @source huggingface/transformers src/transformers/optimization.py, `get_cosine_schedule_with_warmup`
 */
export function learningRateAt(settings: ScheduleSettings, step: number, steps: number): number {
  const warm = warmupSteps(settings, steps);
  const done = step - 1;
  if (done < warm) return (settings.learningRate * done) / Math.max(1, warm);
  const share = (done - warm) / Math.max(1, steps - warm);
  return settings.learningRate * schedules[settings.schedule].factor(share);
}
