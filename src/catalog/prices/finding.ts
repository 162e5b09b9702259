/**
 * @file A finding about prices, worded by the problem catalog.
 */
import { type Finding, type Place, type ProblemCode, problem, type Severity } from "../../problem/index.ts";

/** A finding in the catalog's words. */
export function priceFinding(
  code: ProblemCode,
  about: Readonly<Record<string, string | number>>,
  where: readonly Place[],
  severity: Severity = "error",
  count = 1,
): Finding {
  const { kind, message, fix } = problem(code, about);
  return { code, severity, title: kind.title, detail: message, where, count, fix };
}

/** Text from a file, on one line and cut, so that it cannot flood or steer a terminal. */
export function shownText(value: unknown, limit = 60): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  const plain = text.replace(/\p{Cc}/gu, " ");
  return plain.length <= limit ? plain : `${plain.slice(0, limit - 1)}…`;
}
