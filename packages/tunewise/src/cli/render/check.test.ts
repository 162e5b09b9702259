/** @file Tests findings as text: a finding of all splits is one block with a line per split. */
import { expect, test } from "vitest";
import { findingOf } from "../../problem/index.ts";
import { topicsOf } from "../../report/index.ts";
import { topicsText } from "./check.ts";
import { paint } from "./paint.ts";

test("findings of one code are one block, and the count is of blocks", () => {
  const place = { file: "t.jsonl", line: 3 };
  const about = (split: string): object => ({ split, percent: "9.9", first: "t.jsonl:3 as t.jsonl:1" });
  const findings = [
    findingOf("DATA_PAD_IS_END", "note", { id: 2 }, [], 1),
    findingOf("DATA_DUPLICATE_ROWS", "warning", { ...about("train"), count: 3 }, [place], 3),
    findingOf("DATA_DUPLICATE_ROWS", "warning", { ...about("test"), count: 1 }, [place], 1),
  ];
  expect(topicsText(topicsOf({ findings, observations: [] }), paint(false)).split("\n")).toEqual([
    "warning DATA_DUPLICATE_ROWS: Duplicate rows",
    "  3 train rows repeat an earlier prompt (9.9 %); first t.jsonl:3 as t.jsonl:1",
    "  1 test rows repeat an earlier prompt (9.9 %); first t.jsonl:3 as t.jsonl:1",
    "  fix: Remove the repeated rows",
    "",
    "note DATA_PAD_IS_END: the tokenizer pads with its end token (id 2); labels depend on positions, so",
    "  the end is still trained",
    "  fix: No change needed here; other trainers mask the padding token by id, and the model then",
    "    never learns to stop",
    "",
    "1 warning, 1 note",
  ]);
});
