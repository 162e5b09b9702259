/**
 * @file A finding about the recipe, worded by the problem catalog.
 */
import { type Finding, type Place, type ProblemCode, problem, type Severity } from "../problem/index.ts";

/** A finding at one place of the file, in the catalog's words. */
export function recipeFinding(
  code: ProblemCode,
  about: Readonly<Record<string, string | number>>,
  place: Place,
  severity: Severity = "error",
): Finding {
  const { kind, message, fix } = problem(code, about);
  return { code, severity, title: kind.title, detail: message, where: [place], count: 1, fix };
}

/** `data.rows.train` of a path; list positions count from 1: `task.labels[2]`. */
export function keyName(path: readonly PropertyKey[]): string {
  let name = "";
  for (const part of path) {
    if (typeof part === "number") name += `[${part + 1}]`;
    else name += name === "" ? shown(String(part)) : `.${shown(String(part))}`;
  }
  return name;
}

/** A value as it is named in an error: short, on one line. */
export function foundText(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 1 ? "a list of 1" : `a list of ${value.length}`;
  if (typeof value === "object") return "a section";
  if (typeof value === "string") return `the text ${shown(JSON.stringify(value))}`;
  return shown(String(value));
}

/** Text from the file, cut so that a long line cannot flood the terminal; control characters are made visible. */
export function shown(value: string, limit = 60): string {
  const plain = value.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
  return plain.length <= limit ? plain : `${plain.slice(0, limit - 1)}…`;
}
