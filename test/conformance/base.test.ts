/** The base model in every format and placement: equal losses, however the weights are stored. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BaseOptions } from "../../packages/engine/src/base/options.ts";
import { openModel } from "../../packages/engine/src/language-model.ts";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { Curve } from "./golden-curve.ts";
import { encodedRow, goldenFolder, openGolden, readJson } from "./golden-model.ts";

const folder = temporaryFolder();
const own = temporaryFolder();
const { batches } = readJson<Curve>("qlora/curves.json");
const rows = batches.flat().map((row) => encodedRow(row));

function options(format: BaseOptions["format"], place: BaseOptions["place"], modelKey: string): BaseOptions {
  return { format, place, doubleQuantization: true, cache: { folder, modelKey } };
}

async function lossOf(name: string, base: BaseOptions): Promise<number> {
  const model = await openGolden(name, "config.json", base);
  const { nll } = await model.loss(null, rows);
  await model.close();
  return nll;
}

describe.each(["qlora", "llama", "gemma2", "qwen3"])("%s", (name) => {
  test("16-bit weights widened layer by layer, and weights read from disk, give the very same loss", async () => {
    const wide = await lossOf(name, options("float32", "memory", name));
    for (const format of ["float32", "stored"] as const) {
      for (const place of ["memory", "disk"] as const) {
        expect(await lossOf(name, options(format, place, name)), `${format} ${place}`).toBe(wide);
      }
    }
  });
  test("4 bits from memory and from disk are the same, and not the whole weights", async () => {
    const memory = await lossOf(name, options("nf4", "memory", name));
    expect(await lossOf(name, options("nf4", "disk", name))).toBe(memory);
    expect(memory).not.toBe(await lossOf(name, options("float32", "memory", name)));
  });
});

test("what was quantized once is read again, and is a model file of its own", async () => {
  const base = { ...options("nf4", "memory", "qlora"), cache: { folder: own, modelKey: "qlora" } };
  const first = await lossOf("qlora", base);
  const [file = ""] = readdirSync(join(own, "bases"));
  expect(await lossOf("qlora", base)).toBe(first);
  expect(readdirSync(join(own, "bases"))).toEqual([file]);
  const quantized = await openSafetensors(join(own, "bases", file));
  expect(new Set([...quantized.weights.values()].map(({ stored }) => stored))).toEqual(new Set(["NF4"]));
  const whole = await openSafetensors(`${goldenFolder}qlora/model.safetensors`);
  // a model whose file is already quantized: every format uses its codes as they are
  const weights = {
    ...whole,
    weights: new Map([...whole.weights, ...quantized.weights]),
    read: (name: string) => (quantized.weights.has(name) ? quantized : whole).read(name),
    readStored: (name: string) => (quantized.weights.has(name) ? quantized : whole).readStored(name),
  };
  for (const format of ["float32", "stored", "nf4"] as const) {
    const config = readJson<Record<string, unknown>>("qlora/config.json");
    const model = await openModel(
      { config, weights },
      { threads: 1, base: options(format, "memory", "again") },
    );
    expect((await model.loss(null, rows)).nll, format).toBe(first);
    await model.close();
  }
  expect(readdirSync(join(folder, "bases")).length).toBeGreaterThan(0);
  await whole.close();
  await quantized.close();
});
