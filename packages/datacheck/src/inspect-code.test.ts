/** @file Insecure answers yield one observation per weakness, with every affected row. */

import { expect, test } from "vitest";
import { openScanner } from "./codescan/index.ts";
import { failedScanners, inspectCode, type ScannedRow } from "./inspect-code.ts";
import type { Row } from "./row.ts";
import { foundHere } from "./sarif/found-code.ts";

const scanner = await openScanner();
const scanned = (rows: readonly Row[]): ScannedRow[] =>
  rows.map((one) => ({ row: one, found: foundHere(one.answer, scanner.scanText(one.answer)) }));
const row = (line: number, answer: string): Row => ({
  part: "train",
  place: { file: "t.jsonl", line },
  prompt: "p",
  answer,
  messages: [],
});

test("CODE_INSECURE: weaknesses by weight, rows with their lines", () => {
  const shell = "```python\nimport os\ndef f():\n    os.system('ls ' + input())\n```";
  const rows = [
    row(1, "No code here."),
    row(2, shell),
    row(3, "```python\nimport hashlib\nhashlib.md5(b'a')\n```"),
    row(4, `Twice.\n${shell}\n${shell}`),
  ];
  const found = inspectCode("train", scanned(rows));
  expect(found.map(({ finding }) => `${finding.severity} ${finding.code}: ${finding.detail}`)).toEqual([
    "error CODE_INSECURE: Command injection: untrusted input in a shell command (CWE-78) in the answers of 2 train " +
      "rows; first t.jsonl:2",
    "warning CODE_INSECURE: Weak hash function (CWE-327) in the answers of 1 train rows; first t.jsonl:3",
  ]);
  expect(found[0]?.evidence).toEqual([
    {
      place: { file: "t.jsonl", line: 2 },
      reason: "CWE-78 in line 4 of the answer: Command injection: untrusted input in a shell command",
      answerLine: 4,
      sources: ["builtin"],
      remedy: "drop",
    },
    {
      place: { file: "t.jsonl", line: 4 },
      reason: "CWE-78 in line 5 of the answer: Command injection: untrusted input in a shell command",
      answerLine: 5,
      sources: ["builtin"],
      remedy: "drop",
    },
  ]);
  expect(found[1]?.evidence[0]?.remedy).toBeUndefined();
  expect(found[0]?.finding.fix).toContain("subprocess.run");
});

test("nothing is said of clean answers", () => {
  expect(inspectCode("test", scanned([row(1, "```python\nprint(1)\n```")]))).toEqual([]);
});

test("findings name the scanners that have them, where another than the built-in one does", () => {
  const [shell] = scanned([row(2, "```python\nimport os\ndef f(a):\n    os.system('ls ' + a)\n```")]);
  const [here] = shell?.found ?? [];
  if (shell === undefined || here === undefined) throw new Error("nothing was found");
  const both = { ...here, sources: ["builtin", "bandit"] };
  const other = {
    ...here,
    cwe: 22,
    rule: "bandit/B1",
    title: "Odd",
    sources: ["bandit"],
    help: "https://x.test/b1",
  };
  const [second, first] = inspectCode("train", [{ row: shell.row, found: [both, other] }]);
  expect(first?.finding.detail).toContain("train rows (found by builtin, bandit); first");
  expect(first?.evidence[0]).toMatchObject({
    reason:
      "CWE-78 in line 4 of the answer: Command injection: untrusted input in a shell command (builtin, bandit)",
    sources: ["builtin", "bandit"],
  });
  expect(second?.finding.fix).toBe("See the description of bandit/B1: https://x.test/b1");
});

test("CODE_SCANNER_FAILED: the command, what happened, what to do", () => {
  const failure = {
    scanner: "bandit",
    command: "bandit -r {folder}",
    what: "ended with code 2: no",
    fix: "look",
  };
  const [failed] = failedScanners([failure]);
  expect(failed?.finding).toMatchObject({
    code: "CODE_SCANNER_FAILED",
    severity: "error",
    fix: "look",
    detail:
      "bandit ended with code 2: no; its findings are ignored, those of the other scanners are used. Command: " +
      "bandit -r {folder}",
  });
});
