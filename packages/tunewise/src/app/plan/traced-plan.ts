/**
 * @file Lets the worker trace the steps on which a plan's recommendation is based, and plans again with the results.
 */

import { countOf } from "@tunewise/core/quantity";
import { traceSteps } from "../../executors/index.ts";
import { type Plan, type PlanInput, planRun, type TracedStep, wantedTraces } from "../../plan/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Maximum rounds of tracing, and total seconds. Each round shows which layouts the next one should trace. */
const limits = { rounds: 5, seconds: 120 } as const;

/** Called before steps are traced, with a description. */
export type OnTrace = (text: string) => void;

/**
 * Traces the recommended machine and the cheapest one that may fit, and plans again, until the recommendation is based
 * on traces or time runs out. Without the worker the plan stays unchanged.
 *
 * @param config the model's configuration
 * @returns the plan, and its input with the traces
 */
export async function planWithTraces(
  { input, plan }: { readonly input: PlanInput; readonly plan: Plan },
  config: Readonly<Record<string, unknown>>,
  runtime: Runtime,
  report: OnTrace,
): Promise<{ readonly input: PlanInput; readonly plan: Plan }> {
  const start = runtime.elapsedSeconds();
  let found = { input, plan };
  for (let round = 0; round < limits.rounds; round++) {
    const known = found.input.traces ?? new Map<string, TracedStep>();
    const requests = wantedTraces(found.input, found.plan);
    const seconds = limits.seconds - (runtime.elapsedSeconds() - start);
    if (requests.length === 0 || seconds <= 0) return found;
    const onStart = (count: number): void =>
      report(`tracing ${countOf(count, "step")} on PyTorch, without a card`);
    const answers = await traceSteps({ config, requests, seconds, onStart }, runtime).catch(
      (error: unknown) => {
        if (TunewiseError.is(error) && error.code === "WORKER_NOT_INSTALLED") return null;
        throw error;
      },
    );
    if (answers === null || answers.size === 0) return found;
    const next = { ...found.input, traces: new Map([...known, ...answers]) };
    found = { input: next, plan: planRun(next) };
  }
  return found;
}
