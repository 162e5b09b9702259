/** @file Selects a half of a collection: the one that rules were developed on, or the held-out one. */
import { createHash } from "node:crypto";

export const hashOf = (name) => createHash("sha256").update(name).digest();

/** Whether a class of cases is held out: half of them, by the hash of their name, so that nobody chooses. */
export const isKept = (name) => hashOf(name)[0] % 2 === 1;

/**
 * Whether a class of cases belongs to the requested part.
 *
 * @param part `developed`, `kept` or `all`
 */
export function isInPart(part, name) {
  return part === "all" || isKept(name) === (part === "kept");
}

/** Validates the value of `--part`; exits on an unknown one, which would select no cases. */
export function checkedPart(part, known = ["developed", "kept"]) {
  if (known.includes(part)) return part;
  console.error(`--part ${part}: no such part; use one of ${known.join(", ")}`);
  process.exit(64);
}
