/**
 * @file The fingerprint of a data set: the same rows give the same one, in whatever order and files they
 * stand.
 */
import { createHash } from "node:crypto";
import type { Example, Splits } from "./example.ts";

/**
 * SHA-256 over the rows' contents, as `sha256:` and 64 hex digits.
 *
 * Each row is hashed as the JSON list of its `[role, content]` pairs; the row hashes of a split are sorted,
 * joined by line feeds and hashed; the three split hashes are hashed in turn as `train=`, `validation=`,
 * `test=` lines. A repeated row counts each time.
 */
export function fingerprintSplits(splits: Splits<Example>): string {
  const lines = (["train", "validation", "test"] as const).map(
    (name) => `${name}=${sha256(splits[name].map(hashRow).sort().join("\n"))}`,
  );
  return `sha256:${sha256(lines.join("\n"))}`;
}

function hashRow({ messages }: Example): string {
  return sha256(JSON.stringify(messages.map(({ role, content }) => [role, content])));
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
