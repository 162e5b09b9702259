/** Small random models with reference values from PyTorch, transformers and PEFT; see golden/scripts/engine. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { EncodedRow } from "@tunewise/core/rows";
import type { LanguageModel } from "@tunewise/engine";
import { type FamilyName, families } from "@tunewise/engine/families";
import type { AdapterTensor, WeightFiles } from "@tunewise/engine/weights";
import { onTestFinished } from "vitest";
import { type BaseOptions, wideBase } from "../../packages/engine/src/base/options.ts";
import { openModel } from "../../packages/engine/src/language-model.ts";
import { openSafetensors } from "../../packages/engine/src/weights/safetensors/safetensors.ts";

export const goldenFolder: string = fileURLToPath(new URL("golden/engine/", import.meta.url));

/** Folders that each contain a complete small model. */
export const goldenModels: string[] = readdirSync(goldenFolder).filter(
  (name) =>
    readdirSync(goldenFolder + name).includes("golden.safetensors") &&
    readdirSync(goldenFolder + name).includes("model.safetensors"),
);

/** `model_type` of a golden model. */
export function familyOfGolden(name: string): FamilyName {
  return readJson<{ model_type: FamilyName }>(`${name}/config.json`).model_type;
}

/** Whether the GGUF export refuses the model's family. */
export function isUnfitForGguf(name: string): boolean {
  return families[familyOfGolden(name)].gguf === null;
}

export interface GoldenRow {
  ids: number[];
  labelled: number[];
}

export function readJson<Content>(path: string): Content {
  return JSON.parse(readFileSync(goldenFolder + path, "utf8")) as Content;
}

export function encodedRow({ ids, labelled }: GoldenRow, example = 0): EncodedRow {
  const first = labelled.indexOf(1);
  return {
    ids: Int32Array.from(ids),
    labelled: Uint8Array.from(labelled),
    promptLength: first < 0 ? ids.length : first,
    example,
  };
}

export async function openGolden(
  name: string,
  config = "config.json",
  base: BaseOptions = wideBase,
): Promise<LanguageModel> {
  const weights = await openSafetensors(`${goldenFolder}${name}/model.safetensors`);
  const model = await openModel({ config: readJson(`${name}/${config}`), weights }, { threads: 1, base });
  return {
    ...model,
    close: async () => {
      await model.close();
      await weights.close();
    },
  };
}

/** A file of golden values, closed at the end of the test. */
export async function openGoldenFile(path: string): Promise<WeightFiles> {
  const files = await openSafetensors(`${goldenFolder}${path}`);
  onTestFinished(() => files.close());
  return files;
}

/** Tensors whose names start with a prefix, with the prefix removed. */
export async function tensorsUnder(files: WeightFiles, prefix: string): Promise<AdapterTensor[]> {
  const found: AdapterTensor[] = [];
  for (const [name, { shape }] of files.weights) {
    if (name.startsWith(prefix))
      found.push({ name: name.slice(prefix.length), shape, data: await files.read(name) });
  }
  return found;
}

/** Maximum difference divided by the maximum value: one number for a whole tensor. */
export function relativeError(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let at = 0; at < found.length; at++) {
    difference = Math.max(difference, Math.abs((found[at] as number) - (expected[at] as number)));
    size = Math.max(size, Math.abs(expected[at] as number));
  }
  return difference / (size || 1);
}
