/** @file Where the golden files of the model file readers lie, for the tests beside this file. */
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

/** The texts that golden token ids were made from. */
export function goldenTexts(): readonly string[] {
  const path = fileURLToPath(new URL("golden/scripts/texts.json", import.meta.url));
  return JSON.parse(readFileSync(path, "utf8")) as string[];
}

/** Base64 as bytes in a buffer of their own, so that they may be viewed as floats. */
export function ownBytes(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
