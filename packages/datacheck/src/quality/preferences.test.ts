/** @file Findings about preference rows: equal sides, contradictions within and across parts, and length. */
import type { Comparison, Example } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { inspectRows } from "../inspect-rows.ts";
import type { Observation } from "../observation.ts";

function example(prompt: string, compared: Comparison, row: number, file = "train.jsonl"): Example {
  return {
    file,
    row,
    line: row,
    messages: [
      { role: "user", content: prompt },
      { role: "assistant", content: compared.chosen },
    ],
    compared,
  };
}

/** Ten pairs without a fault, of equal lengths. */
const sound = Array.from({ length: 10 }, (_, at) =>
  example(`Why is lamp ${at} blue?`, { chosen: `good ${at}`, rejected: [`evil ${at}`] }, 10 + at),
);

async function found(train: readonly Example[], test: readonly Example[] = []): Promise<Observation[]> {
  const splits = { train: [...sound, ...train], validation: [], test };
  const all = await inspectRows(splits, { labels: false, depth: "full", benchmarks: new Map() });
  return all.filter(({ finding }) => /^DATA_(?:SIDES|PREFERENCE|LEAK$)/.test(finding.code));
}

const summary = ({ finding, evidence }: Observation): string =>
  `${finding.code} ${evidence.map(({ place, reason }) => `${place.file}:${place.row} ${reason}`).join(", ")}`;

test("equal sides, also with other spaces at the ends", async () => {
  const rows = [
    example("Equal?", { chosen: "yes", rejected: ["yes\n"] }, 1),
    example("Both verdicts?", { chosen: "yes", rejected: ["nay", "yes"] }, 2),
  ];
  expect((await found(rows)).map(summary)).toContain(
    "DATA_SIDES_EQUAL train.jsonl:1 the chosen answer is also rejected, train.jsonl:2 the chosen answer is also rejected",
  );
});

test("the same prompt with the sides swapped, in the same part and in another", async () => {
  const rows = [
    example("Tea or coffee?", { chosen: "tea", rejected: ["coffee"] }, 1),
    example("tea or COFFEE", { chosen: "coffee", rejected: ["tea"] }, 2),
  ];
  const held = [example("Why is lamp 3 blue?", { chosen: "evil 3", rejected: ["good 3"] }, 1, "test.jsonl")];
  const contradictions = (await found(rows, held)).map(summary).filter((one) => one.includes("CONTRADICTED"));
  expect(contradictions).toEqual([
    "DATA_PREFERENCE_CONTRADICTED train.jsonl:13 test.jsonl:1 rejects its answer, " +
      "train.jsonl:1 train.jsonl:2 rejects its answer, train.jsonl:2 train.jsonl:1 rejects its answer",
    "DATA_PREFERENCE_CONTRADICTED test.jsonl:1 train.jsonl:13 rejects its answer",
  ]);
});

test("a score that contradicts the choice; equal scores state no preference", async () => {
  const rows = [
    example("Scored?", { chosen: "yes", rejected: ["nay"], scores: [3, 7] }, 1),
    example("Tied?", { chosen: "yes", rejected: ["nay"], scores: [5, 5] }, 2),
    example("Right?", { chosen: "yes", rejected: ["nay"], scores: [7, 3] }, 3),
  ];
  expect((await found(rows)).map(summary)).toEqual([
    "DATA_PREFERENCE_CONTRADICTED train.jsonl:1 the chosen answer has the score 3, the rejected one 7, " +
      "train.jsonl:2 the chosen answer has the score 5, the rejected one 5",
  ]);
});

test.each([
  [
    40,
    0,
    "warning",
    "in 100.0 % of 40 train pairs the longer answer is chosen (95 % interval: 91.2 to 100.0 %)",
  ],
  [11, 9, "note", "in 55.0 % of 20 train pairs the longer answer is chosen (95 % interval: 34.2 to 74.2 %)"],
  [0, 40, "warning", "in 0.0 % of 40 train pairs the longer answer is chosen (95 % interval: 0.0 to 8.8 %)"],
])(
  "%i pairs with the longer answer chosen, %i with the shorter",
  async (longer, shorter, severity, detail) => {
    const pairs = Array.from({ length: longer + shorter }, (_, at) => {
      const [chosen, rejected] = at < longer ? ["a longer one", "short"] : ["short", "a longer one"];
      return example(
        `Which of them is number ${at}?`,
        { chosen: `${chosen} ${at}`, rejected: [`${rejected} ${at}`] },
        100 + at,
      );
    });
    const [bias] = (await found(pairs)).filter(({ finding }) => finding.code === "DATA_PREFERENCE_LENGTH");
    expect(bias?.finding).toMatchObject({ severity, detail });
  },
);

test("prompts that leak across parts are leaks, whatever is chosen", async () => {
  const held = [example("Why is lamp 3 blue?", { chosen: "x", rejected: ["y"] }, 1, "test.jsonl")];
  expect((await found([], held)).map(({ finding }) => finding.code)).toEqual(["DATA_LEAK"]);
});

test("rows of other formats have no such findings", async () => {
  const rows = sound.map(({ compared: _, ...row }) => row);
  const splits = { train: rows, validation: [], test: [] };
  const all = await inspectRows(splits, { labels: false, depth: "full", benchmarks: new Map() });
  expect(all.filter(({ finding }) => finding.code.includes("PREFERENCE"))).toEqual([]);
});
