/** @file The version of this package, from its own package.json. */
import { readFileSync } from "node:fs";
import { packageFile } from "../catalog/index.ts";

/** `0.1.0` */
export function version(): string {
  const text = readFileSync(packageFile("package.json"), "utf8");
  return String((JSON.parse(text) as { version: unknown }).version);
}
