import type { Example } from "@tunewise/core/rows";
import { observe, seenRows } from "@tunewise/datacheck";
import { expect, test } from "vitest";
import { nearestAnswers } from "./trivial-scores.ts";

const row = (line: number, prompt = "", answer = ""): Example => ({
  file: "test.jsonl",
  line,
  row: line,
  messages: [
    { role: "user", content: prompt },
    { role: "assistant", content: answer },
  ],
});

const about = { split: "test", other: "train", percent: "50", first: "x" };

test("copies and near copies of training rows are counted, whatever else is seen in the rows", () => {
  const evidence = (line: number) => [{ place: { file: "test.jsonl", line }, reason: "r" }];
  const observations = [
    observe("DATA_LEAK", "warning", about, evidence(1)),
    observe("DATA_LEAK_NEAR", "warning", about, evidence(3)),
    observe("DATA_LEAK_NEAR", "warning", { ...about, other: "validation" }, evidence(4)),
    observe("DATA_DUPLICATE_ROWS", "warning", about, evidence(5)),
  ];
  expect([
    ...seenRows(
      [1, 2, 3, 4, 5].map((line) => row(line)),
      observations,
    ),
  ]).toEqual([0, 2]);
  expect(seenRows([row(1)], []).size).toBe(0);
});

test("the nearest training row answers; a question without a shared word has no answer", () => {
  const train = [row(1, "my card is lost", "card"), row(2, "where is the parcel", "delivery")];
  const test = [row(1, "lost card"), row(2, "the parcel is late"), row(3, "zzz")];
  expect(nearestAnswers(train, test)).toEqual(["card", "delivery", ""]);
  expect(nearestAnswers([], test)).toEqual([]);
});
