/**
 * @file SQL for the scanner: no values are followed, words are looked at in their statements.
 */
import { anyOf, type Language } from "../engine/language.ts";
import { lowerSql } from "./sql-statements.ts";

const never = { test: (): boolean => false };

/** SQL in all its dialects. */
export const sql: Language = {
  ...{ name: "sql", lower: lowerSql, sources: [], cleaners: {}, renames: {} },
  ...{ passes: new Set(), keeps: new Set(), asks: new Set(), fills: new Set(), ends: new Set() },
  ...{ checks: never, resolves: new Set(), answers: never, request: never, trusted: never },
  ...{ plainTypes: anyOf(), self: "!self" },
};
