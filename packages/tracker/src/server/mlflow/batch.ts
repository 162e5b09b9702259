/**
 * @file Validates a batch item by item. This is the hot path: one plain loop, one object per point.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _log_batch; mlflow/utils/validation.py for the limits
 */

import { z } from "zod";
import type { HttpError } from "../../http/index.ts";
import type { KeyValue, LogBatch, Point, ProjectRole } from "../../index.ts";
import { type Fields, field, invalid, itemField, listOf, missing, text, ValidationError } from "./fields.ts";
import { type RunFields, runFields } from "./find.ts";
import { cutValue, maxLength, requireKey } from "./key-rules.ts";
import type { ModelPoint } from "./models/parts.ts";
import { invalidParameter } from "./refuse.ts";

/** Maximum items of a batch. */
const maxItems = { metrics: 1000, params: 100, tags: 100, all: 1000 } as const;

/** Limited to safe integers, since JSON parsers round larger numbers. */
const stepRule = `Step must be a valid long, of at most ${Number.MAX_SAFE_INTEGER}`;

/** A batch, and its points that concern models. */
export interface ReadBatch extends LogBatch {
  readonly modelPoints: readonly ModelPoint[];
}

/** Lists of a batch, whose items are not parsed yet. */
export interface BatchFields extends RunFields {
  readonly metrics: readonly unknown[];
  readonly params: readonly unknown[];
  readonly tags: readonly unknown[];
}

/** The schema of a batch. */
export const batchFields: z.ZodType<BatchFields> = z.object({
  ...runFields,
  metrics: items("metrics", "Metric"),
  params: items("params", "Fact"),
  tags: items("tags", "Fact"),
});

function items(name: "metrics" | "params" | "tags", shape: string): z.ZodType<readonly unknown[]> {
  return field(listOf(shape), (list = []) => {
    if (!Array.isArray(list)) throw new ValidationError(list);
    if (list.length > maxItems[name]) throw tooMany(maxItems[name], name, list.length);
    return list;
  });
}

/**
 * Parses the items of a batch.
 *
 * @throws {HttpError} for the first invalid item
 */
export function readBatch({ metrics, params, tags }: BatchFields): ReadBatch {
  const count = metrics.length + params.length + tags.length;
  if (count > maxItems.all) throw tooMany(maxItems.all, "metrics, params, and tags", count);
  return {
    ...readMetrics(metrics),
    params: readFacts(params, "params", maxLength.param),
    tags: readFacts(tags, "tags", maxLength.tag),
  };
}

/** Parses the metrics of a batch. Repeated names are checked once. */
function readMetrics(list: readonly unknown[]): Pick<ReadBatch, "metrics" | "modelPoints"> {
  const known = new Set<string>();
  const metrics: (Point & { key: string })[] = new Array(list.length);
  const modelPoints: ModelPoint[] = [];
  for (let at = 0; at < list.length; at++) {
    const item = list[at] as Fields;
    if (typeof item !== "object" || item === null) throw invalid("metrics", list);
    const { key, value, timestamp, step } = item;
    if (typeof key !== "string") throw wrongKey(key, `metrics[${at}].key`);
    if (!known.has(key)) {
      requireKey(key, `metrics[${at}].name`);
      known.add(key);
    }
    const point = {
      key,
      value: typeof value === "number" ? value : readNumber(value, at),
      ms:
        Number.isSafeInteger(timestamp) && (timestamp as number) >= 0
          ? (timestamp as number)
          : readMs(timestamp, at),
      step: Number.isSafeInteger(step) ? (step as number) : readStep(step, at),
    };
    metrics[at] = point;
    if (item["model_id"]) modelPoints.push(modelPoint(item, point));
  }
  return { metrics, modelPoints };
}

/** A point with the model that it concerns. */
function modelPoint(fields: Fields, point: Point & { readonly key: string }): ModelPoint {
  const read = (name: string): string => itemField(fields, name, text) ?? "";
  return {
    ...point,
    modelId: read("model_id"),
    datasetName: read("dataset_name"),
    datasetDigest: read("dataset_digest"),
  };
}

/** The schema of one metric, as `log-metric` sends it. */
export const metricFields: z.ZodType<ReadBatch & RunFields> = z
  .object({
    ...runFields,
    key: field(
      { type: "string" },
      (key) => {
        if (typeof key !== "string" || key === "") throw new ValidationError(key === "" ? undefined : key);
        requireKey(key, "name");
        return key;
      },
      true,
    ),
    value: field(
      {},
      (value) => {
        const number = numberOf(value);
        if (number === undefined) throw new ValidationError(value, "Please specify value as a valid double");
        return number;
      },
      true,
    ),
    timestamp: field(
      { type: "integer", format: "int64" },
      (timestamp) => {
        const ms = integerOf(timestamp);
        if (ms === undefined || ms < 0) throw new ValidationError(timestamp);
        return ms;
      },
      true,
    ),
    step: field({ type: "integer", format: "int64" }, (step = 0) => {
      const number = integerOf(step);
      if (number === undefined) throw new ValidationError(step, stepRule);
      return number;
    }),
    model_id: text,
    dataset_name: text,
    dataset_digest: text,
  })
  .transform(({ run_id, run_uuid, key, value, timestamp, step, model_id, ...dataset }) => {
    const point = { key, value, ms: timestamp, step };
    const modelPoints = model_id ? [modelPoint({ model_id, ...dataset }, point)] : [];
    return { run_id, run_uuid, metrics: [point], modelPoints, params: [], tags: [] };
  });

/**
 * Parses parameters or tags of a batch.
 *
 * @param max maximum characters of a value
 * @throws {HttpError} for the first invalid one
 */
export function readFacts(list: readonly unknown[], name: string, max: number): KeyValue[] {
  return list.map((item, at) => {
    if (typeof item !== "object" || item === null) throw invalid(name, list);
    return readFact(item as Fields, max, `${name}[${at}].`);
  });
}

/** Key of a parameter or a tag. */
export const factKey: z.ZodType<string> = field(
  { type: "string" },
  (key) => {
    if (typeof key !== "string" || key === "") throw new ValidationError(key === "" ? undefined : key);
    requireKey(key, "key");
    return key;
  },
  true,
);

/** Value of a parameter or a tag, truncated if too long. */
export function factValue(max: number): z.ZodType<string> {
  return field({ type: "string" }, (value = "") => {
    if (typeof value !== "string") throw new ValidationError(value);
    return cutValue(value, max, "value");
  });
}

/** Models that items of a list name, with the given role. */
export function readModels(items: readonly unknown[], role: ProjectRole): ReadonlyMap<string, ProjectRole> {
  const models = new Map<string, ProjectRole>();
  for (const item of items) {
    const id = typeof item === "object" && item !== null ? (item as Fields)["model_id"] : undefined;
    if (typeof id === "string" && id !== "") models.set(id, role);
  }
  return models;
}

/**
 * Parses a parameter or a tag. A missing value is empty, as in protobuf.
 *
 * @param path of the item in the request
 * @throws {HttpError} if it is invalid
 */
export function readFact({ key, value }: Fields, max: number, path = ""): KeyValue {
  if (typeof key !== "string" || key === "") throw wrongKey(key, `${path}key`);
  requireKey(key, `${path}key`);
  if (value === undefined || value === null) return { key, value: "" };
  if (typeof value !== "string") throw invalid(`${path}value`, value);
  return { key, value: cutValue(value, max, `${path}value`) };
}

function tooMany(limit: number, what: string, count: number): HttpError {
  return invalidParameter(
    `A batch logging request can contain at most ${limit} ${what}. Got ${count}. Please split up ${what} across multiple requests and try again.`,
  );
}

function wrongKey(key: unknown, path: string): HttpError {
  return key === undefined || key === null || key === "" ? missing(path) : invalid(path, key);
}

function readNumber(value: unknown, at: number): number {
  const number = numberOf(value);
  if (number !== undefined) return number;
  if (value === undefined || value === null) throw missing(`metrics[${at}].value`);
  throw invalid(`metrics[${at}].value`, value, "Please specify value as a valid double");
}

function readMs(timestamp: unknown, at: number): number {
  const ms = integerOf(timestamp);
  if (ms !== undefined && ms >= 0) return ms;
  if (timestamp === undefined || timestamp === null) throw missing(`metrics[${at}].timestamp`);
  throw invalid(`metrics[${at}].timestamp`, timestamp, "Timestamp must be a nonnegative long");
}

function readStep(step: unknown, at: number): number {
  if (step === undefined || step === null) return 0;
  const number = integerOf(step);
  if (number !== undefined) return number;
  throw invalid(`metrics[${at}].step`, step, stepRule);
}

/** Parses a number; NaN and the infinities are strings in protobuf's JSON. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isNaN(number) && value !== "NaN" ? undefined : number;
}

/** Parses an integer, also as a string, as protobuf's JSON allows. */
function integerOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}
