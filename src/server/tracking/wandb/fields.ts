/** @file What a request's values are: nothing that a client sends is taken for a text before it was looked at. */
import { WandbRefusal } from "./refuse.ts";

/** Values by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** A value with fields; empty where it is none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** A text that says something, or `null`. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A list of texts; what is none is left out. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A whole number that counts something, or `null`. */
export function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Longest name of an entity, a project, a run, a collection. @source W&B's own limit */
const nameLettersMost = 128;

/**
 * A name of an entity, a project, a run or a collection.
 *
 * @throws {WandbRefusal} where it is missing, too long, or has a letter that parts paths and addresses
 */
export function nameOf(value: unknown, what: string): string {
  const name = textOf(value);
  if (name === null) throw new WandbRefusal(`The ${what} has no name.`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control letters are what is looked for
  if (name.length > nameLettersMost || /[\u0000-\u001f\u007f/\\#?%:]/.test(name)) {
    throw new WandbRefusal(
      `A name of a ${what} has at most ${nameLettersMost} letters, and none of / \\ # ? % : among them.`,
    );
  }
  return name;
}
