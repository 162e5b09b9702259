/** @file Paths and readers of the golden files for the model file tests in this folder. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Path of a golden file. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`golden/files/${name}`, import.meta.url));
}

/** A golden JSON file. */
export function golden<Value>(name: string): Value {
  return JSON.parse(readFileSync(goldenPath(name), "utf8")) as Value;
}

/** The texts from which the golden token IDs were computed. */
export function goldenTexts(): readonly string[] {
  const path = fileURLToPath(new URL("golden/scripts/texts.json", import.meta.url));
  return JSON.parse(readFileSync(path, "utf8")) as string[];
}

/** Decodes base64 into a separate buffer, so that the bytes can be viewed as floats. */
export function ownBytes(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
