/** @file Announced shutdowns of models behind APIs. */

/** The day on which a model stops answering. */
export interface Shutdown {
  /** ISO date. */
  readonly on: string;
  readonly source: string;
}

const announced = "OpenAI's deprecations page, announced on 2026-10-14, read from a copy on 2026-11-25";

/** Snapshots that stop on 2027-01-14, with all models fine-tuned from them. */
const endingSnapshots: ReadonlySet<string> = new Set([
  "gpt-4o-2024-08-06",
  "gpt-4o-2024-11-20",
  "gpt-4o-mini-2024-07-18",
  "gpt-4.1-2025-04-14",
  "gpt-4.1-mini-2025-04-14",
]);

/**
 * Returns the announced end of a model, or of the model that it was fine-tuned from; `null`: none is known.
 *
 * @param model such as `ft:gpt-4o-mini-2024-07-18:org::id`; a name without the date of a version is not looked up,
 *   because a vendor may point it to another version
 */
export function shutdownOf(model: string): Shutdown | null {
  const base = /^ft:([^:]+)/.exec(model.toLowerCase())?.[1] ?? model.toLowerCase();
  return endingSnapshots.has(base) ? { on: "2027-01-14", source: announced } : null;
}
