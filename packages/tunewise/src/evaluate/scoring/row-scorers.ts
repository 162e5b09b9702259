/** @file The table of metrics that score each row independently as right or wrong. */
import { fitsSchema, type JsonSchema, searchPattern } from "@tunewise/datacheck/dataset";
import { readJson } from "../json-match.ts";
import type { RowOutcome } from "../score.ts";
import { matchesSql } from "./sql-match.ts";

/** Name of a row scorer. */
export type RowScorerName = "contains" | "regex" | "json_schema" | "sql_match";

/** Data that a scorer may need besides the row. */
export interface RowScorerSettings {
  /** For `regex`; `null` if it cannot score any row. */
  readonly pattern: string | null;
  /** For `json_schema`; `null` if it cannot score any row. */
  readonly schema: JsonSchema | null;
}

/** Right or wrong for each row; weight 0 if a row cannot be scored, for example because a pattern takes too long. */
export const rowScorers: Readonly<
  Record<RowScorerName, (answer: string, reference: string, settings: RowScorerSettings) => RowOutcome>
> = {
  contains: (answer, reference) => outcome(answer.includes(reference.trim())),
  regex: (answer, _, { pattern }) => outcome(pattern === null ? null : searchPattern(pattern, answer)),
  json_schema: (answer, _, { schema }) => {
    if (schema === null) return outcome(null);
    const json = readJson(answer);
    return outcome(json !== null && fitsSchema(json.value, schema));
  },
  sql_match: (answer, reference) => outcome(matchesSql(answer, reference)),
};

function outcome(isRight: boolean | null): RowOutcome {
  return { value: isRight ? 1 : 0, weight: isRight === null ? 0 : 1 };
}
