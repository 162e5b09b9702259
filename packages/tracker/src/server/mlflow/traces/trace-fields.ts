/** @file Fields of requests about traces. */

import { z } from "zod";
import type { KeyValue, NewTrace, TraceState } from "../../../index.ts";
import {
  type Fields,
  field,
  fieldsOf,
  invalid,
  itemField,
  missing,
  text,
  ValidationError,
} from "../fields.ts";
import { boundedText, someText } from "../models/checks.ts";
import { invalidParameter } from "../refuse.ts";
import { traceId } from "../subjects.ts";
import { locationTag } from "./wire.ts";

/** Maximum characters of a preview of a request or an answer; longer ones are truncated, since spans have the whole. */
const maxPreview = 10_000;
const maxKey = 250;
/** Maximum characters of a value of a tag or metadata; longer ones are truncated, as in MLflow. */
const maxValue = 8_000;
/** Maximum tags or metadata of a trace. */
const maxFacts = 200;

/** Years 1970 to 9999. */
const maxMs = 253_402_300_799_999;

const states: readonly TraceState[] = ["STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"];

/** Parses a trace's state, by name or number; MLflow 2 has another name for the first. */
export function stateOf(value: unknown): TraceState {
  if (value === undefined || value === null || value === "TRACE_STATUS_UNSPECIFIED")
    return "STATE_UNSPECIFIED";
  const found = states.find((name, number) => value === name || value === number);
  if (found) return found;
  throw invalid("state", value);
}

/** A trace of MLflow's third protocol: `{trace: {trace_info: ...}}`. */
export const newTraceFields: z.ZodType<{ readonly trace: NewTrace }> = z.object({
  trace: field(
    { $ref: "#/components/schemas/Trace" },
    (value) => {
      if (value === undefined) throw new ValidationError(undefined);
      const info = fieldsOf(value)["trace_info"];
      if (info === undefined || info === null) throw missing("trace.trace_info");
      return readInfo(fieldsOf(info));
    },
    true,
  ),
});

function readInfo(info: Fields): NewTrace {
  return {
    id: traceId(info["trace_id"]),
    project: experimentIn(info["trace_location"]),
    requestedMs: timeFrom(info["request_time"]),
    durationMs: durationFrom(info["execution_duration"]),
    state: stateOf(info["state"]),
    clientRequestId: itemField(info, "client_request_id", boundedText(1000)) ?? null,
    requestPreview: cut(itemField(info, "request_preview", text), maxPreview) ?? null,
    responsePreview: cut(itemField(info, "response_preview", text), maxPreview) ?? null,
    tags: factsIn(info["tags"], "tags"),
    metadata: factsIn(info["trace_metadata"], "trace_metadata"),
  };
}

/** The experiment of a trace's location. Other kinds of locations exist only in Databricks. */
export function experimentIn(location: unknown): number {
  const experiment =
    typeof location === "object" && location !== null && (location as Fields)["mlflow_experiment"];
  const id = typeof experiment === "object" && experiment !== null && (experiment as Fields)["experiment_id"];
  if (typeof id === "string" && /^\d{1,15}$/.test(id)) return Number(id);
  throw invalidParameter("A trace's location must be an experiment of this server, by its id.");
}

/** Parses tags or metadata, from a map or a list of keys and values. */
export function factsIn(value: unknown, name: string): KeyValue[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") throw invalid(name, value);
  const pairs = Array.isArray(value)
    ? value.map((item) => [fieldsOf(item)["key"], fieldsOf(item)["value"]])
    : Object.entries(value);
  if (pairs.length > maxFacts) throw invalid(name, pairs.length, `at most ${maxFacts}`);
  const facts = pairs.map(([key, fact]) => {
    const read = {
      key: itemField({ key }, "key", someText(maxKey)),
      value: itemField({ fact }, "fact", text),
    };
    return { key: read.key, value: cut(read.value ?? "", maxValue) };
  });
  // the server determines the location of spans
  return facts.filter(({ key }) => key !== locationTag);
}

/** One tag. */
export const tagFields: z.ZodType<KeyValue> = z
  .object({ key: someText(maxKey), value: text })
  .transform(({ key, value }) => ({ key, value: cut(value ?? "", maxValue) }));

function timeFrom(value: unknown): number {
  const ms = typeof value === "string" && value.length < 60 ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(ms) && ms >= 0 && ms <= maxMs) return ms;
  throw invalid("request_time", value, "it must be a time such as 2026-01-31T12:00:00Z");
}

/** Parses a duration of protobuf's JSON, such as `1.5s`, to milliseconds. */
function durationFrom(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  const [, seconds] = typeof value === "string" ? (/^(\d{1,12}(?:\.\d{1,9})?)s$/.exec(value) ?? []) : [];
  if (seconds !== undefined) return Math.round(Number(seconds) * 1000);
  throw invalid("execution_duration", value, "it must be seconds such as 1.5s");
}

/** Truncates a text without splitting a surrogate pair. */
function cut(value: string, max: number): string;
function cut(value: string | undefined, max: number): string | undefined;
function cut(value: string | undefined, max: number): string | undefined {
  if (value === undefined || value.length <= max) return value;
  return value.slice(0, max).replace(/[\uD800-\uDBFF]$/, "");
}

/** List of ids of traces. */
export function traceIds(max: number, isRequired = false): z.ZodType<readonly string[]> {
  return field(
    { type: "array", items: { type: "string" } },
    (value) => {
      const ids = value === undefined && !isRequired ? [] : value;
      if (!Array.isArray(ids)) throw new ValidationError(ids);
      if (ids.length > max) throw new ValidationError(ids.length, `at most ${max}`);
      return ids.map(traceId);
    },
    isRequired,
  );
}
