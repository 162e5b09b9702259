import { bytes, usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { inputOf, placeOf, recipeOf, rows, source } from "../../../../../test/support/plan-inputs.ts";
import { processorMs } from "../../../../../test/support/processor-time.ts";
import { devices } from "../../catalog/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { compareMethods } from "../compare.ts";
import { readPlan, sealPlan, writePlan } from "../document.ts";
import type { Plan } from "../plan.ts";
import { planRun } from "../plan-run.ts";
import { padRows } from "./padded.ts";
import type { HostedPlacement, PlaceEstimate, Placement } from "./place.ts";

function planOf(
  id: string,
  recipe: Recipe,
  machines: readonly Placement[],
  hosted: readonly HostedPlacement[] = [],
): Plan {
  return planRun(inputOf(id, recipe, machines, hosted));
}

const llama8 = "meta-llama/Llama-3.1-8B";

describe("fitting", () => {
  test("an 8B model trains as LoRA on 80 GB, not on 16, and QLoRA is what makes it fit there", () => {
    const { places } = planOf(llama8, recipeOf(), [placeOf("A100-80GB"), placeOf("T4")]);
    const by = (device: string) => places.find((place) => place.device === device);
    expect(by("A100-80GB")).toMatchObject({ fits: "yes", change: null });
    expect(by("T4")?.fits).toBe("no");
    expect(by("T4")?.change).toContain("qlora");
    expect(by("T4")?.total).toBeNull();
  });

  test("rows are split and layers computed again before a place is given up", () => {
    const large = recipeOf("training: { batch_size: 64 }");
    const { places } = planOf(llama8, large, [placeOf("A100-40GB")]);
    const [, place] = places;
    expect(place?.fits).toBe("yes");
    expect(place?.layout?.rows).toBeLessThan(64);
    expect((place?.layout?.rows ?? 0) * (place?.layout?.microBatches ?? 0)).toBe(64);
  });

  test("scores are kept where no kernel takes keys that several heads share: on cards before 8.0", () => {
    const memoryOf = (id: string, device: string): number => {
      const recipe = recipeOf("training: { batch_size: 1, gradient_checkpointing: none }");
      const [, place] = planOf(id, recipe, [placeOf(device)]).places;
      expect(place?.layout).toMatchObject({ rows: 1, recompute: "none" });
      return place?.memory?.bytes.expected ?? Number.NaN;
    };
    const [grouped, own] = ["HuggingFaceTB/SmolLM2-135M", "HuggingFaceTB/SmolLM2-1.7B"];
    expect(memoryOf(grouped, "T4")).toBeGreaterThan(1.1 * memoryOf(grouped, "A10G"));
    expect(memoryOf(own, "V100-32GB")).toBe(memoryOf(own, "A10G"));
  });

  test("what fits once fits on more of the same: sharding is taken where states do not fit whole", () => {
    const full = recipeOf("method: { kind: full }");
    const { places } = planOf(llama8, full, [placeOf("A100-80GB"), placeOf("A100-80GB", 8, 16)]);
    const one = places.find(({ deviceCount }) => deviceCount === 1);
    const eight = places.find(({ deviceCount }) => deviceCount === 8);
    expect(one?.fits).toBe("no");
    expect(eight).toMatchObject({ fits: "yes", layout: { sharding: "fsdp" } });
  });

  test("a 70B model in full needs several machines, and they are offered", () => {
    const full = recipeOf("method: { kind: full }");
    const { places, best } = planOf("meta-llama/Llama-3.1-70B", full, [placeOf("H100-SXM", 8, 20)]);
    expect(places.find(({ deviceCount }) => deviceCount === 8)?.fits).not.toBe("yes");
    expect(places[best ?? 0]?.name).toMatch(/^\d machines of 8x H100-SXM$/);
  });

  test("to save all weights the worker holds them and their moments in the host's memory", () => {
    const placeWith = (stack: string) => {
      const full = recipeOf(`method: { kind: full }\nplan: { stack: ${stack}, sharding: fsdp }`);
      return planOf(llama8, full, [placeOf("H100-SXM", 8, 20, { memoryBytes: bytes(100e9) })]).places[1];
    };
    expect(placeWith("worker")?.memory?.hostBytes).toBeGreaterThan(12 * 8e9);
    expect(placeWith("hf-trl")?.memory?.hostBytes).toBeLessThan(100e9);
    expect(placeWith("worker")).toMatchObject({ fits: "tight", change: "132 GB of host memory" });
  });

  test("a smaller rank is never the advice", () => {
    const { places } = planOf(
      llama8,
      recipeOf("method: { rank: 256 }"),
      devices.map(({ name }) => placeOf(name)),
    );
    for (const { change } of places) expect(change ?? "").not.toContain("rank");
  });

  test("the machine that the catalog states smaller than its device is believed", () => {
    const small = placeOf("A100-80GB", 1, 2, { deviceMemoryBytes: bytes(10e9) });
    expect(planOf(llama8, recipeOf(), [small]).places[1]?.fits).toBe("no");
  });
});

describe("formats and experts", () => {
  test("bfloat16 weights, gradients and moments take half, and the plan says so", () => {
    const memoryOf = (master: string) =>
      planOf(
        llama8,
        recipeOf(
          `method: { kind: full }\nplan: { stack: hf-trl }\ntraining: { batch_size: 1, master_dtype: ${master} }`,
        ),
        [placeOf("H200")],
      ).places[1]?.memory;
    const [float32, half] = [memoryOf("float32"), memoryOf("bfloat16")];
    expect(float32?.formats).toEqual({ weights: "float32", gradients: "float32", moments: "float32" });
    expect(half?.formats).toEqual({ weights: "16-bit", gradients: "16-bit", moments: "16-bit" });
    expect((half?.bytes.expected ?? 0) / (float32?.bytes.expected ?? 1)).toBeLessThan(0.55);
    expect(half?.terms.map(({ reason }) => reason).join()).toMatch(/16 bits each.*moments in 16-bit/);
  });

  test("a model with experts holds all of them, and the plan says how many are active", () => {
    const plan = planOf("mistralai/Mixtral-8x7B-v0.1", recipeOf(), [placeOf("A100-80GB", 8)]);
    expect(plan.model.parameters).toBeCloseTo(46.7e9, -8);
    expect(plan.model.activeParameters).toBeCloseTo(12.9e9, -8);
    const weights = plan.places[1]?.memory?.terms.find(({ name }) => name === "weights");
    expect(weights?.reason).toMatch(/all experts \(12\.9\sB active\)/);
    expect(planOf(llama8, recipeOf(), []).model).not.toHaveProperty("activeParameters");
  });
});

describe("what memory and time rest on", () => {
  const restsOn = (plan: string, device: string, { method = "", model = llama8 } = {}) =>
    planOf(model, recipeOf(`plan: { ${plan} }\n${method}`), [placeOf(device)]).places[1]?.restsOn;

  test.each([
    ["stack: torchtune", "A100-80GB", "this-card", "this-card"],
    ["stack: torchtune", "RTX A6000", "this-card", "other-cards"],
    ["stack: litgpt", "H100-SXM", "other-cards", "nowhere"],
    ["stack: axolotl", "A100-80GB", "nowhere", "nowhere"],
  ])("%s on %s: memory %s, time %s", (plan, device, memory, time) => {
    expect(restsOn(plan, device)).toEqual({
      memory: { by: "rules", compared: memory },
      time: { by: "rules", compared: time },
    });
  });

  test.each([
    ["LoRA, as it was measured", {}, "this-card"],
    ["a method that was not", { method: "method: { kind: qlora }" }, "nowhere"],
    ["DoRA", { method: "method: { dora: true }" }, "nowhere"],
    ["a mixture of experts", { model: "mistralai/Mixtral-8x7B-v0.1" }, "nowhere"],
  ])("a program that was measured says nothing of what was not: %s", (_, what, time) => {
    expect(restsOn("stack: hf-trl", "A100-80GB", what)?.time).toEqual({ by: "rules", compared: time });
  });

  test("a speed that the recipe states is measured", () => {
    expect(restsOn("tokens_per_second: 1000", "A100-80GB")?.time).toEqual({ by: "measured", compared: null });
  });

  test("a plan of before places said so is read, and says nothing of it", () => {
    const { fingerprint: _, ...rest } = planOf(llama8, recipeOf(), [placeOf("A100-80GB")]);
    const places = rest.places.map(({ restsOn: __, ...place }) => place as PlaceEstimate);
    const text = writePlan(sealPlan({ ...rest, places }));
    expect(text).not.toContain("rests_on");
    expect(readPlan(text).plan?.places).toEqual(places.map((place) => ({ ...place, restsOn: null })));
  });

  test("a plan of before there were distributions is read, and has none", () => {
    const { fingerprint: _, ...rest } = planOf(llama8, recipeOf(), [placeOf("A100-80GB")]);
    const older = (total: PlaceEstimate["total"]): PlaceEstimate["total"] => {
      if (total === null) return null;
      const { distribution: __, ...more } = total;
      return more as typeof total;
    };
    const places = rest.places.map((place) => ({ ...place, total: older(place.total) }));
    const text = writePlan(sealPlan({ ...rest, total: older(rest.total) ?? rest.total, places }));
    expect(text).not.toContain("distribution");
    const { plan } = readPlan(text);
    expect(plan?.total).toEqual({ ...rest.total, distribution: null });
    expect(plan?.places[1]?.total).toEqual({ ...rest.places[1]?.total, distribution: null });
  });

  test("this machine and vendors plan by other means, and say nothing of rules", () => {
    expect(planOf(llama8, recipeOf(), []).places[0]?.restsOn).toBeNull();
  });
});

describe("ranking", () => {
  test("this machine first, then what fits by its total; the cheapest sure one is recommended", () => {
    const machines = [placeOf("H100-SXM", 1, 9), placeOf("A100-80GB", 1, 2), placeOf("T4", 1, 0.5)];
    const { places, best } = planOf(llama8, recipeOf(), machines);
    expect(places.map(({ name }) => name)).toEqual(["this machine", "1x A100-80GB", "1x H100-SXM", "1x T4"]);
    expect(best).toBe(1);
  });

  test("of equal machines the cheapest region stands for all", () => {
    const machines = [placeOf("L4", 1, 2, { region: "dear" }), placeOf("L4", 1, 1, { region: "cheap" })];
    const { places } = planOf("Qwen/Qwen2.5-0.5B", recipeOf(), machines);
    expect(places.slice(1).map(({ region }) => region)).toEqual(["cheap"]);
  });

  test("spot is its own row, dearer in time and cheaper in money", () => {
    const spot = placeOf("A100-80GB", 1, 1, { pricing: "spot" });
    const { places } = planOf(llama8, recipeOf(), [spot, placeOf("A100-80GB", 1, 2)]);
    const [, first, second] = places;
    expect([first?.pricing, second?.pricing]).toEqual(["spot", "on-demand"]);
    expect(first?.seconds?.expected).toBeGreaterThan(second?.seconds?.expected ?? 0);
  });

  test("vendors of training are rows too, where their price is for models of this size", () => {
    const offer = (
      name: string,
      above: number,
      upTo: number,
      billing: HostedPlacement["billing"],
    ): HostedPlacement => ({
      vendor: name,
      name,
      usdPerMillionTokens: usd(0.5),
      parametersAbove: above,
      parametersUpTo: upTo,
      isNamedModel: false,
      billing,
      isClosing: false,
      quality: "a test",
      source,
    });
    const hosted = [
      offer("small", 0, 16e9, "tokens"),
      offer("large", 16e9, 80e9, "tokens"),
      offer("padded", 0, 16e9, "padded-rows"),
    ];
    const plan = planOf(llama8, recipeOf(), [], hosted);
    expect(plan.places.map(({ name }) => name)).toEqual(["this machine", "small", "padded"]);
    const tokens = 3 * (plan.data.tokensPerEpoch + 50 * 322); // three evaluations on the validation rows, one per epoch
    expect((plan.places[1]?.runUsd.expected ?? 0) / ((tokens / 1e6) * 0.5e6)).toBeCloseTo(1, 1);
    expect(plan.places[2]?.runUsd.expected).toBe(usd(((3 * (2_000 + 50) * 1024) / 1e6) * 0.5));
    expect(planOf(llama8, recipeOf("method: { kind: full }"), [], hosted).places).toHaveLength(1);
  });
});

describe("words for a lead", () => {
  const codes = (plan: Plan): string[] => plan.findings.map(({ code }) => code);
  const machines = [placeOf("A100-80GB")];

  test("a cheap place is not recommended where a run takes longer than somebody waits", () => {
    const rented = [placeOf("A10G", 1, 0.05), placeOf("H100", 1, 8)];
    const within = (hours: number): Plan =>
      planOf(llama8, recipeOf(`method: { kind: qlora }\nplan: { deadline_hours: ${hours} }`), rented);
    const { places } = within(72);
    const hours = (places.find(({ device }) => device === "A10G")?.seconds?.expected ?? 0) / 3600;
    const best = ({ places: all, best: at }: Plan): string | undefined => all[at ?? -1]?.device;
    expect(best(within(2 * hours))).toBe("A10G");
    expect(best(within(hours / 1.5))).toBe("H100-SXM");
  });

  test("a budget that covers one run and not all of it", () => {
    const recipe = recipeOf("budget: { usd: 0.01 }\nplan: { trials: 30 }");
    expect(codes(planOf(llama8, recipe, machines))).toContain("BUDGET_BELOW_TOTAL");
    expect(codes(planOf(llama8, recipeOf("budget: { usd: 1000 }"), machines))).not.toContain(
      "BUDGET_BELOW_TOTAL",
    );
  });

  test("a gain that the test rows cannot show", () => {
    const find = (gain: number) =>
      planOf(llama8, recipeOf(`plan: { gain: ${gain} }`), machines).findings.find(
        ({ code }) => code === "GAIN_UNSEEN",
      );
    expect(find(0.05)?.fix).toBe("Give at least 800 test rows.");
    expect(find(0.2)).toBeUndefined();
  });

  test("a measured speed above what any device can do is refused, another one is used", () => {
    const speed = (tokens: number) =>
      planOf(llama8, recipeOf(`plan: { tokens_per_second: ${tokens} }`), machines);
    expect(speed(1e6).findings.find(({ code }) => code === "SPEED_IMPOSSIBLE")?.severity).toBe("error");
    expect(codes(speed(3_000))).not.toContain("SPEED_IMPOSSIBLE");
    const slow = speed(300).places[1]?.seconds?.expected ?? 0;
    expect(slow).toBeGreaterThan(5 * (speed(3_000).places[1]?.seconds?.expected ?? 0));
  });

  test("baselines stand beside the fine-tune with their price", () => {
    const input = inputOf(llama8, recipeOf(), machines);
    const answers = [1, 2, 30].map((price) => ({
      vendor: "v",
      model: `m${price}`,
      inputUsdPerMillionTokens: usd(price),
      outputUsdPerMillionTokens: usd(4 * price),
      cachedInputUsdPerMillionTokens: null,
      source,
    }));
    const plan = planRun({ ...input, market: { ...input.market, answers } });
    const test = rows(200, 300);
    const all = test.reduce((sum, { tokens }) => sum + tokens, 0);
    const prompts = test.reduce((sum, { promptTokens }) => sum + promptTokens, 0);
    const cheapest = (2 * prompts + 5 * all + 4 * 2 * (all - prompts)) / 1e6;
    expect(plan.baselines.map(({ name }) => name)).toEqual(["v m1", "v m2"]);
    expect((plan.baselines[0]?.usd ?? 0) / 1e6).toBeCloseTo(cheapest, 5);
    expect(codes(plan)).toContain("BASELINES_FIRST");
  });
});

test("full, LoRA and QLoRA side by side: adapters save most of one run", () => {
  const machines = [placeOf("A100-80GB"), placeOf("A100-80GB", 8, 18), placeOf("RTX 4090", 1, 0.6)];
  const methods = compareMethods(inputOf(llama8, recipeOf(), machines));
  expect(methods.map(({ method }) => method)).toEqual(["full", "lora", "qlora"]);
  expect(methods[0]).toMatchObject({ runSaving: 0, totalSaving: 0 });
  expect(methods[1]?.runSaving).toBeGreaterThan(0.3);
  expect(methods[2]?.runSaving).toBeGreaterThan(0.3);
});

test("40 machines and 10,000 outcomes take less than half a second", () => {
  const machines = devices.flatMap(({ name }) => [placeOf(name), placeOf(name, 8, 16)]).slice(0, 40);
  const input = inputOf(
    llama8,
    recipeOf("plan: { trials: 20, failure_rate: 0.2, retrains_per_year: 4 }"),
    machines,
  );
  planRun(input); // warm-up, so that compilation is not timed
  const seconds = processorMs(() => void planRun(input), 500) / 1000;
  const { places } = planRun(input);
  console.log(`a plan of ${places.length} places: ${seconds.toFixed(3)} s`);
  expect(places.length).toBeGreaterThanOrEqual(41);
  expect(seconds).toBeLessThan(0.5);
});

describe("padding", () => {
  const lengths = [10, 20, 30, 40].map((tokens) => ({ tokens, labelledTokens: 1, promptTokens: tokens - 1 }));
  test.each([
    ["length", 2, { count: 2, length: 30, longest: 40, paddedShare: 1 - 100 / 120 }],
    ["length", 1, { count: 4, length: 25, longest: 40, paddedShare: 0 }],
    ["pack", 1, { count: 2, length: 64, longest: 64, paddedShare: 1 - 100 / 128 }],
  ] as const)("%s, %i rows together", (batching, together, expected) => {
    const padded = padRows(lengths, together, batching, 64);
    expect(padded).toMatchObject({ count: expected.count, longest: expected.longest });
    expect(padded.length).toBeCloseTo(expected.length, 9);
    expect(padded.paddedShare).toBeCloseTo(expected.paddedShare, 9);
  });

  test("shuffled: the mean of the longest of two of four with replacement", () => {
    // probabilities of the longest: 1/16, 3/16, 5/16, 7/16
    expect(padRows(lengths, 2, "shuffle", 64).length).toBeCloseTo((10 + 3 * 20 + 5 * 30 + 7 * 40) / 16, 9);
  });

  test("no rows, no batches", () => {
    expect(padRows([], 4, "length", 64)).toEqual({
      count: 0,
      length: 0,
      longest: 0,
      paddedShare: 0,
      sample: [],
    });
  });
});
