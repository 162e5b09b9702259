import { expect, test } from "vitest";
import { type RowScorerName, type RowScorerSettings, rowScorers } from "./row-scorers.ts";
import { noScoringData } from "./scoring-data.ts";

test.each<[RowScorerName, string, string, Partial<RowScorerSettings>, number, number]>([
  ["contains", "It is Paris.", " Paris ", {}, 1, 1],
  ["contains", "It is paris.", "Paris", {}, 0, 1],
  ["regex", "order 1234", "", { pattern: "\\d{4}" }, 1, 1],
  ["regex", "order 12", "", { pattern: "\\d{4}" }, 0, 1],
  ["regex", `${"a".repeat(40)}!`, "", { pattern: "^(a+)+$" }, 0, 0],
  ["regex", "order 1234", "order", {}, 0, 0],
  ["json_schema", '{"a": 1}', "", { schema: { required: ["a"] } }, 1, 1],
  ["json_schema", "no json", "", { schema: { type: "object" } }, 0, 1],
  ["json_schema", "{}", "{}", {}, 0, 0],
  ["sql_match", "SELECT a FROM t", "select a from t;", {}, 1, 1],
  ["sql_match", "```sql\nSELECT a FROM t\n```", "select a from t;", {}, 1, 1],
])("%s of %s", (name, answer, reference, settings, value, weight) => {
  expect(rowScorers[name](answer, reference, { ...noScoringData, ...settings })).toEqual({ value, weight });
});
