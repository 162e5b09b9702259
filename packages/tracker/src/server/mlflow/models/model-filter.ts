/**
 * @file Converts a search of logged models to conditions and an order for the store.
 *
 * @source mlflow/mlflow mlflow/utils/search_logged_model_utils.py
 */
import type { MetricData, ModelColumn, ModelCondition, ModelField, ModelSearch } from "../../../index.ts";
import { type Fields, fieldsOf, invalid, itemField, list, listOf, type Shape } from "../fields.ts";
import { type Clause, invalidFilter, numberClause, readClauses, textClause } from "../filter/clauses.ts";
import { boundedText, someText } from "./checks.ts";

const columns: ReadonlyMap<string, ModelColumn> = new Map([
  ["name", "name"],
  ["model_id", "id"],
  ["model_type", "kind"],
  ["status", "status"],
  ["source_run_id", "source_run"],
  ["creation_time", "created_ms"],
  ["creation_timestamp", "created_ms"],
  ["creation_timestamp_ms", "created_ms"],
  ["last_updated_time", "changed_ms"],
  ["last_updated_timestamp", "changed_ms"],
  ["last_updated_timestamp_ms", "changed_ms"],
]);

const maxItems = 100;

/** Parsed fields of a search. */
interface AskedModels {
  readonly filter: string | undefined;
  readonly datasets: readonly MetricData[];
  readonly order_by: readonly Fields[];
}

/** Schemas of `AskedModels`. */
export const modelSearchFields: Shape<AskedModels> = {
  filter: boundedText(20_000),
  datasets: list({ items: { type: "object" } }, (items) => few(items, "datasets").map(readData)),
  order_by: list(listOf("ModelOrder"), (items) => few(items, "order_by")),
};

/** Conditions and order of a request. */
export function readModelSearch({
  filter = "",
  datasets,
  order_by,
}: AskedModels): Pick<ModelSearch, "conditions" | "measuredOn" | "order"> {
  const conditions = readClauses(filter).map((clause) => conditionOf(clause, datasets));
  const hasMetric = conditions.some(({ field }) => field.of === "metric");
  return {
    conditions,
    measuredOn: hasMetric ? [] : datasets,
    order: order_by.map((item) => {
      const { ascending } = item;
      if (ascending !== undefined && typeof ascending !== "boolean") throw invalid("ascending", ascending);
      return { field: orderField(item, datasets), ascending: ascending ?? true };
    }),
  };
}

function few(items: readonly unknown[], name: string): Fields[] {
  if (items.length > maxItems) throw invalid(name, items.length, `at most ${maxItems}`);
  return items.map(fieldsOf);
}

function readData(item: Fields): MetricData {
  return {
    name: itemField(item, "dataset_name", someText()),
    digest: itemField(item, "dataset_digest", boundedText()) || null,
  };
}

function conditionOf(clause: Clause, data: readonly MetricData[]): ModelCondition {
  const { key } = clause;
  const entity = clause.entity ?? "";
  if (/^metrics?$/.test(entity))
    return { ...numberClause(clause, false), field: { of: "metric", key, data } };
  if (/^(params?|parameters?)$/.test(entity)) return { ...textClause(clause), field: { of: "param", key } };
  if (/^tags?$/.test(entity)) return { ...textClause(clause), field: { of: "tag", key } };
  if (!/^(|attr|attributes?)$/.test(entity)) throw invalidFilter(`'${entity}' is no kind of property`);
  const column = columns.get(key);
  if (!column) throw invalidFilter(`'${key.slice(0, 100)}' is no property of a logged model`);
  const field: ModelField = { of: "model", column };
  if (column.endsWith("_ms")) return { ...numberClause(clause, true), field };
  if (column !== "status") return { ...textClause(clause), field };
  return { ...textClause(clause), values: statusesOf(clause), field };
}

const statuses = ["UNSPECIFIED", "PENDING", "READY", "FAILED"];

function statusesOf({ values, comparison }: Clause): string[] {
  if (comparison.endsWith("LIKE")) throw invalidFilter(`${comparison} does not compare statuses`);
  return values.map((value) => {
    if (!statuses.includes(String(value))) throw invalidFilter(`a status is one of ${statuses.join(", ")}`);
    return String(value).toLowerCase();
  });
}

/** A property or `metrics.NAME`, possibly restricted to one dataset. */
function orderField(item: Fields, data: readonly MetricData[]): ModelField {
  const name = itemField(item, "field_name", someText(1000)).trim();
  const [, key] = /^metrics\.(.+)$/.exec(name) ?? [];
  const hasData = Boolean(itemField(item, "dataset_name", boundedText()));
  if (!hasData && itemField(item, "dataset_digest", boundedText())) {
    throw invalid("dataset_digest", item["dataset_digest"], "dataset_name has to be given with it");
  }
  if (key) {
    return { of: "metric", key: key.replace(/^`(.*)`$/, "$1"), data: hasData ? [readData(item)] : data };
  }
  const column = columns.get(name);
  if (!column) throw invalid("order_by", name, "it is neither a property nor metrics.NAME");
  return { of: "model", column };
}
