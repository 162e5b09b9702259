/** @file Columns of the table of runs: their contents, and their SQL. */
import type { Dialect } from "../database/dialect.ts";
import type { SqlPart } from "../database/search.ts";
import { purposeTag } from "../ledger/spend.ts";
import { isJudged } from "../ledger/waste.ts";
import { secondsOfRuns } from "../tracking/duration.ts";
import { openList } from "../tracking/runs.ts";

/**
 * Attributes of a run itself. Money is in dollars, `duration` in seconds, times in milliseconds since 1970
 * (`last_seen`: only for runs that have not ended). `plan` is the deviation of the paid time from the plan's median, in
 * percent.
 */
export type RunAttribute =
  | ("run_id" | "name" | "status" | "client" | "person" | "project" | "purpose" | "waste_kind")
  | ("start_time" | "end_time" | "last_seen" | "duration" | "spent" | "waste" | "plan");

/** A column: the latest value of a metric, a parameter, a tag, an attribute, or a sparkline of a metric. */
export type TableColumn =
  | { readonly of: "metric" | "param" | "tag" | "curve"; readonly key: string }
  | { readonly of: "attribute"; readonly name: RunAttribute };

/** Type of a column's cells; a curve is a list of numbers. */
export type ColumnKind = "text" | "number" | "time" | "curve";

/** An attribute as SQL over a row of `runs`. */
export interface AttributeSource {
  readonly sql: string;
  readonly kind: Exclude<ColumnKind, "curve">;
  /** Whether it may be NULL. */
  readonly isNullable: boolean;
}

const source = (
  sql: string,
  kind: AttributeSource["kind"] = "text",
  isNullable = false,
): AttributeSource => ({
  sql,
  kind,
  isNullable,
});

const isProduction = `runs.purpose = 'production' OR EXISTS (SELECT 1 FROM tags said WHERE said.run = runs.number
  AND said.key = '${purposeTag}' AND said.value = 'production')`;

/** The tag with a run's planned duration in integer milliseconds. */
export const plannedTag = "tunewise.planned_ms";

/**
 * The tag's value, if it is a number of at most twelve digits; otherwise NULL. This form of `trim` works in both
 * databases.
 */
const plannedMs = `(SELECT CASE WHEN trim(f.value, '0123456789') = '' AND length(f.value) BETWEEN 1 AND 12
  THEN nullif(CAST(f.value AS BIGINT), 0) END FROM tags f WHERE f.run = runs.number AND f.key = '${plannedTag}')`;

/** SQL of all attributes. A run that has not ended lasts until its last activity. */
export const attributeSources: Readonly<Record<RunAttribute, AttributeSource>> = {
  run_id: source("runs.id"),
  name: source("runs.name"),
  status: source("runs.status"),
  client: source("runs.client"),
  person: source("runs.person"),
  project: source("(SELECT p.name FROM projects p WHERE p.number = runs.project)"),
  purpose: source(`CASE WHEN ${isProduction} THEN 'production' ELSE 'experiment' END`),
  start_time: source("runs.started_ms", "time"),
  end_time: source("runs.ended_ms", "time", true),
  duration: source(secondsOfRuns, "number"),
  last_seen: source(`CASE WHEN runs.status IN (${openList}) THEN runs.seen_ms END`, "time", true),
  spent: source("runs.spent_micro_usd / 1000000.0", "number"),
  waste: source(`CASE WHEN ${isJudged} THEN runs.waste_micro_usd / 1000000.0 END`, "number", true),
  plan: source(
    `CASE WHEN runs.status NOT IN ('running', 'scheduled') AND runs.wall_seconds > 0
      THEN 100000.0 * runs.wall_seconds / ${plannedMs} - 100.0 END`,
    "number",
    true,
  ),
  waste_kind: source(`CASE WHEN ${isJudged} THEN nullif(runs.waste_kind, '') END`, "text", true),
};

/** The type of a column's cells. */
export function kindOfColumn(column: TableColumn): ColumnKind {
  if (column.of === "attribute") return attributeSources[column.name].kind;
  if (column.of === "metric") return "number";
  return column.of === "curve" ? "curve" : "text";
}

/** Tables of key-value facts. */
export const factTables = { param: "params", tag: "tags" } as const;

/**
 * Parses a text as a number, such as a learning rate among parameters. Both databases apply the same rule.
 *
 * @source `numericText` of each dialect below
 */
export function numberIn(text: string): number | null {
  return /^[-+]?(\d{1,40}\.?\d{0,40}|\.\d{1,40})([eE][-+]?\d{1,2})?$/.test(text) ? Number(text) : null;
}

/**
 * SQL that converts a text column to a number; NULL if the text is not a number.
 *
 * SQLite: in a comparison with a real number, a text that is a number is converted, and any other text compares as
 * larger.
 *
 * @source sqlite.org/datatype3.html, section 4.2; postgresql.org/docs/15/functions-matching.html
 */
export function numericText({ name }: Dialect, column: string): string {
  if (name === "postgres") {
    const number = "^[-+]{0,1}([0-9]{1,40}[.]{0,1}[0-9]{0,40}|[.][0-9]{1,40})([eE][-+]{0,1}[0-9]{1,2}){0,1}$";
    return `CASE WHEN ${column} ~ '${number}' THEN ${column}::float8 END`;
  }
  const others = ["*[^-+.0-9eE]*", "*[eE][0-9][0-9][0-9]*", "*[eE][-+][0-9][0-9][0-9]*"];
  const plain = others.map((glob) => `${column} NOT GLOB '${glob}'`).join(" AND ");
  return `CASE WHEN length(${column}) <= 86 AND ${plain} AND ${column} <= CAST('9e999' AS REAL)
    THEN CAST(${column} AS REAL) END`;
}

/** The runs that a query covers, before any filter. */
export interface TableScope {
  /** Project numbers; `null`: all projects. */
  readonly projects: readonly number[] | null;
  /** A condition on rows of `projects`; `null`: all projects may be read. */
  readonly readable: SqlPart | null;
  readonly stage: "active" | "deleted";
}

/** The scope as conditions on `runs`. */
export function scopeParts({ projects, readable, stage }: TableScope): SqlPart[] {
  return [
    ...(projects === null
      ? []
      : [{ sql: `runs.project IN (${projects.map(() => "?").join(", ") || "NULL"})`, values: projects }]),
    ...(readable === null
      ? []
      : [
          {
            sql: `runs.project IN (SELECT projects.number FROM projects WHERE ${readable.sql})`,
            values: readable.values,
          },
        ]),
    { sql: "runs.stage = ?", values: [stage] },
  ];
}

/** Combines conditions with AND. */
export function allOf(parts: readonly SqlPart[]): SqlPart {
  if (parts.length === 0) return { sql: "1 = 1", values: [] };
  return {
    sql: parts.map(({ sql }) => sql).join(" AND "),
    values: parts.flatMap(({ values }) => values),
  };
}
