/** @file Which test rows count as seen in training, and deduplication of findings. */

import type { Example } from "@tunewise/core/rows";
import { memoryShare, observe } from "@tunewise/datacheck";
import { expect, test } from "vitest";
import { findingOf } from "../problem/index.ts";
import { mergeFindings } from "./grade-findings.ts";

test("a test row counts once, and only what training has of it", () => {
  const rows = [1, 2, 3, 4].map((line): Example => ({ messages: [], file: "e", row: line, line }));
  const at = (line: number): object => ({
    place: { file: "e", row: line, line },
    reason: "",
    other: { file: "t", line },
  });
  const found = (
    code: "DATA_LEAK" | "DATA_LEAK_NEAR" | "DATA_LEAK_TIME",
    other: string,
    ...lines: number[]
  ): ReturnType<typeof observe> => {
    const about = { split: "test", other, percent: "1", first: "", differing: "" };
    return observe(code, "warning", about, lines.map(at) as Parameters<typeof observe>[3]);
  };
  const seen = [
    found("DATA_LEAK", "train", 1),
    found("DATA_LEAK_NEAR", "train", 1, 2),
    found("DATA_LEAK", "validation", 3),
    found("DATA_LEAK_TIME", "train", 4),
  ];
  expect(memoryShare(seen, rows)).toEqual({ rows: 2, of: 4 });
  expect(memoryShare(seen, [])).toBeNull();
});

test("what is found in each part, and names none, is said once", () => {
  const padding = findingOf("DATA_PAD_IS_END", "note", { id: 2 }, [], 1);
  const placed = findingOf("DATA_ANSWER_SHORT", "warning", { split: "t", first: "a" }, [{ file: "a" }], 1);
  expect(mergeFindings([padding, placed, padding, placed])).toEqual([padding, placed, placed]);
});
