/** @file Insecure answers become one observation per weakness, with every row. */
import { openScanner } from "@tunewise/codescan";
import { expect, test } from "vitest";
import { inspectCode } from "./inspect-code.ts";
import type { Row } from "./row.ts";

const scanner = await openScanner();
const row = (line: number, answer: string): Row => ({
  part: "train",
  place: { file: "t.jsonl", line },
  prompt: "p",
  answer,
  messages: [],
});

test("CODE_INSECURE: weaknesses by weight, rows with their lines", () => {
  const shell = "```python\nimport os\ndef f(a):\n    os.system('ls ' + a)\n```";
  const rows = [
    row(1, "No code here."),
    row(2, shell),
    row(3, "```python\nimport hashlib\nhashlib.md5(b'a')\n```"),
    row(4, `Twice.\n${shell}\n${shell}`),
  ];
  const found = inspectCode(scanner, "train", rows);
  expect(found.map(({ finding }) => `${finding.severity} ${finding.code}: ${finding.detail}`)).toEqual([
    "error CODE_INSECURE: Text from outside in a shell command (CWE-78) in the answers of 2 train rows; first " +
      "t.jsonl:2",
    "warning CODE_INSECURE: A broken hash function (CWE-327) in the answers of 1 train rows; first t.jsonl:3",
  ]);
  expect(found[0]?.evidence).toEqual([
    {
      place: { file: "t.jsonl", line: 2 },
      reason: "CWE-78 in line 4 of the answer: Text from outside in a shell command",
      answerLine: 4,
      remedy: "drop",
    },
    {
      place: { file: "t.jsonl", line: 4 },
      reason: "CWE-78 in line 5 of the answer: Text from outside in a shell command",
      answerLine: 5,
      remedy: "drop",
    },
  ]);
  expect(found[1]?.evidence[0]?.remedy).toBeUndefined();
  expect(found[0]?.finding.fix).toContain("subprocess.run");
});

test("nothing is said of clean answers", () => {
  expect(inspectCode(scanner, "test", [row(1, "```python\nprint(1)\n```")])).toEqual([]);
});
