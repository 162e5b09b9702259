/**
 * @file A batch as clients send it, checked item by item. The hot path: one plain loop, one object per point.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _log_batch; mlflow/utils/validation.py for the limits
 */
import type { Fact, LogBatch, Point } from "../../../track/index.ts";
import { type Fields, invalid, missing, neededText, textField } from "./fields.ts";
import { cutValue, demandKey, lettersMost } from "./key-rules.ts";
import type { ModelPoint } from "./model-parts.ts";
import { MlflowError } from "./refuse.ts";

/** Items of one batch, at most. */
const most = { metrics: 1000, params: 100, tags: 100, all: 1000 } as const;

/** A batch, and those of its points that were measured about models. */
export interface ReadBatch extends LogBatch {
  readonly modelPoints: readonly ModelPoint[];
}

/**
 * Reads a batch.
 *
 * @throws {MlflowError} for the first item that does not fit
 */
export function readBatch(fields: Fields): ReadBatch {
  const metrics = items(fields, "metrics");
  const params = items(fields, "params");
  const tags = items(fields, "tags");
  const count = metrics.length + params.length + tags.length;
  if (count > most.all) throw tooMany(most.all, "metrics, params, and tags", count);
  return {
    ...readMetrics(metrics),
    params: readFacts(params, "params", lettersMost.param),
    tags: readFacts(tags, "tags", lettersMost.tag),
  };
}

/** Metrics of a batch. Names that come again are checked once. */
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
      demandKey(key, `metrics[${at}].name`);
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

/** A point with the model it was measured about. */
function modelPoint(fields: Fields, point: Point & { readonly key: string }): ModelPoint {
  return {
    ...point,
    modelId: neededText(fields, "model_id"),
    datasetName: textField(fields, "dataset_name") || null,
    datasetDigest: textField(fields, "dataset_digest") || null,
  };
}

/**
 * One metric, as `log-metric` sends it.
 *
 * @throws {MlflowError} if it does not fit
 */
export function readMetric(fields: Fields): ReadBatch {
  const { key, value, timestamp, step } = fields;
  if (key === undefined || key === null || key === "") throw missing("key");
  if (typeof key !== "string") throw invalid("key", key);
  demandKey(key, "name");
  if (value === undefined || value === null) throw missing("value");
  if (timestamp === undefined || timestamp === null) throw missing("timestamp");
  const ms = wholeOf(timestamp);
  const at = step === undefined || step === null ? 0 : wholeOf(step);
  const number = numberOf(value);
  if (number === undefined) throw invalid("value", value, "Please specify value as a valid double");
  if (ms === undefined || ms < 0) throw invalid("timestamp", timestamp);
  if (at === undefined) throw invalid("step", step);
  const point = { key, value: number, ms, step: at };
  const modelPoints = fields["model_id"] ? [modelPoint(fields, point)] : [];
  return { metrics: [point], modelPoints, params: [], tags: [] };
}

/**
 * Parameters or tags of a batch.
 *
 * @param letters longest value
 * @throws {MlflowError} for the first that does not fit
 */
export function readFacts(list: readonly unknown[], name: string, letters: number): Fact[] {
  return list.map((item, at) => {
    if (typeof item !== "object" || item === null) throw invalid(name, list);
    return readFact(item as Fields, letters, `${name}[${at}].`);
  });
}

/**
 * A parameter or a tag. A value that is missing is empty, as in protobuf.
 *
 * @param path where it stands in the request
 * @throws {MlflowError} if it does not fit
 */
export function readFact({ key, value }: Fields, letters: number, path = ""): Fact {
  if (typeof key !== "string" || key === "") throw wrongKey(key, `${path}key`);
  demandKey(key, `${path}key`);
  if (value === undefined || value === null) return { key, value: "" };
  if (typeof value !== "string") throw invalid(`${path}value`, value);
  return { key, value: cutValue(value, letters, `${path}value`) };
}

function items(fields: Fields, name: "metrics" | "params" | "tags"): readonly unknown[] {
  const list = fields[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw invalid(name, list);
  if (list.length > most[name]) throw tooMany(most[name], name, list.length);
  return list;
}

function tooMany(limit: number, what: string, count: number): MlflowError {
  return new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `A batch logging request can contain at most ${limit} ${what}. Got ${count}. Please split up ${what} across multiple requests and try again.`,
  );
}

function wrongKey(key: unknown, path: string): MlflowError {
  return key === undefined || key === null || key === "" ? missing(path) : invalid(path, key);
}

function readNumber(value: unknown, at: number): number {
  const number = numberOf(value);
  if (number !== undefined) return number;
  if (value === undefined || value === null) throw missing(`metrics[${at}].value`);
  throw invalid(`metrics[${at}].value`, value, "Please specify value as a valid double");
}

function readMs(timestamp: unknown, at: number): number {
  const ms = wholeOf(timestamp);
  if (ms !== undefined && ms >= 0) return ms;
  if (timestamp === undefined || timestamp === null) throw missing(`metrics[${at}].timestamp`);
  throw invalid(`metrics[${at}].timestamp`, timestamp, "Timestamp must be a nonnegative long");
}

function readStep(step: unknown, at: number): number {
  if (step === undefined || step === null) return 0;
  const number = wholeOf(step);
  if (number !== undefined) return number;
  throw invalid(`metrics[${at}].step`, step, "Step must be a valid long");
}

/** A number; NaN and the infinities are texts in protobuf's JSON. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isNaN(number) && value !== "NaN" ? undefined : number;
}

/** A whole number, or one as text, as protobuf's JSON has it. */
function wholeOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}
