/**
 * @file Scores of rows beside the recipe's metrics, as a table: whoever compares arms needs an outcome for each row.
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
  /** `regex`: for every row; default the row's reference. */
  readonly pattern?: string;
  /** `json_schema`: for every row; default the row's reference, read as a schema. */
  readonly schema?: JsonSchema;
}

/** Right or wrong for each row; weight 0 where a row cannot be judged, such as a pattern that takes too long. */
export const rowScorers: Readonly<
  Record<RowScorerName, (answer: string, reference: string, settings: RowScorerSettings) => RowOutcome>
> = {
  contains: (answer, reference) => outcome(answer.includes(reference.trim())),
  regex: (answer, reference, { pattern }) => outcome(searchPattern(pattern ?? reference, answer)),
  json_schema: (answer, reference, { schema }) => {
    const asked = schema ?? (readJson(reference)?.value as JsonSchema | undefined);
    if (asked === undefined || asked === null) return outcome(null);
    const json = readJson(answer);
    return outcome(json !== null && isValid(json.value, asked));
  },
  sql_match: (answer, reference) => outcome(matchesSql(answer, reference)),
};

function outcome(isRight: boolean | null): RowOutcome {
  return { value: isRight ? 1 : 0, weight: isRight === null ? 0 : 1 };
}
