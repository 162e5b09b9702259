import { expect, test } from "vitest";
import type { Example } from "../../dataset/index.ts";
import { noScoringData, readAssertions, writeAssertions } from "../../evaluate/index.ts";
import { promptfooTests } from "./promptfoo-tests.ts";

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
