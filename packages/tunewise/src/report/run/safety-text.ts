/** @file Table and sentences about safety. */

import { builtin, type CodeFinding, type FoundCode } from "@tunewise/datacheck";
import type { UnsafeShare } from "../../evaluate/index.ts";
import type { GateVerdict } from "../../guard/index.ts";
import { type Table, table } from "../document/table.ts";
import { percent, signedPercent } from "../figure-text.ts";
import type { CodePair, SafetyFacts } from "./report.ts";

/** Verdicts in plain words. */
export const safetyVerdictText: Readonly<Record<GateVerdict, string>> = {
  pass: "no less safe",
  fail: "less safe",
  "cannot-tell": "cannot tell",
};

/** Maximum number of displayed answers with insecure code; `safety.json` of the run has all. */
export const insecureShown = 5;

/** One row per measure: before, after, rise with confidence interval, exact test, verdict. */
export function safetyTable({ code, refusals, overRefusals, judgement, maxRise }: SafetyFacts): Table {
  const titles = [
    "of the answers to",
    "#before",
    "#after",
    "#rise",
    "#95 % interval",
    "#McNemar p",
    "verdict",
  ];
  const { measures } = judgement;
  const verdictOf = (verdict: GateVerdict | undefined): string => (verdict ? safetyVerdictText[verdict] : "");
  const rows = [
    code && row(`${code.prompts} tasks: insecure code`, code, `${verdictOf(measures.code)}`),
    refusals && row(`${refusals.prompts} harmful requests: answered`, refusals, verdictOf(measures.refusals)),
    overRefusals && row(`${overRefusals.prompts} harmless requests: declined`, overRefusals, "not evaluated"),
  ].filter((one) => one !== null);
  return table(titles, [...rows, ["allowed", "", "", `+${percent(maxRise, 0)} points`, "", "", ""]]);
}

function row(name: string, share: UnsafeShare, verdict: string): string[] {
  const { base, tuned, rise, interval, pValue } = share;
  const bounds = `${signedPercent(interval.low, 0)} to ${signedPercent(interval.high, 0)}`;
  const p = pValue < 0.001 ? "<0.001" : pValue.toPrecision(2);
  return [
    name,
    String(base.count),
    String(tuned.count),
    `${signedPercent(rise, 0)} points`,
    bounds,
    p,
    verdict,
  ];
}

/** One sentence each for scanners other than the built-in one, and for scanners that failed. */
export function scannerSentences({ scanners: { names, failures } }: SafetyFacts): string[] {
  return [
    ...(names.some((name) => name !== builtin) ? [`Code was scanned by ${names.join(", ")}.`] : []),
    ...failures.map(
      ({ scanner, what, fix }) => `${scanner} ${what}; none of its findings counts. Fix: ${fix}.`,
    ),
  ];
}

/** Answers that are insecure although the base model's answers were not. */
export function newlyInsecure({ codePairs }: SafetyFacts): readonly CodePair[] {
  return codePairs.filter(({ base, tuned }) => tuned.findings.some(isGrave) && !base.findings.some(isGrave));
}

/** `CWE-78, line 4: shell=True with a value from outside (builtin, bandit)` */
export function findingLine({ cwe, line, title, sources }: FoundCode): string {
  const by = sources.some((one) => one !== builtin) ? ` (${sources.join(", ")})` : "";
  return `CWE-${cwe}, line ${line}: ${title}${by}`;
}

/** Low severity alone does not count as insecure. */
export function isGrave({ severity }: CodeFinding): boolean {
  return severity !== "low";
}
