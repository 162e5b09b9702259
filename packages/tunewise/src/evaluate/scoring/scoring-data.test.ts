import { expect, test } from "vitest";
import { scoreAssertions } from "./assertion-scores.ts";
import { rowScorers } from "./row-scorers.ts";
import { noFacts, noScoringData } from "./scoring-data.ts";

test("with nothing at hand no row counts for a score that needs something", () => {
  const unjudged = { value: 0, weight: 0 };
  expect(rowScorers.regex("a", "a", noScoringData)).toEqual(unjudged);
  expect(rowScorers.json_schema("{}", "{}", noScoringData)).toEqual(unjudged);
  expect(scoreAssertions(["a"], noFacts, noScoringData).outcomes).toEqual([unjudged]);
});

test("nothing known is a row of nothing, whichever it is", () => {
  const tests = [{ vars: { city: "Bonn" }, assertions: [], threshold: null }];
  const asked = { ...noScoringData, tests };
  expect(scoreAssertions(["a", "b"], noFacts, asked).facts["rows_without_test"]).toBe(2);
  expect(
    [noFacts.questions, noFacts.costsUsd, noFacts.latenciesMilliseconds, noScoringData.tests].map(
      ({ length }) => length,
    ),
  ).toEqual([...[0, 0, 0, 0]]);
});
