/**
 * @file Converts MLflow's filter and order of experiments to conditions on projects.
 *
 * @source mlflow/mlflow mlflow/utils/search_utils.py, SearchExperimentsUtils
 */
import type { Comparator, ProjectCondition, ProjectField, ProjectQuery } from "../../../index.ts";
import { invalidParameter } from "../refuse.ts";
import { type Clause, readClauses, readOrderItem } from "./clauses.ts";

const columns = { name: "name", creation_time: "created_ms", last_update_time: "changed_ms" } as const;
const maxOrder = 20;

/**
 * Parses a filter of experiments.
 *
 * @throws {HttpError} for an invalid filter or comparison
 */
export function readExperimentFilter(text: string): ProjectCondition[] {
  return readClauses(text).map(conditionOf);
}

/**
 * Parses an order of experiments, by default the newest first.
 *
 * @throws {HttpError} for an invalid one
 */
export function readExperimentOrder(items: readonly string[]): ProjectQuery["order"] {
  if (items.length > maxOrder) throw invalidParameter(`An order may have ${maxOrder} items at most.`);
  const given = items.length > 0 ? items : ["creation_time DESC", "experiment_id ASC"];
  return given.map((item) => {
    const { entity, key, ascending } = readOrderItem(item);
    if (isAttribute(entity) && key === "experiment_id") return { column: "number", ascending };
    const field = fieldOf(entity, key);
    if (field.of === "tag") throw invalidParameter("Invalid order_by entity: tag");
    return { column: field.column, ascending };
  });
}

const texts: readonly Comparator[] = ["=", "!=", "LIKE", "ILIKE"];
const allowed: Readonly<Record<"tag" | "name" | "time", readonly Comparator[]>> = {
  tag: [...texts, "IS NULL", "IS NOT NULL"],
  name: [...texts, "IN", "NOT IN"],
  time: ["=", "!=", "<", "<=", ">", ">="],
};

function conditionOf({ entity, key, comparison, values }: Clause): ProjectCondition {
  const field = fieldOf(entity, key);
  const kind = field.of === "tag" ? "tag" : field.column === "name" ? "name" : "time";
  if (!allowed[kind].includes(comparison)) {
    throw invalidParameter(`Invalid comparator '${comparison}' not one of '${allowed[kind].join(", ")}'.`);
  }
  const expected = kind === "time" ? "number" : "string";
  if (values.some((value) => typeof value !== expected)) {
    throw invalidParameter(
      kind === "time" ? "Expected a number for a time." : "Expected a quoted string value.",
    );
  }
  if (kind === "time" && !values.every(Number.isSafeInteger)) {
    throw invalidParameter("A time is a whole number of milliseconds.");
  }
  return { field, comparison, values };
}

function isAttribute(entity: string | null): boolean {
  return entity === null || entity === "attribute" || entity === "attributes" || entity === "attr";
}

function fieldOf(entity: string | null, key: string): ProjectField {
  if (entity === "tag" || entity === "tags") return { of: "tag", key };
  const shown = (text: string): string => text.slice(0, 60);
  if (!isAttribute(entity)) {
    throw invalidParameter(
      `Invalid entity type '${shown(entity ?? "")}'. Valid entity types are ('attribute', 'tag', 'tags')`,
    );
  }
  if (Object.hasOwn(columns, key)) return { of: "project", column: columns[key as keyof typeof columns] };
  throw invalidParameter(
    `Invalid attribute key '${shown(key)}' specified. Valid keys are name, creation_time, last_update_time.`,
  );
}
