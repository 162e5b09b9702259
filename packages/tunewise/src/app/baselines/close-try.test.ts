import type { Example } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { noScoringData, readAssertions, scorePredictions, writeAssertions } from "../../evaluate/index.ts";
import { contradictionsOf, promptfooTests } from "./close-try.ts";
import type { TriedArms } from "./try-arms.ts";

test("an arm whose answers equal the references and count as wrong is a finding that names it", () => {
  const references = ["select random()", "select 1"];
  const outcomes = [
    { value: 0, weight: 1 },
    { value: 1, weight: 1 },
  ];
  const armOf = (line: string, answers: readonly string[]) => ({
    line,
    answers: answers.map((answer) => ({ answer })),
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

const rowOf = (question: string, answer: string): Example =>
  ({
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: answer },
    ],
  }) as unknown as Example;

test.each([
  ["exact_match", "yes", { type: "equals", value: "yes" }],
  ["json_match", '{"a": 1}', { type: "equals", value: { a: 1 } }],
  ["json_schema", "{}", { type: "is-json", value: { type: "object" } }],
  ["regex", "12", { type: "regex", value: "^1" }],
  ["rouge_l", "a text", { type: "rouge-n", value: "a text" }],
  ["json_valid", "{}", { type: "is-json" }],
  ["contains", "yes", { type: "contains", value: "yes" }],
] as const)("%s", (metric, answer, assertion) => {
  const scoring = { ...noScoringData, pattern: "^1", schema: { type: "object" } };
  const tests = promptfooTests([rowOf("q?", answer)], metric, scoring);
  const written = JSON.parse(writeAssertions(tests));
  expect(written.tests).toEqual([
    { vars: { question: "q?", reference: answer }, assert: [{ ...assertion, metric }] },
  ]);
  expect(readAssertions(writeAssertions(tests), "t.json")).toMatchObject({ tests, findings: [] });
});

test("own assertions go with the rows they are meant for", () => {
  const { tests, defaultTest } = readAssertions(
    "tests: [{ vars: { city: Rome }, threshold: 0.5, assert: [{ type: icontains, value: italy }] }]",
    "p.yaml",
  );
  const [rome] = promptfooTests([rowOf("Where is Rome?", "Italy")], "assertions", {
    ...noScoringData,
    tests,
    defaultTest,
  });
  expect(rome).toMatchObject({ threshold: 0.5, assertions: [{ type: "icontains", value: "italy" }] });
});
