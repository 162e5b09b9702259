/** @file The test suite that every executor must pass. */

import type { Execution, ExecutionEvent, Executor, Numbered, RunSpec } from "@tunewise/core/run";
import { describe, expect, test } from "vitest";
import { embeddedExecutor, type ProcessExecutor } from "../../../packages/tunewise/src/executors/index.ts";
import {
  type ContractProject,
  comparable,
  control,
  evaluateAll,
  resultOf,
  runToEnd,
} from "./contract-run.ts";

/** The results of the engine's run. */
export interface Reference {
  readonly spec: RunSpec;
  readonly events: unknown;
  readonly result: unknown;
  readonly files: Map<string, string>;
}

/** Runs the engine and returns its results as the reference. */
export async function engineReference({ runtime, prepared, spec }: ContractProject): Promise<Reference> {
  const first = spec("reference");
  const { events, result } = await runToEnd(embeddedExecutor(runtime, prepared), first);
  return {
    spec: first,
    events: comparable(events, first.folder),
    result: comparable(result, first.folder),
    files: resultOf(first),
  };
}

/** Events of one kind. */
export function ofKind<Kind extends ExecutionEvent["kind"]>(
  events: readonly ExecutionEvent[],
  kind: Kind,
): Extract<ExecutionEvent, { kind: Kind }>[] {
  return events.filter((event): event is Extract<ExecutionEvent, { kind: Kind }> => event.kind === kind);
}

/**
 * Expects that no event was processed twice. Events that the controller measures keep the number of the worker's last
 * event, so only those of steps, which the worker alone reports, have numbers of their own.
 */
export function expectOnce(events: readonly Numbered<ExecutionEvent>[]): void {
  const numbers = events.map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  const own = [...ofKind(events, "step-start"), ...ofKind(events, "step-end")] as readonly { seq?: number }[];
  expect(new Set(own.map(({ seq }) => seq)).size).toBe(own.length);
}

/** Options of the suite for one executor. */
export interface SuiteOptions {
  /** Whether its results are bit-identical to the engine's. */
  readonly isExact: boolean;
  readonly timeout: number;
  /** Skips tests whose outcome depends on the connection to the worker; the local worker runs them. */
  readonly isRemote?: boolean;
}

/**
 * Defines the tests of an executor.
 *
 * @param create creates the executor
 */
export function executorSuite(
  name: string,
  create: (of: ContractProject) => Executor,
  given: () => { readonly project: ContractProject; readonly reference: Reference },
  { isExact, timeout, isRemote = false }: SuiteOptions = { isExact: true, timeout: 120_000 },
): void {
  describe(name, { timeout }, () => {
    /** Compares with the engine's results: bit by bit, or within the rounding differences of another library. */
    const sameResult = (found: { result: unknown }, spec: RunSpec): void => {
      const { reference } = given();
      const result = comparable(found.result, spec.folder);
      if (isExact) {
        expect(result).toEqual(reference.result);
        expect(resultOf(spec)).toEqual(reference.files);
      } else expectClose(result, reference.result);
    };
    const same = (found: { events: unknown; result: unknown }, spec: RunSpec): void => {
      const events = comparable(found.events, spec.folder);
      if (isExact) expect(events).toEqual(given().reference.events);
      else expectClose(events, given().reference.events);
      sameResult(found, spec);
    };

    test("comes to the same events, measurements and weights", async () => {
      const spec = given().project.spec(`${name}-end`);
      same(await runToEnd(create(given().project), spec), spec);
    });

    test("stopped and started again, it comes to the same weights", async () => {
      const spec = given().project.spec(`${name}-stop`);
      const executor = create(given().project);
      const half = await runToEnd(executor, spec, (event) =>
        event.kind === "step-end" && event.step === 3 ? [{ kind: "stop" }] : [],
      );
      expect(half.result).toMatchObject({ status: "stopped", selectedStep: null, state: { step: 3 } });
      const rest = await runToEnd(executor, spec);
      expect(ofKind(rest.events, "training-start")[0]).toMatchObject({ state: { step: 3, sessions: 2 } });
      sameResult(rest, spec);
    });

    test.skipIf(isRemote)("stopped between a step and its evaluation, it makes up for that", async () => {
      const spec = given().project.spec(`${name}-stop-before`);
      const executor = create(given().project);
      await runToEnd(executor, spec, (event) =>
        event.kind === "step-end" && event.step === 4 ? [{ kind: "stop" }] : [],
      );
      sameResult(await runToEnd(executor, spec), spec);
    });

    test.skipIf(isRemote)("saves a checkpoint when it is asked to", async () => {
      const spec = given().project.spec(`${name}-checkpoint`, { until: 0.5 });
      const { events } = await runToEnd(create(given().project), spec, (event) =>
        event.kind === "step-end" && event.step === 2 ? [{ kind: "checkpoint" }] : [],
      );
      expect(ofKind(events, "checkpoint-saved").map(({ step }) => step)).toEqual([2, 4]);
    });

    // over a network, the last steps may be done before the request arrives; `ssh.test.ts` ends a run that hangs
    test.skipIf(isRemote)("ended at once, it goes on from its checkpoint", async () => {
      const spec = given().project.spec(`${name}-ended`);
      const executor = create(given().project);
      const ended = runToEnd(executor, spec, (event, execution) => {
        if (event.kind === "step-end" && event.step === 6) execution.end();
        return [];
      });
      await expect(ended).rejects.toMatchObject({ code: "EXECUTION_LOST", params: { run: spec.run } });
      const rest = await runToEnd(executor, spec);
      expect(ofKind(rest.events, "training-start")[0]?.state.step).toBe(4);
      sameResult(rest, spec);
    });

    test("rolls back to a checkpoint, and to the start where there is none", async () => {
      const spec = given().project.spec(`${name}-roll-back`);
      let isRolledBack = false;
      const { events, result } = await runToEnd(create(given().project), spec, (event) => {
        if (event.kind === "training-end") return [];
        if (event.kind !== "step-end" || event.step !== 6 || isRolledBack) return [];
        isRolledBack = true;
        return [{ kind: "roll-back", before: 5, rateScale: 0.5 }];
      });
      expect(ofKind(events, "rolled-back")).toMatchObject([{ step: 6, toStep: 4, rateScale: 0.5 }]);
      const rates = ofKind(events, "step-end").filter(({ step }) => step === 5);
      expect((rates[1]?.learningRate ?? 0) / (rates[0]?.learningRate ?? 1)).toBeCloseTo(0.5, 12);
      expect(result).toMatchObject({ status: "completed", state: { step: 8 } });
    });

    test("goes on alone while nobody is attached, and delivers what came meanwhile", async () => {
      const spec = given().project.spec(`${name}-detach`, { limits: { seconds: 600 } });
      const execution = await create(given().project).start(spec);
      const seen: Numbered<ExecutionEvent>[] = [];
      for await (const event of execution.events()) {
        seen.push(event);
        if (event.kind === "step-end" && event.step === 2) execution.detach();
      }
      const last = seen.at(-1)?.seq ?? 0;
      const again = await attachAgain(create(given().project), execution, spec);
      const rest = await control(again, evaluateAll, last);
      const { state } = ofKind(rest.events, "training-end")[0] ?? {};
      expect(state).toMatchObject({ step: 8 });
      const steps = ofKind([...seen, ...rest.events], "step-end").map(({ step }) => step);
      expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });

    test.skipIf(isRemote)("stops where nobody is attached and it has no limit of time", async () => {
      const spec = given().project.spec(`${name}-unlimited`);
      const execution = await create(given().project).start(spec);
      for await (const event of execution.events())
        if (event.kind === "step-end" && event.step === 2) execution.detach();
      expect(await execution.result()).toMatchObject({ status: "stopped", state: { step: 2 } });
    });

    test.skipIf(isRemote)("ends by itself at its own limit of time", async () => {
      const spec = given().project.spec(`${name}-limit`, { limits: { seconds: 0 } });
      const { result } = await runToEnd(create(given().project), spec, () => []);
      expect(result).toMatchObject({ status: "stopped", state: { step: 0 } });
    });

    test.skipIf(isRemote)("refuses rows that are not the ones it was given", async () => {
      const spec = given().project.spec(`${name}-data`, { data: { fingerprint: "0".repeat(64) } });
      const running = runToEnd(create(given().project), spec);
      await expect(running).rejects.toMatchObject({ code: "RUN_DATA_CHANGED" });
    });
  });
}

/** Attaches by the method that the executor offers. */
async function attachAgain(executor: Executor, execution: Execution, spec: RunSpec): Promise<Execution> {
  if (!executor.capabilities.outlivesController) return execution;
  const attached = await (executor as ProcessExecutor).attach(spec);
  if (attached === null) throw new Error("there is no execution to attach to");
  return attached;
}

/** Compares numbers within a relative tolerance of 1/500, and everything else exactly. */
export function expectClose(found: unknown, expected: unknown): void {
  if (typeof expected === "number" && typeof found === "number") {
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(2e-3 * Math.abs(expected) + 1e-9);
  } else if (typeof expected === "object" && expected !== null) {
    expect(Object.keys(found as object).sort()).toEqual(Object.keys(expected).sort());
    for (const [key, item] of Object.entries(expected))
      expectClose((found as Record<string, unknown>)[key], item);
  } else expect(found).toEqual(expected);
}
