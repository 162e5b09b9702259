import { expect, test } from "vitest";
import { scorePredictions } from "../../evaluate/index.ts";
import { contradictionsOf } from "./close-try.ts";
import type { TriedArms } from "./try-arms.ts";

test("an arm whose answers equal the references and count as wrong is a finding that names it", () => {
  const references = ["select random()", "select 1"];
  const outcomes = [
    { value: 0, weight: 1 },
    { value: 1, weight: 1 },
  ];
  const armOf = (line: string, answers: readonly string[]) => ({
    ...{ line, answers: answers.map((answer) => ({ answer })) },
    scores: scorePredictions(
      ["sql_execution", "exact_match"],
      { answers, established: { sql_execution: outcomes } },
      references,
    ),
  });
  const arms = [armOf("far", references), armOf("near", ["select 2", "select 1"])];
  const found = contradictionsOf({ arms: arms as unknown as TriedArms["arms"], references });
  expect(found.map(({ code, severity, count }) => [code, severity, count])).toEqual([
    ["SCORE_CONTRADICTS", "warning", 1],
  ]);
  expect(found[0]?.detail).toBe(
    "far: 1 of 2 answers that equal their references are not right by sql_execution (same result of SQL), the first to row 1",
  );
});
