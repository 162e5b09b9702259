import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { tinyConfig } from "../../../../test/support/tiny-model.ts";
import { checkConfigNumbers, numberRanges, openModelFolder } from "../weights/index.ts";
import { readArchitecture } from "./read-architecture.ts";

type Config = Readonly<Record<string, unknown>>;
const sound = tinyConfig("gemma2") as Config;

test("a sound configuration of each family passes", () => {
  for (const family of ["llama", "mistral", "qwen2", "qwen3", "gemma2"])
    expect(() => checkConfigNumbers(tinyConfig(family) as Config)).not.toThrow();
});

test.each(Object.keys(numberRanges))(
  "%s below, above or beside its range is refused, wherever it stands",
  (field) => {
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
      for (const config of [
        { [field]: value },
        { rope_scaling: { [field]: value } },
        { text_config: { [field]: value } },
      ])
        expect(() => checkConfigNumbers(config)).toThrow(`${field} is ${value}, expected `);
    }
  },
);

test.each([
  [{ rms_norm_eps: -1 }, "rms_norm_eps"],
  [{ rms_norm_eps: 0 }, "rms_norm_eps"],
  [{ rope_theta: -10_000 }, "rope_theta"],
  [{ query_pre_attn_scalar: 0 }, "query_pre_attn_scalar"],
  [{ rope_scaling: { rope_type: "linear", factor: 0 } }, "factor"],
  [{ rope_scaling: { rope_type: "llama3", factor: 8, low_freq_factor: -1 } }, "low_freq_factor"],
])("the engine refuses %j too", (change, field) => {
  expect(() => readArchitecture({ ...sound, ...change })).toThrow(`${field} is `);
});

test("what is no number, or unknown, is left to whoever needs it", () => {
  for (const config of [
    { hidden_size: "many" },
    { rope_scaling: null },
    { something_else: -1 },
    { rms_norm_eps: null },
  ])
    expect(() => checkConfigNumbers(config)).not.toThrow();
});

test("a model folder is not opened with such a number, whichever command wants it", async () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  for (const name of ["tokenizer.json", "model.safetensors"])
    writeFileSync(join(folder, name), readFileSync(join("models/small", name)));
  const config = JSON.parse(readFileSync("models/small/config.json", "utf8")) as object;
  writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, rms_norm_eps: -1 }));
  const opening = openModelFolder(folder, { source: folder, origin: "local folder", revision: null });
  await expect(opening).rejects.toMatchObject({ code: "MODEL_CONFIG_INVALID" });
});
