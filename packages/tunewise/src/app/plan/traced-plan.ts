/** @file Lets the worker trace the steps that a plan's recommendation rests on, and plans again with what it found. */

import { countOf } from "@tunewise/core/quantity";
import { traceSteps } from "../../executors/index.ts";
import { type Plan, type PlanInput, planRun, type TracedStep, wantedTraces } from "../../plan/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Rounds of tracing, and seconds for all of them. A round shows which layouts the next one should look at. */
const limits = { rounds: 5, seconds: 120 } as const;

/** Called before steps are traced, with what is being done. */
export type OnTrace = (text: string) => void;

/**
 * Plans with traces: of the recommended machine and of the cheapest that may fit, until the recommendation rests on
 * them or time is over. Without the worker the plan stays as it is.
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
