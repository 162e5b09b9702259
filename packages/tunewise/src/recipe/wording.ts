/** @file Findings about the recipe, worded by the problem catalog. */
import { type Finding, type Place, type ProblemCode, problem, type Severity } from "../problem/index.ts";

/** Creates a finding at a source location, with the catalog's text. */
export function recipeFinding(
  code: ProblemCode,
  params: Readonly<Record<string, string | number>>,
  place: Place,
  severity: Severity = "error",
): Finding {
  const { kind, message, fix } = problem(code, params);
  return { code, severity, title: kind.title, detail: message, where: [place], count: 1, fix };
}

/** Formats a path as `data.rows.train`; list indexes are shown 1-based: `task.labels[2]`. */
export function keyName(path: readonly PropertyKey[]): string {
  let name = "";
  for (const part of path) {
    if (typeof part === "number") name += `[${part + 1}]`;
    else name += name === "" ? shown(String(part)) : `.${shown(String(part))}`;
  }
  return name;
}

/** Describes a value for an error, short and on one line. */
export function foundText(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 1 ? "a list of 1" : `a list of ${value.length}`;
  if (typeof value === "object") return "a section";
  if (typeof value === "string") return `the text ${shown(JSON.stringify(value))}`;
  return shown(String(value));
}

/** Truncates text from the file so that it cannot flood the terminal, and escapes control characters. */
export function shown(value: string, limit = 60): string {
  const plain = value.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
  return plain.length <= limit ? plain : `${plain.slice(0, limit - 1)}…`;
}
