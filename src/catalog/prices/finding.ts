/** @file Findings about prices, worded by the problem catalog. */
import { type Finding, type Place, type ProblemCode, problem, type Severity } from "../../problem/index.ts";

/** Creates a finding with the catalog's text. */
export function priceFinding(
  code: ProblemCode,
  params: Readonly<Record<string, string | number>>,
  where: readonly Place[],
  severity: Severity = "error",
  count = 1,
): Finding {
  const { kind, message, fix } = problem(code, params);
  return { code, severity, title: kind.title, detail: message, where, count, fix };
}

/** Truncates text from a file to one line without control characters, so that it is safe for a terminal. */
export function shownText(value: unknown, limit = 60): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  const plain = text.replace(/\p{Cc}/gu, " ");
  return plain.length <= limit ? plain : `${plain.slice(0, limit - 1)}…`;
}
