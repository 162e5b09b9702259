import { bytes } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { describeModel } from "../../catalog/index.ts";
import { emptyMarket, type PlanInput, planRun } from "../../plan/index.ts";
import type { TunewiseError } from "../../problem/index.ts";
import { readRecipe } from "../../recipe/index.ts";
import { inputOfShare, requireCapacity, threadsEach } from "./machine-share.ts";

const { model } = describeModel({
  model_type: "llama",
  hidden_size: 576,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  intermediate_size: 1536,
  vocab_size: 49152,
  tie_word_embeddings: true,
});
const { recipe } = readRecipe("model: ./m\ndata: { train: t.jsonl }\n", "tunewise.yaml");
const rows = Array.from({ length: 64 }, () => ({ tokens: 200, labelledTokens: 20, promptTokens: 180 }));

/** A machine with the given memory and threads. */
function inputOn(memoryGb: number, threads: number): PlanInput {
  if (model === null || recipe === null) throw new Error("the test's recipe and model cannot be read");
  return {
    recipe,
    model,
    lengths: { train: rows, validation: rows, test: rows },
    derived: [],
    sharedPrefixTokens: 0,
    machine: {
      memoryBytes: bytes(memoryGb * 1e9),
      threads,
      flopsPerSecond: 5e10,
      memoryBytesPerSecond: null,
      compute: "fp32" as const,
      storedWeightBytes: 2,
      probe: null,
    },
    judging: { answers: false, loss: true, detectableEffect: null },
    forgetting: null,
    market: emptyMarket,
    basis: {
      recipeFingerprint: "r",
      dataFingerprint: "d",
      modelRevision: "m",
      pricesFingerprint: "p",
    },
  };
}

function refusalOf(parallel: number, memoryGb: number, threads: number): TunewiseError | null {
  try {
    requireCapacity(inputOn(memoryGb, threads), parallel);
    return null;
  } catch (error) {
    return error as TunewiseError;
  }
}

test.each([
  [8, 1, 8],
  [8, 3, 2],
  [2, 2, 1],
])("of %i threads each of %i trials has %i", (threads, parallel, each) => {
  expect(threadsEach(threads, parallel)).toBe(each);
});

test("a part has its threads and memory, and the plan on it takes longer", () => {
  const whole = inputOn(64, 8);
  const part = inputOfShare(whole, 4);
  expect(part.machine).toMatchObject({ threads: 2, memoryBytes: 16e9 });
  const unmeasured = (input: PlanInput): PlanInput => ({
    ...input,
    machine: { ...input.machine, flopsPerSecond: null },
  });
  const [all, some] = [whole, part].map((input) => planRun(unmeasured(input)).time.seconds.expected);
  expect(some).toBeGreaterThan(2 * (all ?? Number.POSITIVE_INFINITY));
});

describe("room for trials at the same time", () => {
  test("is there where the high end of each fits into its part", () => {
    expect(refusalOf(4, 64, 8)).toBeNull();
    expect(refusalOf(1, 64, 8)).toBeNull();
  });

  test("is missing where they are more than threads", () => {
    const error = refusalOf(4, 64, 2);
    expect(error?.code).toBe("SEARCH_PARALLEL_TOO_MANY");
    expect(error?.message).toContain(
      "requests 4 trials at the same time, but each needs a thread, and the machine has 2",
    );
    expect(error?.fix).toBe("Write `search: { parallel: 2 }`");
  });

  test("is missing where their memory is too much, and the fix names the largest number that fits", () => {
    const error = refusalOf(32, 16, 64);
    expect(error?.code).toBe("SEARCH_PARALLEL_TOO_MANY");
    expect(error?.message).toMatch(
      /they may need .+ of memory \(.+ each\), and only .+ of the machine's .+ are usable/,
    );
    const most = Number(/parallel: (\d+)/.exec(error?.fix ?? "")?.[1]);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThan(32);
    expect(refusalOf(most, 16, 64)).toBeNull();
    expect(refusalOf(most + 1, 16, 64)).not.toBeNull();
  });
});
