/** @file Severities in a recipe: they raise, lower and ignore the named findings and leave the others unchanged. */
import { expect, test } from "vitest";
import { type Finding, findingOf } from "../problem/index.ts";
import { type ChecksSection, defaultChecks as usual } from "../recipe/index.ts";
import { gradeFindings, gradeObservations } from "./grade-findings.ts";

const found: readonly Finding[] = [
  findingOf(
    "DATA_LEAK",
    "warning",
    { split: "test", other: "train", count: 1, percent: "1", first: "a" },
    [],
    1,
  ),
  findingOf("DATA_ANSWER_SHORT", "warning", { split: "test", count: 1, first: "a" }, [], 1),
  findingOf("DATA_ORIGIN_UNKNOWN", "error", { file: "a", column: "b" }, [], 1),
];

test("the recipe raises, lowers and ignores by code", () => {
  const checks: ChecksSection = {
    ...usual,
    error: ["DATA_LEAK"],
    warning: ["DATA_ORIGIN_UNKNOWN"],
    ignore: ["DATA_ANSWER_SHORT"],
  };
  const graded = gradeFindings(found, checks);
  expect(graded.map(({ code, severity }) => [code, severity])).toEqual([
    ["DATA_LEAK", "error"],
    ["DATA_ORIGIN_UNKNOWN", "warning"],
  ]);
  const observations = found.map((finding) => ({ finding, about: {}, evidence: [] }));
  expect(gradeObservations(observations, checks).map(({ finding }) => finding)).toEqual(graded);
});

test("an empty section leaves everything as it is", () => {
  expect(gradeFindings(found, usual)).toEqual(found);
});
