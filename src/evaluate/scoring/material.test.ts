import { expect, test } from "vitest";
import { scoreAssertions } from "./assertion-scores.ts";
import { noFacts, noMaterial } from "./material.ts";
import { rowScorers } from "./row-scorers.ts";

test("with nothing at hand no row counts for a score that needs something", () => {
  const unjudged = { value: 0, weight: 0 };
  expect(rowScorers.regex("a", "a", noMaterial)).toEqual(unjudged);
  expect(rowScorers.json_schema("{}", "{}", noMaterial)).toEqual(unjudged);
  expect(scoreAssertions(["a"], noFacts, noMaterial).outcomes).toEqual([unjudged]);
});

test("nothing known is a row of nothing, whichever it is", () => {
  const tests = [{ vars: { city: "Bonn" }, assertions: [], threshold: null }];
  const asked = { ...noMaterial, tests };
  expect(scoreAssertions(["a", "b"], noFacts, asked).facts["rows_without_test"]).toBe(2);
  expect(
    [noFacts.questions, noFacts.costsUsd, noFacts.latenciesMilliseconds, noMaterial.tests].map(
      ({ length }) => length,
    ),
  ).toEqual([...[0, 0, 0, 0]]);
});
