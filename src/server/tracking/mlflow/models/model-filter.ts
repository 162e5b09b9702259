/**
 * @file What a search of logged models asks for, as the store understands it.
 *
 * @source mlflow/mlflow mlflow/utils/search_logged_model_utils.py
 */
import type {
  MetricData,
  ModelColumn,
  ModelCondition,
  ModelField,
  ModelSearch,
} from "../../../../track/index.ts";
import { type Fields, fieldsOf, invalid, listField } from "../fields.ts";
import { boundedText, someText } from "./checks.ts";
import { type Clause, numberClause, readFilter, textClause, wrong } from "./filter.ts";

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

const itemsMost = 100;

/** Conditions and order of a request. */
export function readModelSearch(fields: Fields): Pick<ModelSearch, "conditions" | "measuredOn" | "order"> {
  const data = fewItems(fields, "datasets").map(readData);
  const clauses = readFilter(boundedText(fields, "filter") ?? "");
  const conditions = clauses.map((clause) => conditionOf(clause, data));
  const hasMetric = conditions.some(({ field }) => field.of === "metric");
  return {
    conditions,
    measuredOn: hasMetric ? [] : data,
    order: fewItems(fields, "order_by").map((item) => {
      const { ascending } = item;
      if (ascending !== undefined && typeof ascending !== "boolean") throw invalid("ascending", ascending);
      return { field: orderField(item, data), ascending: ascending ?? true };
    }),
  };
}

function fewItems(fields: Fields, name: string): Fields[] {
  const items = listField(fields, name);
  if (items.length > itemsMost) throw invalid(name, items.length, `at most ${itemsMost}`);
  return items.map(fieldsOf);
}

function readData(item: Fields): MetricData {
  return { name: someText(item, "dataset_name"), digest: boundedText(item, "dataset_digest") || null };
}

function conditionOf(clause: Clause, data: readonly MetricData[]): ModelCondition {
  const { key, entity } = clause;
  if (/^metrics?$/.test(entity))
    return { ...numberClause(clause, false), field: { of: "metric", key, data } };
  if (/^(params?|parameters?)$/.test(entity)) return { ...textClause(clause), field: { of: "param", key } };
  if (/^tags?$/.test(entity)) return { ...textClause(clause), field: { of: "tag", key } };
  if (!/^(|attr|attributes?)$/.test(entity)) throw wrong(`'${entity}' is no kind of property`);
  const column = columns.get(key);
  if (!column) throw wrong(`'${key.slice(0, 100)}' is no property of a logged model`);
  const field: ModelField = { of: "model", column };
  if (column.endsWith("_ms")) return { ...numberClause(clause, true), field };
  if (column !== "status") return { ...textClause(clause), field };
  return { ...textClause(clause), values: statusesOf(clause), field };
}

const statuses = ["UNSPECIFIED", "PENDING", "READY", "FAILED"];

function statusesOf({ values, comparison }: Clause): string[] {
  if (comparison.endsWith("LIKE")) throw wrong(`${comparison} does not compare statuses`);
  return values.map((value) => {
    if (!statuses.includes(String(value))) throw wrong(`a status is one of ${statuses.join(", ")}`);
    return String(value).toLowerCase();
  });
}

/** A property, or `metrics.NAME`, which may be one measured on some data. */
function orderField(item: Fields, data: readonly MetricData[]): ModelField {
  const name = someText(item, "field_name", 1000).trim();
  const [, key] = /^metrics\.(.+)$/.exec(name) ?? [];
  const hasData = (boundedText(item, "dataset_name") ?? "") !== "";
  if (!hasData && boundedText(item, "dataset_digest")) {
    throw invalid("dataset_digest", item["dataset_digest"], "dataset_name has to be given with it");
  }
  if (key) {
    return { of: "metric", key: key.replace(/^`(.*)`$/, "$1"), data: hasData ? [readData(item)] : data };
  }
  const column = columns.get(name);
  if (!column) throw invalid("order_by", name, "it is neither a property nor metrics.NAME");
  return { of: "model", column };
}
