/** @file Shapes of replies of the runs table, from which the page's types are generated. */
import type { JsonSchema } from "@tunewise/tracker/http";

const integer = { type: "integer", format: "int64" } as const;
const listOf = (items: JsonSchema): JsonSchema => ({ type: "array", items });
const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: "null" }] });
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const object = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});

const kind = { type: "string", enum: ["text", "number", "time", "curve"] } as const;

/** Shapes by name. */
export const tableShapes: Readonly<Record<string, JsonSchema>> = {
  TableNumber: {
    description: "A number. NaN and infinities, which JSON lacks, are strings.",
    anyOf: [{ type: "number" }, { type: "string", enum: ["NaN", "Infinity", "-Infinity"] }],
  },
  TableCell: {
    description:
      "By kind of column. text: a string of at most 300 characters; number, time: a number; curve: numbers by step. null: the run has no value.",
    anyOf: [{ type: "string" }, { type: "number" }, listOf(ref("TableNumber")), { type: "null" }],
  },
  TableColumn: object({
    name: { type: "string", description: "As requested." },
    kind: {
      ...kind,
      description:
        "time: milliseconds since 1970. Units: dollars for attributes.spent and attributes.waste, seconds for attributes.duration, percent for attributes.plan.",
    },
    values: listOf(ref("TableCell")),
    cut: { ...listOf(integer), description: "Indexes of truncated texts." },
  }),
  TableRows: object({ ids: listOf({ type: "string" }), columns: listOf(ref("TableColumn")) }),
  TableFigures: object({ mean: { type: "number" }, min: { type: "number" }, max: { type: "number" } }),
  TableGroup: object({
    values: {
      ...listOf({ anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }] }),
      description: "Values of the grouping columns; null: runs without a value.",
    },
    runs: integer,
    figures: {
      ...listOf(nullable(ref("TableFigures"))),
      description: "Statistics of finite numbers by requested column; null: not a numeric column.",
    },
  }),
  TableGroups: object({
    count: { ...integer, description: "Number of groups; the first 1,000 are listed." },
    groups: listOf(ref("TableGroup")),
  }),
  TablePage: object({
    revision: {
      type: "string",
      description:
        "Changes with every write to the store. Send it with the next page to keep the order while scrolling.",
    },
    total: { ...integer, description: "Number of matching runs." },
    offset: integer,
    ids: listOf({ type: "string" }),
    columns: listOf(ref("TableColumn")),
    pinned: nullable(ref("TableRows")),
    groups: nullable(ref("TableGroups")),
  }),
  NamedColumn: object({ name: { type: "string" }, kind, runs: integer }),
  NamedColumns: object({ columns: listOf(ref("NamedColumn")), more: { type: "boolean" } }),
  ColumnValue: object({
    value: { anyOf: [{ type: "string" }, ref("TableNumber")] },
    runs: integer,
  }),
  ColumnValues: object({ values: listOf(ref("ColumnValue")) }),
  RunOutcome: object({
    id: { type: "string" },
    outcome: { type: "string", enum: ["changed", "unchanged", "not_found", "ended", "deleted"] },
  }),
  RunOutcomes: object({ outcomes: listOf(ref("RunOutcome")) }),
  SavedView: object({
    name: { type: "string" },
    project: { ...nullable(integer), description: "null: private to its owner." },
    owner: { type: "string" },
    changed_ms: integer,
    state: { type: "object", description: "State as saved by the page." },
  }),
  SavedViews: object({ views: listOf(ref("SavedView")) }),
};

/** The shape of a name. */
export function tableShape(name: string): JsonSchema {
  return ref(name);
}
