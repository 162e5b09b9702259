/**
 * @file What is true of the whole and found in each part is said once.
 */
import type { Finding } from "../problem/index.ts";

/** Leaves out findings that name no place and say what an earlier one says. */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  const said = new Set<string>();
  return findings.filter(({ code, detail, where }) => {
    const sentence = `${code} ${detail}`;
    if (where.length > 0 || !said.has(sentence)) {
      said.add(sentence);
      return true;
    }
    return false;
  });
}
