/**
 * @file Metrics that judge a row by itself and right or wrong, as a table.
 */
import { searchPattern } from "../../dataset/index.ts";
import { readJson } from "../json-match.ts";
import type { RowOutcome } from "../score.ts";
import { isValid, type JsonSchema } from "./json-schema.ts";
import { matchesSql } from "./sql-match.ts";

/** A score of the table. */
export type RowScorerName = "contains" | "regex" | "json_schema" | "sql_match";

/** What a score may need beside the row. */
export interface RowScorerSettings {
  /** `regex`; `null`: no row can be judged by it. */
  readonly pattern: string | null;
  /** `json_schema`; `null`: no row can be judged by it. */
  readonly schema: JsonSchema | null;
}

/** Right or wrong for each row; weight 0 where a row cannot be judged, such as a pattern that takes too long. */
export const rowScorers: Readonly<
  Record<RowScorerName, (answer: string, reference: string, settings: RowScorerSettings) => RowOutcome>
> = {
  contains: (answer, reference) => outcome(answer.includes(reference.trim())),
  regex: (answer, _, { pattern }) => outcome(pattern === null ? null : searchPattern(pattern, answer)),
  json_schema: (answer, _, { schema }) => {
    if (schema === null) return outcome(null);
    const json = readJson(answer);
    return outcome(json !== null && isValid(json.value, schema));
  },
  sql_match: (answer, reference) => outcome(matchesSql(answer, reference)),
};

function outcome(isRight: boolean | null): RowOutcome {
  return { value: isRight ? 1 : 0, weight: isRight === null ? 0 : 1 };
}
