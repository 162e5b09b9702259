/** @file The precision follows the measurement, which is recorded by processor. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PrecisionMeasurement, PrecisionRates, PrecisionWork } from "@tunewise/engine";
import { describe, expect, it, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { problem } from "../problem/index.ts";
import { recipeFromText } from "./index.ts";
import { choosePrecision, type PrecisionRuntime, trainingWork } from "./precision.ts";

const recipe = (precision: string, more = "") =>
  recipeFromText(
    `model: a/b\ndata: { train: a.jsonl }\ntraining: { precision: ${precision}${more} }\n`,
    "/",
    "t.yaml",
  ).recipe;
const missing = async (): Promise<string> => "this processor lacks AVX512-BF16";
const there = async (): Promise<null> => null;
const config = { hidden_size: 64 };
const work = trainingWork(config, recipe("auto"), [{ tokens: 100, labelledTokens: 10 }], 0);

/** A machine that counts its measurements. */
class Machine {
  count = 0;
  isSettled = true;
  readonly rates: PrecisionRates;
  readonly cacheFolder: string;
  readonly runtime: PrecisionRuntime;

  constructor(
    rates: PrecisionRates,
    cacheFolder: string = temporaryFolder(),
    changes: Partial<PrecisionRuntime> = {},
  ) {
    this.rates = rates;
    this.cacheFolder = cacheFolder;
    this.runtime = {
      cores: 2,
      elapsedSeconds: () => 0,
      processor: async () => "a processor: avx512_bf16",
      versions: { tunewise: "1.0.0" },
      sources: { cacheFolder } as PrecisionRuntime["sources"],
      ...changes,
    };
  }

  choose(asked = "auto", whyNot: typeof there | typeof missing = there, of: PrecisionWork = work) {
    const measure = async (): Promise<PrecisionMeasurement> => {
      this.count++;
      return { rates: this.rates, isSettled: this.isSettled };
    };
    return choosePrecision(recipe(asked), this.runtime, of, { by: { whyNot, measure } });
  }
}

test.each([
  ["much slower", { fp32: 245, bf16: 210 }, "fp32"],
  ["within the noise", { fp32: 100, bf16: 102.9 }, "fp32"],
  ["faster", { fp32: 100, bf16: 104 }, "bf16"],
] as const)("auto follows the measurement where bfloat16 is %s", async (_, rates, compute) => {
  const found = await new Machine(rates).choose();
  expect(found).toEqual({ compute, rates, reason: "measured here with LoRA, 8 rows of 64 tokens" });
  const best = Math.max(rates.fp32, rates.bf16);
  expect(rates[found.compute]).toBeGreaterThanOrEqual(0.97 * best);
});

test("what is asked for is taken or refused, and what a processor lacks is not measured", async () => {
  const machine = new Machine({ fp32: 1, bf16: 2 });
  expect((await machine.choose("fp32")).compute).toBe("fp32");
  expect((await machine.choose("bf16")).compute).toBe("bf16");
  expect(await machine.choose("auto", missing)).toEqual({
    compute: "fp32",
    reason: "this processor lacks AVX512-BF16",
    rates: null,
  });
  await expect(machine.choose("bf16", missing)).rejects.toMatchObject({
    code: "ENGINE_BF16_MISSING",
    message: expect.stringContaining("this processor lacks AVX512-BF16"),
  });
  expect(machine.count).toBe(0);
});

describe("the record", () => {
  const faster = { fp32: 100, bf16: 200 };
  const slower = { fp32: 200, bf16: 100 };

  it("is taken instead of a second measurement", async () => {
    const first = new Machine(faster);
    await first.choose();
    const second = new Machine(slower, first.cacheFolder);
    expect(await second.choose()).toMatchObject({ compute: "bf16", rates: faster });
    expect([first.count, second.count]).toEqual([1, 0]);
  });

  it.each<[string, Partial<PrecisionRuntime>]>([
    ["processor", { processor: async () => "another processor: avx512_bf16" }],
    ["count of cores", { cores: 4 }],
    ["version", { versions: { tunewise: "1.0.1" } }],
  ])("of another %s is not taken", async (_, changes) => {
    const first = new Machine(faster);
    await first.choose();
    const second = new Machine(slower, first.cacheFolder, changes);
    expect((await second.choose()).compute).toBe("fp32");
    expect(second.count).toBe(1);
  });

  it("of other work is not taken", async () => {
    const first = new Machine(faster);
    await first.choose();
    await first.choose("auto", there, { ...work, tokens: 512 });
    expect(first.count).toBe(2);
  });

  it.each<[string, (text: string) => string]>([
    ["cut off", (text) => text.slice(0, -10)],
    ["empty", () => ""],
    ["with a rate that is not a number", (text) => text.replace('"bf16":200', '"bf16":"fast"')],
    ["with a rate of zero", (text) => text.replace('"bf16":200', '"bf16":0')],
    ["of another key", (text) => text.replace("a processor", "b processor")],
  ])("is measured again where it is %s", async (_, damage) => {
    const first = new Machine(faster);
    await first.choose();
    const folder = join(first.cacheFolder, "precision");
    const [name = ""] = readdirSync(folder);
    writeFileSync(join(folder, name), damage(readFileSync(join(folder, name), "utf8")));
    const second = new Machine(slower, first.cacheFolder);
    expect((await second.choose()).compute).toBe("fp32");
    expect((await new Machine(faster, first.cacheFolder).choose()).rates).toEqual(slower);
  });

  it("is not written by a measurement on a machine too busy to tell, after which float32 is taken", async () => {
    const machine = new Machine(faster);
    machine.isSettled = false;
    const reason = "measured here with LoRA, 8 rows of 64 tokens; not clear while other programs are busy";
    expect(await machine.choose()).toEqual({ compute: "fp32", rates: faster, reason });
    machine.isSettled = true;
    expect((await machine.choose()).compute).toBe("bf16");
    expect(machine.count).toBe(2);
  });

  it("need not be writable", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const machine = new Machine(faster, join(folder, "file"));
    expect((await machine.choose()).compute).toBe("bf16");
  });

  it("is read, and nothing is measured, for checks", async () => {
    const machine = new Machine(faster);
    const rough = () =>
      choosePrecision(recipe("auto"), machine.runtime, work, {
        isMeasured: false,
        by: { whyNot: there, measure: async () => Promise.reject(new Error("measured")) },
      });
    expect(await rough()).toMatchObject({ compute: "fp32", rates: null });
    await machine.choose();
    expect(await rough()).toMatchObject({ compute: "bf16" });
  });
});

test("a model that the engine does not compute is left to whoever opens it", async () => {
  const { runtime } = new Machine({ fp32: 1, bf16: 1 });
  const measure = async (): Promise<never> => {
    throw problem("MODEL_FAMILY_UNKNOWN", { found: "falcon", known: "llama" });
  };
  const found = await choosePrecision(recipe("auto"), runtime, work, { by: { whyNot: there, measure } });
  expect(found).toMatchObject({ compute: "fp32", rates: null });
});

test.each([
  ["rows of like length", "", 100, 0, { rows: 8, tokens: 64, labelledTokens: 8 }],
  ["a prefix that is computed once a batch", "", 100, 60, { rows: 8, tokens: 32, labelledTokens: 8 }],
  ["long rows", "", 900, 0, { rows: 2, tokens: 512, labelledTokens: 8 }],
  ["packs", ", batching: pack", 100, 0, { rows: 10, tokens: 64, labelledTokens: 8 }],
])("the measured batch: %s", (_, more, tokens, prefix, expected) => {
  const lengths = [{ tokens, labelledTokens: 10 }];
  expect(trainingWork(config, recipe("auto", more), lengths, prefix)).toMatchObject({
    config,
    kind: "train",
    method: "lora",
    ...expected,
  });
});
