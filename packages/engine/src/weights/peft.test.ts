import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TunewiseError } from "../problem/index.ts";
import type { AdapterSettings, AdapterTensor } from "./model-files.ts";
import { readAdapter, writeAdapter } from "./peft.ts";
import { writeSafetensors } from "./safetensors/write.ts";

const folder = temporaryFolder();

const settings: AdapterSettings = {
  rank: 2,
  alpha: 16,
  rslora: true,
  dropout: 0.05,
  targets: ["q_proj", "down_proj"],
  baseModel: "owner/name",
  revision: "main",
};

function tensor(module: string, part: "A" | "B", shape: readonly [number, number]): AdapterTensor {
  const data = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => i - 0.5);
  return { name: `base_model.model.model.layers.0.${module}.lora_${part}.weight`, shape, data };
}

const tensors: AdapterTensor[] = [
  tensor("self_attn.q_proj", "A", [2, 3]),
  tensor("self_attn.q_proj", "B", [4, 2]),
  tensor("mlp.down_proj", "A", [2, 5]),
  tensor("mlp.down_proj", "B", [3, 2]),
];

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (TunewiseError.is(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}

describe("writing", () => {
  it("gives the configuration that PEFT, vLLM and llama.cpp read", async () => {
    await writeAdapter(join(folder, "out"), settings, tensors);
    const text = readFileSync(join(folder, "out", "adapter_config.json"), "utf8");
    expect(JSON.parse(text)).toMatchInlineSnapshot(`
      {
        "alpha_pattern": {},
        "base_model_name_or_path": "owner/name",
        "bias": "none",
        "fan_in_fan_out": false,
        "inference_mode": true,
        "init_lora_weights": true,
        "lora_alpha": 16,
        "lora_dropout": 0.05,
        "modules_to_save": null,
        "peft_type": "LORA",
        "r": 2,
        "rank_pattern": {},
        "revision": "main",
        "target_modules": [
          "down_proj",
          "q_proj",
        ],
        "task_type": "CAUSAL_LM",
        "use_dora": false,
        "use_rslora": true,
      }
    `);
  });

  it("is read back the same", async () => {
    const read = await readAdapter(join(folder, "out"));
    expect(read.settings).toEqual({ ...settings, targets: ["down_proj", "q_proj"] });
    const byName = (a: AdapterTensor, b: AdapterTensor): number => (a.name < b.name ? -1 : 1);
    expect([...read.tensors].sort(byName)).toEqual([...tensors].sort(byName));
  });

  it("asks no hub for a revision that a local model does not have", async () => {
    await writeAdapter(join(folder, "local"), { ...settings, revision: "" }, tensors);
    const text = readFileSync(join(folder, "local", "adapter_config.json"), "utf8");
    expect(JSON.parse(text).revision).toBe(null);
    expect((await readAdapter(join(folder, "local"))).settings.revision).toBe("");
  });
});

describe("reading", () => {
  async function withConfig(changes: Readonly<Record<string, unknown>>): Promise<string> {
    const place = join(folder, "config");
    await writeAdapter(place, settings, tensors);
    const path = join(place, "adapter_config.json");
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...changes }));
    return failure(readAdapter(place));
  }

  it.each<[Readonly<Record<string, unknown>>, string]>([
    [{ peft_type: "IA3" }, "ADAPTER_UNSUPPORTED"],
    [{ use_dora: true }, "use_dora is true"],
    [{ bias: "all" }, 'bias is "all"'],
    [{ modules_to_save: ["lm_head"] }, "modules_to_save"],
    [{ rank_pattern: { q_proj: 4 } }, "rank_pattern"],
    [{ alpha_pattern: { q_proj: 4 } }, "alpha_pattern"],
    [{ layer_replication: [[0, 1]] }, "layer_replication"],
    [{ r: 0 }, "ADAPTER_DAMAGED"],
    [{ r: "8" }, 'r is "8"'],
    [{ r: 4 }, "has rank 2 in A and 2 in B, but the configuration says 4"],
    [{ lora_alpha: null }, "lora_alpha is null"],
    [{ lora_alpha: -1 }, "lora_alpha is -1"],
    [{ lora_dropout: 1 }, "lora_dropout is 1"],
  ])("a configuration with %j is refused", async (changes, expected) => {
    expect(await withConfig(changes)).toContain(expected);
  });

  it.each<Readonly<Record<string, unknown>>>([
    { modules_to_save: [], rank_pattern: null, lora_dropout: undefined, bias: undefined },
    { target_modules: "all-linear", revision: null, peft_version: "0.21.2", megatron_core: "megatron.core" },
  ])("a configuration with %j is taken", async (changes) => {
    expect(await withConfig(changes)).toBe("no error");
  });

  it.each<[string, readonly AdapterTensor[], string]>([
    ["no tensor", [], "it contains no tensor"],
    ["A without B", tensors.slice(0, 3), "has no lora_B.weight"],
    ["B without A", tensors.slice(1), "has no lora_A.weight"],
    [
      "two ranks",
      [tensor("mlp.up_proj", "A", [2, 3]), tensor("mlp.up_proj", "B", [4, 3])],
      "2 in A and 3 in B",
    ],
    [
      "an embedding",
      [{ name: "base_model.model.x.lora_embedding_A", shape: [1], data: Float32Array.of(1) }],
      "UNSUPP",
    ],
    ["one axis", [{ ...tensor("x", "A", [1, 1]), shape: [1] }], "instead of two axes"],
  ])("weights with %s are refused", async (_, list, expected) => {
    const place = join(folder, "weights");
    await writeAdapter(place, settings, tensors);
    await writeSafetensors(join(place, "adapter_model.safetensors"), list);
    expect(await failure(readAdapter(place))).toContain(expected);
  });

  it("a folder without an adapter is named", async () => {
    expect(await failure(readAdapter(join(folder, "none")))).toContain("has no adapter_config.json");
  });
});
