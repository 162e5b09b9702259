/** @file Which half of a collection is asked for: what rules were developed on, or what is kept apart. */
import { createHash } from "node:crypto";

export const hashOf = (name) => createHash("sha256").update(name).digest();

/** Whether a class of cases is kept apart: half of them, by the hash of their name, so that nobody chooses. */
export const isKept = (name) => hashOf(name)[0] % 2 === 1;

/**
 * Whether a class of cases belongs to the part that is asked for.
 *
 * @param part `developed`, `kept` or `all`
 */
export function isInPart(part, name) {
  return part === "all" || isKept(name) === (part === "kept");
}

/** The word of `--part`, one of those that a script knows; ends the program at another, as it would score nothing. */
export function checkedPart(part, known = ["developed", "kept"]) {
  if (known.includes(part)) return part;
  console.error(`--part ${part}: no such part; use one of ${known.join(", ")}`);
  process.exit(64);
}
