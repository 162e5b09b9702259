/**
 * @file Findings as data: worst first, prompts of pairs compared word by word, the affected line of code, and size
 * limits.
 */

import { type Observation, observe } from "@tunewise/datacheck";
import { expect, test } from "vitest";
import type { Place } from "../../problem/index.ts";
import { listTopics } from "./topic-rows.ts";
import type { DataCheck } from "./topics.ts";

const at = (file: string, line: number): Place => ({ file: `/data/${file}.jsonl`, row: line, line });

function leak(count: number): Observation {
  const evidence = Array.from({ length: count }, (_, row) => ({
    place: at("test", row + 1),
    reason: "85 % the same words as /data/train.jsonl:1",
    other: at("train", 1),
  }));
  const about = { split: "test", other: "train", percent: "1.0", differing: "", first: "x" };
  return observe("DATA_LEAK_NEAR", "error", about, evidence);
}

function weakness(): Observation {
  const about = { split: "train", cwe: 95, weakness: "eval", fix: "do not", by: "", first: "x" };
  const row = { place: at("train", 2), reason: "in line 3 of the answer", answerLine: 3 };
  return observe("CODE_INSECURE", "warning", about, [row]);
}

function check(observations: readonly Observation[], texts: Readonly<Record<string, string>>): DataCheck {
  return {
    name: "demo",
    recipe: "tunewise.yaml",
    model: "m",
    origin: "here",
    dataFingerprint: "f",
    splits: [],
    trainOn: "all",
    reasoning: "train",
    padding: null,
    memory: null,
    stamps: new Map(),
    refused: [],
    findings: observations.map(({ finding }) => finding),
    observations,
    excerpt: ({ file, line }, most = 240) => {
      const text = texts[`${file}:${line}`];
      return text === undefined
        ? null
        : { prompt: text.slice(0, most), answer: text.slice(0, most), answerLines: text.split("\n") };
    },
  };
}

test("a pair is compared word by word, and code shows its line", () => {
  const topics = listTopics(
    check([weakness(), leak(1)], {
      "/data/test.jsonl:1": "cancel my order",
      "/data/train.jsonl:1": "cancel the order",
      "/data/train.jsonl:2": "one\ntwo\neval(x)\nfour",
    }),
    null,
  );
  expect(topics.map(({ code, severity, rows }) => [code, severity, rows])).toEqual([
    ["DATA_LEAK_NEAR", "error", 1],
    ["CODE_INSECURE", "warning", 1],
  ]);
  expect(topics[0]?.subjects[0]?.rows).toEqual([
    {
      place: "test.jsonl:1",
      reason: "85 % the same words as train.jsonl:1",
      lines: [],
      prompt: "cancel my order",
      answer: "cancel my order",
      other: { place: "train.jsonl:1", prompt: "cancel the order", answer: "cancel the order" },
      parts: [
        { kind: "same", text: "cancel " },
        { kind: "missing", text: "my" },
        { kind: "added", text: "the" },
        { kind: "same", text: " order" },
      ],
    },
  ]);
  expect(topics[0]?.command).toBe("tunewise check --show DATA_LEAK_NEAR");
  expect(topics[1]?.subjects[0]?.rows[0]?.lines).toEqual([
    { number: 1, text: "one", is_meant: false },
    { number: 2, text: "two", is_meant: false },
    { number: 3, text: "eval(x)", is_meant: true },
    { number: 4, text: "four", is_meant: false },
  ]);
});

test("all rows are listed, or as many as are asked for; texts of a megabyte are cut", () => {
  const long = "x ".repeat(500_000);
  const large = check([leak(5_000)], { "/data/test.jsonl:1": long, "/data/train.jsonl:1": long });
  const [subject] = listTopics(large, null)[0]?.subjects ?? [];
  expect([subject?.total, subject?.rows.length]).toEqual([5_000, 5_000]);
  expect(new Set(subject?.rows.map(({ place }) => place)).size).toBe(5_000);
  const [topic] = listTopics(large, 12);
  expect([topic?.subjects[0]?.total, topic?.subjects[0]?.rows.length]).toEqual([5_000, 12]);
  expect(JSON.stringify(topic).length).toBeLessThan(40_000);
});
