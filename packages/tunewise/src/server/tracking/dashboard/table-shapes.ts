/** @file Shapes of replies of the runs table, from which the page's types are generated. */
import type { JsonSchema } from "../../http/route.ts";

const integer = { type: "integer", format: "int64" } as const;
const listOf = (items: JsonSchema): JsonSchema => ({ type: "array", items });
const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: "null" }] });
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const object = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  ...{ type: "object", properties, required: Object.keys(properties) },
});

const kind = { type: "string", enum: ["text", "number", "time", "curve"] } as const;

/** Shapes by name. */
export const tableShapes: Readonly<Record<string, JsonSchema>> = {
  TableNumber: {
    description: "A number; those that JSON lacks come as texts.",
    anyOf: [{ type: "number" }, { type: "string", enum: ["NaN", "Infinity", "-Infinity"] }],
  },
  TableCell: {
    description:
      "By the column's kind: text a text of at most 300 letters, number and time a number, curve a list of numbers over steps. null: the run has none.",
    anyOf: [{ type: "string" }, { type: "number" }, listOf(ref("TableNumber")), { type: "null" }],
  },
  TableColumn: object({
    name: { type: "string", description: "As it was asked for." },
    kind: {
      ...kind,
      description:
        "time: milliseconds since 1970. Money (attributes.spent, attributes.waste) is in dollars, attributes.duration in seconds, attributes.plan in percent.",
    },
    values: listOf(ref("TableCell")),
    cut: { ...listOf(integer), description: "Places of texts that are longer than what stands there." },
  }),
  TableRows: object({ ids: listOf({ type: "string" }), columns: listOf(ref("TableColumn")) }),
  TableFigures: object({ mean: { type: "number" }, min: { type: "number" }, max: { type: "number" } }),
  TableGroup: object({
    values: {
      ...listOf({ anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }] }),
      description: "By the columns of the grouping; null: the runs without one.",
    },
    runs: integer,
    figures: {
      ...listOf(nullable(ref("TableFigures"))),
      description: "Of finite numbers, by the columns asked for; null for one that is none.",
    },
  }),
  TableGroups: object({
    count: { ...integer, description: "How many there are; the first 1,000 are listed." },
    groups: listOf(ref("TableGroup")),
  }),
  TablePage: object({
    revision: {
      type: "string",
      description: "Changes with everything in the store. Sent back, it keeps the order while one scrolls.",
    },
    total: { ...integer, description: "Runs that fit." },
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
    project: { ...nullable(integer), description: "null: its owner's alone." },
    owner: { type: "string" },
    changed_ms: integer,
    state: { type: "object", description: "As the page saved it." },
  }),
  SavedViews: object({ views: listOf(ref("SavedView")) }),
};

/** The shape of a name. */
export function tableShape(name: string): JsonSchema {
  return ref(name);
}
