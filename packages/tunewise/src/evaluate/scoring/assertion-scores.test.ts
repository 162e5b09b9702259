import { expect, test } from "vitest";
import { scoreAssertions, testFinder } from "./assertion-scores.ts";
import { readAssertions } from "./read-assertions.ts";
import { noFacts, noScoringData } from "./scoring-data.ts";

const { tests, defaultTest } = readAssertions(
  `defaultTest: { assert: [{ type: not-icontains, value: sorry }] }
tests:
  - { vars: { city: Paris }, assert: [{ type: icontains, value: france }] }
  - { vars: { city: Paris, year: 1850 }, assert: [{ type: contains, value: republic }] }
  - { vars: { city: Bonn }, assert: [{ type: llm-rubric, value: polite }] }`,
  "p.yaml",
);

test("a row takes the test whose variables stand in its question, and of several the one that says most", () => {
  const find = testFinder(tests, defaultTest);
  const meant = (question: string) => find(question)?.assertions.map(({ value }) => value);
  expect(meant("Where is Paris?")).toEqual(["sorry", "france"]);
  expect(meant("Where was Paris in 1850?")).toEqual(["sorry", "republic"]);
  expect(meant("Where is Rome?")).toEqual(["sorry"]);
  expect(testFinder(tests, null)("Where is Rome?")).toBeNull();
});

test("variables that are no text are looked for as they are written; a test without any is meant for no row", () => {
  const read = readAssertions(
    JSON.stringify({
      tests: [
        { vars: {}, assert: [{ type: "contains", value: "none" }] },
        { vars: { year: 1850, note: "" }, assert: [{ type: "contains", value: "year" }] },
        { vars: { list: [1, 2] }, assert: [{ type: "contains", value: "list" }] },
      ],
    }),
    "p.json",
  );
  const find = testFinder(
    [...read.tests, { vars: { odd: undefined }, assertions: [], threshold: null }],
    null,
  );
  expect(
    ["in 1850", "of [1,2]", "of 1,2"].map((question) => find(question)?.assertions[0]?.value ?? null),
  ).toEqual([...["year", "list", null]]);
});

test("costs and latencies are those of the row, and what was not measured is not judged", () => {
  const { defaultTest: limits } = readAssertions(
    '[{"type": "cost", "threshold": 1}, {"type": "latency", "threshold": 100}]',
    "a.json",
  );
  const about = { questions: [], costsUsd: [1, 1, 2], latenciesMilliseconds: [50, 200, 50] };
  const { outcomes, facts, outside } = scoreAssertions(["", "", "", ""], about, {
    ...noScoringData,
    defaultTest: limits,
  });
  expect(outcomes.map(({ value, weight }) => [value, weight])).toEqual([
    [1, 1],
    [0, 1],
    [0, 1],
    [0, 0],
  ]);
  expect({ ...facts, outside }).toEqual({
    mean_score: 2 / 3,
    rows_without_test: 0,
    not_judged: 1,
    outside: 0,
  });
});

test("no row, or none that is judged, has a mean of 0", () => {
  const empty = { ...noScoringData, defaultTest: { vars: {}, assertions: [], threshold: null } };
  expect(scoreAssertions(["a"], noFacts, empty)).toEqual({
    outcomes: [{ value: 0, weight: 0 }],
    outside: 1,
    facts: { mean_score: 0, rows_without_test: 1, not_judged: 0 },
  });
});

test("rows without a test, and those that nobody here can judge, do not count", () => {
  const questions = ["Where is Paris?", "Paris again", "Bonn", "Rome"];
  const answers = ["In France.", "Sorry, France?", "Hello", "Italy"];
  const { outcomes, facts } = scoreAssertions(
    answers,
    { ...noFacts, questions },
    { ...noScoringData, tests, defaultTest },
  );
  expect(outcomes).toEqual([
    { value: 1, weight: 1 },
    { value: 0, weight: 1 },
    { value: 0, weight: 0 },
    { value: 1, weight: 1 },
  ]);
  expect(facts).toEqual({ mean_score: (1 + 0.5 + 1) / 3, rows_without_test: 0, not_judged: 1 });
  const bare = scoreAssertions(answers, { ...noFacts, questions }, { ...noScoringData, tests });
  expect(bare.outcomes.map(({ weight }) => weight)).toEqual([1, 1, 0, 0]);
  expect(bare.facts["rows_without_test"]).toBe(1);
});
