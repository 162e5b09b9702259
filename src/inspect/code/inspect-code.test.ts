/** @file Insecure code in rows: what is said of it, which rows it names, and how grave it is. */
import { describe, expect, test } from "vitest";
import type { Row } from "../row.ts";
import { inspectCode } from "./inspect-code.ts";
import { openScanner } from "./scan.ts";

const scanner = await openScanner();
const row = (line: number, prompt: string, answer: string): Row => ({
  ...{ part: "train", place: { file: "t.jsonl", line }, prompt, answer },
  messages: [],
});
const shell = "```python\nimport os\ndef f(a):\n    os.system('ls ' + a)\n```";
const safe = "```python\nimport os\nos.listdir('.')\n```";

describe("inspectCode", () => {
  test("one finding for each weakness, with every row", () => {
    const [found, ...more] = inspectCode(
      [row(1, "a", safe), row(2, "b", `Do:\n${shell}`), row(3, "c", `${shell}\n${shell}`)],
      scanner,
    );
    expect(more).toEqual([]);
    expect([found?.finding.code, found?.finding.severity, found?.finding.count]).toEqual([
      "CODE_INSECURE",
      "error",
      2,
    ]);
    expect(found?.finding.detail).toBe(
      "2 rows have CWE-78 (shell command injection) in the answer, 3 places in all; first t.jsonl:2, line 5 of the answer: CWE-78, Text from outside in a shell command",
    );
    expect(found?.evidence.map(({ place, reason, remedy }) => [place.line, reason, remedy])).toEqual([
      [2, "line 5 of the answer: CWE-78, Text from outside in a shell command", "drop"],
      [3, "line 4 of the answer: CWE-78, Text from outside in a shell command, and 1 more", "drop"],
    ]);
  });

  test("prompts are only noted, and other severities stand apart", () => {
    const weak = "```python\nimport hashlib\nhashlib.md5(data).hexdigest()\n```";
    const found = inspectCode([row(1, shell, weak)], scanner);
    expect(found.map(({ finding }) => finding.severity)).toEqual(["warning", "note"]);
    expect(found[1]?.evidence[0]?.reason).toMatch(/^line 4 of the prompt: CWE-78/);
  });

  test("nothing is said of rows without code", () => {
    expect(inspectCode([row(1, "What is 2 + 2?", "4"), row(2, "Say it.", "It.")], scanner)).toEqual([]);
  });
});
