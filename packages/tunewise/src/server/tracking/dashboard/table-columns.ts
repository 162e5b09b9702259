/**
 * @file Columns of the table of runs by their names: `metrics.KEY`, `params.KEY`, `tags.KEY`, `curve.KEY`,
 * `attributes.NAME`.
 */
import type { RunAttribute, TableColumn } from "@tunewise/tracker";
import { HttpError } from "@tunewise/tracker/http";
import { entityOf } from "@tunewise/tracker/server";

/** Attributes by name, including MLflow's names. */
const attributes: Readonly<Record<string, RunAttribute>> = {
  run_id: "run_id",
  name: "name",
  run_name: "name",
  "run name": "name",
  "Run name": "name",
  "Run Name": "name",
  status: "status",
  client: "client",
  project: "project",
  purpose: "purpose",
  person: "person",
  user_id: "person",
  start_time: "start_time",
  created: "start_time",
  Created: "start_time",
  end_time: "end_time",
  last_seen: "last_seen",
  duration: "duration",
  spent: "spent",
  waste: "waste",
  waste_kind: "waste_kind",
  plan: "plan",
};

/** Names of attributes, for errors. */
const attributeNames = [...new Set(Object.values(attributes))].join(", ");

/** The attribute of a name, or `null`. */
export function attributeOf(name: string): RunAttribute | null {
  return Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null;
}

/** @throws {HttpError} 400 for an unknown attribute */
export function requireAttribute(name: string): RunAttribute {
  const attribute = attributeOf(name);
  if (attribute) return attribute;
  throw new HttpError(
    400,
    "unknown_column",
    `There is no attribute ${shown(name)}; there are ${attributeNames}.`,
  );
}

/**
 * Returns the column of a name. Everything after the first dot is the key, without quoting.
 *
 * @throws {HttpError} 400 for an unknown name
 */
export function columnOf(name: string): TableColumn {
  const dot = name.indexOf(".");
  const [entity, key] = dot < 0 ? [null, name] : [name.slice(0, dot), name.slice(dot + 1)];
  if (entity === "curve" || entity === "curves") return { of: "curve", key };
  const of = entityOf(entity);
  if (of === "attribute") return { of, name: requireAttribute(key) };
  if (of === "metric" || of === "param" || of === "tag") return { of, key };
  throw new HttpError(
    400,
    "unknown_column",
    `${shown(name)} is no column: names are metrics.KEY, params.KEY, tags.KEY, curve.KEY or attributes.NAME.`,
  );
}

const entities = { metric: "metrics", param: "params", tag: "tags", curve: "curve" } as const;

/** The canonical name of a column. */
export function nameOfColumn(column: TableColumn): string {
  return column.of === "attribute" ? `attributes.${column.name}` : `${entities[column.of]}.${column.key}`;
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
