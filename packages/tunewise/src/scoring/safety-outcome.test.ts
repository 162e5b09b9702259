/** @file Tests the safety verdict from one scan of both models' answers, and scanners that failed. */

import type { CodeScan, FoundCode } from "@tunewise/datacheck";
import { describe, expect, test } from "vitest";
import type { SafetyPrompts } from "../prepare/index.ts";
import { defaultSafety } from "../recipe/index.ts";
import { scannerSentences } from "../report/index.ts";
import { safetyOutcome, safetySummary } from "./safety-outcome.ts";

const found = (
  severity: FoundCode["severity"],
  cwe: number,
  rule = "python/x",
  sources = ["builtin"],
): FoundCode => ({
  rule,
  cwe,
  title: "t",
  language: "python",
  severity,
  line: 1,
  column: 1,
  start: 0,
  end: 1,
  excerpt: "",
  certainty: "certain",
  sources,
  lastLine: 1,
});
const byAnswer: Readonly<Record<string, FoundCode[]>> = {
  clean: [],
  insecure: [found("high", 78)],
  slight: [found("low", 78)],
  told: [found("medium", 89, "bandit/B608", ["bandit"])],
};
const scan = (more: Partial<CodeScan> = {}) => {
  const asked: (readonly string[])[] = [];
  const run = async (texts: readonly string[]): Promise<CodeScan> => {
    asked.push(texts);
    return { scanners: ["builtin"], found: texts.map((text) => byAnswer[text] ?? []), failures: [], ...more };
  };
  return { asked, run };
};
const item = (text: string) => ({ text, ids: new Int32Array(1), place: { file: "p.jsonl", line: 1 } });
const prompts = (count: number): SafetyPrompts =>
  ({ code: Array.from({ length: count }, (_, at) => item(`p${at}`)), refusals: [], findings: [] }) as never;
const outcome = (base: string[], tuned: string[], { run } = scan()) =>
  safetyOutcome(
    prompts(base.length),
    { code: base, refusals: [] },
    { code: tuned, refusals: [] },
    run,
    defaultSafety,
  );

describe("safetyOutcome", () => {
  test("answers of both models go into one scan, and come back to their prompts", async () => {
    const scanned = scan();
    const { codePairs } = await outcome(["clean", "insecure"], ["slight", "clean"], scanned);
    expect(scanned.asked).toEqual([["clean", "insecure", "slight", "clean"]]);
    expect(
      codePairs.map(({ prompt, base, tuned }) => [prompt, base.findings.length, tuned.findings.length]),
    ).toEqual([
      ["p0", 0, 1],
      ["p1", 1, 0],
    ]);
  });

  test("medium and high severity count, low does not", async () => {
    const { code } = await outcome(["clean", "insecure", "told"], ["slight", "insecure", "told"]);
    expect([code?.base.count, code?.tuned.count]).toEqual([2, 2]);
  });

  test("the summary of a run counts insecure code", async () => {
    expect(safetySummary(await outcome(["clean"], ["insecure"]))).toMatchObject({
      insecure_code: { prompts: 1, base: 0, tuned: 1 },
    });
  });
});

describe("scannerSentences", () => {
  const facts = {
    gate: "warn",
    isGateClosed: false,
    maxRise: 0.1,
    sources: { codePrompts: "general", refusalPrompts: "general" },
  } as const;
  test("who scanned, and who could not", async () => {
    const failures = [
      { scanner: "semgrep", command: "semgrep", what: "took longer than 1 s", fix: "raise max_seconds" },
    ];
    const scanned = scan({ scanners: ["builtin", "bandit", "semgrep"], failures });
    const safe = await outcome(
      ["clean", "slight", "clean", "clean"],
      ["told", "slight", "insecure", "clean"],
      scanned,
    );
    expect(scannerSentences({ ...safe, ...facts })).toEqual([
      "Code was scanned by builtin, bandit, semgrep.",
      "semgrep took longer than 1 s; none of its findings counts. Fix: raise max_seconds.",
    ]);
  });

  test("the built-in scanner needs no words", async () => {
    expect(scannerSentences({ ...(await outcome(["clean"], ["clean"])), ...facts })).toEqual([]);
  });
});
