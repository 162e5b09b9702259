/** @file Observations of repeated rows, groups and times. */
import { expect, test } from "vitest";
import type { Part, Row } from "../row.ts";
import { inspectOverlap } from "./observations.ts";
import { observeGroups, observeTimes } from "./observe-groups.ts";

const files: Readonly<Record<Part, string>> = { train: "t", validation: "v", test: "e" };
function rowsFrom(...given: [Part, string, string?][]): Row[] {
  const lines = { train: 0, validation: 0, test: 0 };
  return given.map(([part, prompt, answer = "x"]) => {
    lines[part]++;
    return { part, place: { file: files[part], line: lines[part] }, prompt, answer, messages: [] };
  });
}
const filler = Array.from({ length: 40 }, (_, row): [Part, string] => [
  "train",
  Array.from({ length: 8 }, (_, at) => `filler${row * 8 + at}`).join(" "),
]);
const twelve = "the quick brown fox jumps over one lazy dog near my house";

test("each kind under its code, each row once, and only training rows that say the same go", () => {
  const rows = rowsFrom(
    ["train", twelve],
    ["train", twelve.toUpperCase()],
    ["train", twelve.toUpperCase(), "y"],
    ["train", `${twelve} and garden`],
    ["train", `long ago ${filler[0]?.[1]} near ${filler[1]?.[1]} they said that nobody could tell`],
    ["test", `${twelve}!`],
    ["test", twelve.replace("quick", "slow")],
    ["test", `near my house ${twelve.replace(" near my house", "")}`],
    ["test", `${filler[0]?.[1]} near filler8 filler9`],
    ["test", "nothing of all this"],
    ...filler.slice(2),
  );
  const told = inspectOverlap(rows, false).map(({ finding, evidence }) => [
    `${finding.code}: ${finding.detail}`,
    ...evidence.map(
      ({ place, reason, remedy }) => `${place.file}:${place.line} ${reason}${remedy ? `, ${remedy}` : ""}`,
    ),
  ]);
  expect(told).toEqual([
    [
      "DATA_LEAK: 1 test rows have a prompt that is also in train (20.0 %); first e:1 as t:1",
      "e:1 the prompt of t:1, except for case, spaces and punctuation, drop-other",
    ],
    [
      "DATA_LEAK_NEAR: 2 test rows are near-duplicates of a train row (40.0 %); first e:2 as t:1",
      "e:2 one word apart from t:1 (84 % the same words), drop-other",
      "e:3 the words of t:1 in another order, drop-other",
    ],
    [
      "DATA_LEAK_CONTAINED: 1 test rows are mostly contained in a longer train row (20.0 %); first e:4 as t:5",
      "e:4 t:5 contains 100 % of its runs of words, drop-other",
    ],
    [
      "DATA_DUPLICATE_ROWS: 2 train rows repeat an earlier prompt (4.7 %); first t:2 as t:1",
      "t:2 the prompt of t:1, except for case, spaces and punctuation, drop",
      "t:3 the prompt of t:2; its answer differs",
    ],
    [
      "DATA_NEAR_DUPLICATES: 1 train rows are near-duplicates of an earlier one (2.3 %); first t:4 as t:1",
      "t:4 85 % the same words as t:1",
    ],
    [
      "DATA_NEAR_DUPLICATES: 2 test rows are near-duplicates of an earlier one (40.0 %); first e:2 as e:1",
      "e:2 one word apart from e:1 (84 % the same words)",
      "e:3 the words of e:1 in another order",
    ],
  ]);
});

test.each([{ areLabels: true }, { areLabels: false }])(
  "one question with two answers is a contradiction, and no row goes: %o",
  ({ areLabels }) => {
    const rows = rowsFrom(
      ["train", twelve, "a"],
      ["train", `please: ${twelve}s`, "b"],
      ["test", `can ${twelve}`, "c"],
      ...filler,
    );
    const [leak, near] = inspectOverlap(rows, areLabels);
    expect(near?.finding.detail).toMatch(/, 1 of them with another answer;/);
    expect(near?.evidence).toEqual([
      {
        place: { file: "t", line: 2 },
        reason: "78 % the same words as t:1; its answer differs",
        other: { file: "t", line: 1 },
      },
    ]);
    expect(leak?.evidence.map(({ remedy }) => remedy)).toEqual([undefined]);
  },
);

test.each([
  [
    "a slot",
    "how many rivers are there in the state of texas",
    "how many rivers are there in the state of idaho",
  ],
  [
    "a language",
    "write a function that sorts a list of names in PHP",
    "write a function that sorts a list of names in JavaScript",
  ],
  [
    "an order",
    "what is the cheapest flight from boston to denver",
    "what is the cheapest flight from denver to boston",
  ],
  ["a word more", "list all rivers that run through ohio", "list all major rivers that run through ohio"],
])("rows with different answers that differ by %s are not duplicates", (_, one, other) => {
  const pair = (answer: string): Row[] =>
    rowsFrom(["train", one, "a"], ["train", other, answer], ["test", other, answer], ...filler);
  const codes = (rows: Row[]): string[] => inspectOverlap(rows, false).map(({ finding }) => finding.code);
  expect(codes(pair("b"))).toEqual(["DATA_LEAK"]);
  expect(codes(pair("a"))).toEqual(["DATA_LEAK", "DATA_NEAR_DUPLICATES"]);
});

test("clean rows: nothing", () => {
  expect(inspectOverlap(rowsFrom(...filler, ["test", "what else"]), true)).toEqual([]);
});

test("DATA_LEAK_GROUP and DATA_LEAK_TIME", () => {
  const rows = rowsFrom(["train", "a"], ["train", "b"], ["test", "c"], ["test", "d"], ["validation", "e"]);
  const [group, ...rest] = observeGroups(rows, ["anna", "bert", "bert", null, "anna"]);
  expect(group?.finding.detail).toBe(
    "1 validation rows belong to one of 1 groups that train also has (100.0 %); first v:1 as t:1",
  );
  expect(rest.map(({ finding, evidence }) => [finding.code, evidence[0]?.reason])).toEqual([
    ["DATA_LEAK_GROUP", "group bert is that of t:2"],
  ]);
  const times = Float64Array.of(1, 5, 3, 6, 5);
  expect(observeTimes(rows, times).map(({ finding }) => `${finding.code}: ${finding.detail}`)).toEqual([
    "DATA_LEAK_TIME: 1 test rows are older than the newest training row (50.0 %); first e:1 is older than t:2",
  ]);
});
