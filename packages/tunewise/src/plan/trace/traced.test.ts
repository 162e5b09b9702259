import { describe, expect, test } from "vitest";
import { inputOf, placeOf, recipeOf } from "../../../../../test/support/plan-inputs.ts";
import type { BatchOrder, PlanInput } from "../input.ts";
import type { PlaceEstimate } from "../place/place.ts";
import { planRun } from "../plan-run.ts";
import { tracedFactors } from "./memory.ts";
import { type TracedStep, type TraceRequest, traceKey } from "./trace.ts";
import { wantedTraces } from "./wanted.ts";

const llama8 = "meta-llama/Llama-3.1-8B";
const gib = 2 ** 30;

/** The order of the data. */
const order: BatchOrder = (lengths, { batchSize }) =>
  Array.from({ length: Math.ceil(lengths.length / batchSize) }, (_, at) =>
    lengths.map((_, row) => row).slice(at * batchSize, (at + 1) * batchSize),
  );

function input(more = "", devices: readonly string[] = ["A100-40GB", "A100-80GB"]): PlanInput {
  const machines = devices.map((device, at) => placeOf(device, 1, 1 + at));
  return { ...inputOf(llama8, recipeOf(more), machines), order };
}

/** A step with this reserved memory, and with products and copies that take time on an A100. */
function stepOf(reservedGib: number, { batches }: TraceRequest, flops: number): TracedStep {
  const work = { matmul: { calls: 10, flops, bytes: 0 }, optimizer: { calls: 1, flops: 0, bytes: 1e9 } };
  const terms = [{ name: "frozen weights", bytes: 15 * gib }];
  return {
    peakAllocatedBytes: (reservedGib - 1) * gib,
    peakReservedBytes: reservedGib * gib,
    batchesOfStep: 1,
    moments: [{ name: "forward", peakBytes: 16 * gib, terms }],
    shapes: batches.map((lengths) => ({ lengths, work })),
  };
}

/** The plan after rounds of tracing in which each step reserves the memory that `gibOf` returns. */
function traced(start: PlanInput, gibOf: (request: TraceRequest) => number, flops = 1e14) {
  let [found, plan] = [start, planRun(start)];
  const asked: TraceRequest[] = [];
  for (let round = 0; round < 10; round++) {
    const wanted = wantedTraces(found, plan);
    if (wanted.length === 0) break;
    asked.push(...wanted);
    const answers = wanted.map((one) => [traceKey(one), stepOf(gibOf(one), one, flops)] as const);
    found = { ...found, traces: new Map([...(found.traces ?? []), ...answers]) };
    plan = planRun(found);
  }
  return { plan, asked, best: plan.best === null ? undefined : plan.places[plan.best] };
}

const memoryOf = (place: PlaceEstimate | undefined) => place?.memory?.bytes;

describe("plans with traces", () => {
  test("the recommendation comes to rest on a trace, with a range as wide as traces were off", () => {
    const byRules = planRun(input());
    const { best, asked } = traced(input(), () => 20);
    expect(best?.restsOn?.memory).toEqual({ by: "traced", compared: "nowhere" });
    expect(asked[0]).toMatchObject({
      program: "worker",
      dtype: "bfloat16",
      card: { capability: "8.0" },
      world: { size: 1, sharding: "none" },
      method: { kind: "lora", rank: 16 },
    });
    const { low = 0, high = 0 } = memoryOf(best) ?? {};
    expect(low).toBeCloseTo(tracedFactors.low * 20 * gib + 0.15e9, -3);
    const rules = memoryOf(byRules.places[1]);
    expect(high / low).toBeLessThan((rules?.high ?? 0) / (rules?.low ?? 1));
    expect(best?.memory?.terms).toEqual([expect.objectContaining({ name: "frozen weights" })]);
  });

  test("a machine whose traced step does not fit is left for another layout, or another machine", () => {
    const { best, asked } = traced(input(), ({ training }) => (training.recompute === "none" ? 60 : 50));
    expect(best?.device).toBe("A100-80GB");
    expect(best?.layout?.recompute).toBe("none");
    expect(new Set(asked.map(({ training }) => training.recompute))).toEqual(new Set(["none", "layer"]));
  });

  test("time is that of the traced kernels at what the card reaches", () => {
    const secondsAt = (flops: number) => {
      const { best } = traced(input("", ["A100-40GB"]), () => 20, flops);
      expect(best?.restsOn?.time.by).toBe("traced");
      return best?.seconds?.expected ?? Number.NaN;
    };
    const { steps } = planRun(input()).schedule;
    const more = secondsAt(3e14) - secondsAt(1e14);
    const products = (steps * 2e14) / (312e12 * 0.74);
    // validation adds its share at the same speed
    expect(more).toBeGreaterThan(products);
    expect(more).toBeLessThan(1.3 * products);
  });

  test.each([
    ["a card that is not NVIDIA's", "", ["MI300X"]],
    ["another program", "plan: { stack: hf-trl }", ["A100-80GB"]],
    ["an optimizer in 8 bits", "plan: { optimizer: adamw-8bit }", ["A100-80GB"]],
    [
      "a penalty of another program",
      "regularization: { method: l2-sp }\nplan: { stack: hf-loop }",
      ["A100-80GB"],
    ],
  ])("%s is not traced", (_, more, devices) => {
    const given = input(more, devices);
    expect(wantedTraces(given, planRun(given))).toEqual([]);
  });

  test("a card without bfloat16 is traced in float16, and a plain loop as such", () => {
    const given = input("plan: { stack: hf-loop }\nmethod: { kind: qlora }", ["T4"]);
    const [request] = wantedTraces(given, planRun(given));
    expect(request).toMatchObject({ program: "peft", dtype: "float16", evaluation: [] });
  });

  test("float32 that the recipe demands is traced so, and products are as slow as the card is then", () => {
    const secondsAt = (precision: string) => {
      const { best, asked } = traced(input(`training: { precision: ${precision} }`, ["A100-40GB"]), () => 20);
      return { dtype: asked[0]?.dtype, seconds: best?.seconds?.expected ?? Number.NaN };
    };
    const [half, float32] = [secondsAt("auto"), secondsAt("fp32")];
    expect(half.dtype).toBe("bfloat16");
    expect(float32.dtype).toBe("float32");
    expect(float32.seconds).toBeGreaterThan(8 * half.seconds); // 19.5 instead of 312 TFLOPS
  });

  test.each([
    ["regularization: l2-sp", { kind: "l2-sp" }],
    [
      "regularization: { method: ewc, length: 64 }",
      { kind: "ewc", storage: "factored", estimator: "empirical", tokens: 64 },
    ],
    [
      "regularization: ewc\nmethod: { kind: full }",
      { kind: "ewc", storage: "full", estimator: "empirical", tokens: 128 },
    ],
    ["regularization: replay", undefined],
  ])("%s is part of the step", (more, penalty) => {
    const given = input(more, ["B200"]);
    expect(wantedTraces(given, planRun(given))[0]?.training.penalty).toEqual(penalty);
  });

  test("a penalty takes its time once a step, copies at the speed of the host's memory", () => {
    const given = input("regularization: l2-sp\nmethod: { kind: full }", ["B200"]);
    const stepWith = (bytes: number) => {
      const found = stepOf(20, { batches: [[1]] } as unknown as TraceRequest, 1e14);
      const work = { ...found.shapes[0]?.work, transfer: { calls: 1, flops: 0, bytes } };
      return { ...found, shapes: [{ lengths: [1], work }] };
    };
    const seconds = [0, 1e10].map((bytes) => {
      const traces = new Map(
        wantedTraces(given, planRun(given)).map((one) => [traceKey(one), stepWith(bytes)]),
      );
      const { places, schedule } = planRun({ ...given, traces });
      const { restsOn, seconds } = places.find(({ device }) => device === "B200") ?? {};
      expect(restsOn?.memory.by).toBe("traced");
      return (seconds?.expected ?? Number.NaN) / schedule.steps;
    });
    expect((seconds[1] ?? 0) - (seconds[0] ?? 0)).toBeGreaterThan(1);
    expect((seconds[1] ?? 0) - (seconds[0] ?? 0)).toBeLessThan(1.4);
  });

  test("batches are those of the data in the order of the run, one of each size", () => {
    const [request] = wantedTraces(input(), planRun(input()));
    const sizes = request?.batches.map((batch) => batch.length * Math.max(...batch)) ?? [];
    expect(sizes).toEqual([...new Set(sizes)].toSorted((a, b) => b - a));
    expect(request?.batches[0]?.length).toBe(8);
    // at most 25 rows of up to 324 tokens fit into 8192
    expect(request?.evaluation).toEqual(Array.from({ length: 25 }, (_, at) => 300 + at));
  });
});
