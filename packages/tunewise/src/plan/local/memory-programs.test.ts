import { describe, expect, test } from "vitest";
import { describeModel, type ModelDescription } from "../../catalog/index.ts";
import { backwardFloats, forwardFloats, layersWithWeights, scoreFloats } from "./memory-programs.ts";
import { savedFloats } from "./memory-terms.ts";

function modelOf(change: Record<string, unknown> = {}): ModelDescription {
  const { model } = describeModel({
    model_type: "llama",
    hidden_size: 64,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    intermediate_size: 160,
    vocab_size: 1000,
    ...change,
  });
  if (!model) throw new Error("the configuration describes no model");
  return model;
}

const batch = { rows: 2, tokens: 20, longest: 10, labelledTokens: 4, prefix: 0 };

describe("scores", () => {
  test.each([
    ["one block sees all", { ...batch }, 4 * 2 * 10 * 10],
    ["four blocks see five eighths", { ...batch, rows: 1, longest: 400 }, 4 * 400 * 250],
    ["a beginning looks at itself, all look at it", { ...batch, prefix: 20 }, 4 * (2 * 10 * 30 + 20 * 20)],
  ])("%s", (_, shape, floats) => {
    expect(scoreFloats(modelOf(), shape)).toBe(floats);
  });
  test("kept in as many layers as fit into 300 MB", () => {
    expect(layersWithWeights(modelOf(), batch)).toBe(4);
    expect(layersWithWeights(modelOf(), { ...batch, rows: 16, longest: 1000 })).toBe(1);
    expect(layersWithWeights(modelOf(), { ...batch, rows: 64, longest: 1000 })).toBe(0);
  });
});

describe("programs", () => {
  test("short rows: the feed-forward decides; a layer that is computed again holds more", () => {
    expect(forwardFloats(modelOf(), batch, "values")).toBe(20 * (2 * 160 + 2 * 64 + 0));
    expect(forwardFloats(modelOf(), batch, "input")).toBe(20 * (3 * 160 + 2 * 64));
    expect(backwardFloats(modelOf(), batch, "input")).toBeGreaterThan(
      backwardFloats(modelOf(), batch, "values"),
    );
  });
  test("long rows: kept attention weights need not be computed again", () => {
    const long = { ...batch, rows: 1, tokens: 2000, longest: 2000 };
    const [weights, values] = (["weights", "values"] as const).map((policy) =>
      backwardFloats(modelOf(), long, policy),
    );
    expect((values ?? 0) - (weights ?? 0)).toBeGreaterThanOrEqual(scoreFloats(modelOf(), long));
  });
  test("a family with norms on the way out and capped scores holds more", () => {
    const gemma = modelOf({ model_type: "gemma2", head_dim: 16 });
    for (const policy of ["weights", "values", "input"] as const) {
      expect(backwardFloats(gemma, batch, policy)).toBeGreaterThan(backwardFloats(modelOf(), batch, policy));
    }
  });
});

test("kept values per token and layer follow from the widths", () => {
  const adapter = { kind: "lora" as const, targets: ["q_proj", "v_proj"], rank: 8, parameters: 1 };
  const wide = { intermediate_size: 192 };
  const others = 2 * 64 + 2 * 64 + 2 * 32 + 16;
  expect(savedFloats(modelOf(wide), adapter, {})).toBe(others + 2 * 192);
  // gate and up are saved in 16 bits if SwiGLU reads them so
  expect(savedFloats(modelOf(wide), adapter, { compute: "bf16" })).toBe(others + 192);
  expect(savedFloats(modelOf(), adapter, { compute: "bf16" })).toBe(others + 2 * 160);
  const gelu = modelOf({ ...wide, model_type: "gemma", head_dim: 16 });
  expect(savedFloats(gelu, adapter, { compute: "bf16" })).toBe(others + 2 * 192);
});
