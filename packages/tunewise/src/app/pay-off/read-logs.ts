/**
 * @file Reads the traffic of a model from logs of calls, streamed: rows of `tunewise record`, frozen references,
 * responses of OpenAI's and Anthropic's APIs, and outputs of batches. Texts are not used.
 */
import { resolve } from "node:path";
import { parseJson } from "@tunewise/core/untrusted";
import { readLines } from "@tunewise/tracker";
import { type Moments, momentsOf } from "./moments.ts";

/** Maximum length of a line: a prompt of the longest context with its answer. */
const maxLineChars = 64 * 2 ** 20;
/** Maximum number of models that are counted by name; calls of further models count as "other". */
const maxModels = 200;
/** Times outside of these years are mistakes, such as 0 or milliseconds read as seconds. */
const [firstTime, lastTime] = [Date.UTC(2020, 0), Date.UTC(2100, 0)];

/** Traffic of one model in a log. */
export interface LoggedTraffic {
  /** Lines that are calls, of all models. */
  readonly calls: number;
  /** Calls by model, most first; the empty name: not stated. */
  readonly models: readonly (readonly [model: string, calls: number])[];
  /** Calls of the chosen model, and those of them whose tokens are known. */
  readonly ownCalls: number;
  readonly ownWithUsage: number;
  /** Lines that are not JSON objects, too long, or cut off. */
  readonly unreadable: number;
  /** Tokens per call of the chosen model. */
  readonly inputTokens: Moments;
  readonly cachedTokens: Moments;
  readonly outputTokens: Moments;
  /** First and last call of the chosen model, in milliseconds since 1970; `null` without times. */
  readonly span: readonly [first: number, last: number] | null;
  /** Calls of the chosen model by UTC day, counted from 1970. */
  readonly byDay: ReadonlyMap<number, number>;
  /** Calls of the chosen model with a time. */
  readonly timed: number;
  /** Whether the calls were made for a test, so that their number says nothing about a month. */
  readonly isReference: boolean;
}

/**
 * Reads a log. Memory use is bounded by one line.
 *
 * @param model calls of other models are only counted; a version's date may be missing on either side
 * @throws {TunewiseError} `RUN_FILE_UNREADABLE`
 */
export async function readLogs(path: string, model: string, cwd: string): Promise<LoggedTraffic> {
  const models = new Map<string, number>();
  const byDay = new Map<number, number>();
  const [inputTokens, cachedTokens, outputTokens] = [momentsOf(), momentsOf(), momentsOf()];
  let [calls, ownCalls, ownWithUsage, unreadable, timed] = [0, 0, 0, 0, 0];
  let [first, last, isReference] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, false];
  for await (const lines of readLines(resolve(cwd, path), maxLineChars)) {
    for (const { text } of lines) {
      const row = text === null ? null : rowIn(text);
      if (row === null) {
        unreadable++;
        continue;
      }
      if (row["format"] === "tunewise frozen reference") {
        isReference = true;
        continue;
      }
      const call = callIn(row);
      calls++;
      const name = models.has(call.model) || models.size < maxModels ? call.model : "other";
      models.set(name, (models.get(name) ?? 0) + 1);
      if (!isModel(call.model, model)) continue;
      ownCalls++;
      if (call.time !== null) {
        timed++;
        [first, last] = [Math.min(first, call.time), Math.max(last, call.time)];
        const day = Math.floor(call.time / 86_400_000);
        byDay.set(day, (byDay.get(day) ?? 0) + 1);
      }
      if (call.tokens === null) continue;
      ownWithUsage++;
      inputTokens.add(call.tokens.input);
      cachedTokens.add(call.tokens.cached);
      outputTokens.add(call.tokens.output);
    }
  }
  return {
    calls,
    models: [...models].sort((a, b) => b[1] - a[1]),
    ownCalls,
    ownWithUsage,
    unreadable,
    inputTokens,
    cachedTokens,
    outputTokens,
    span: timed === 0 ? null : [first, last],
    byDay,
    timed,
    isReference,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function rowIn(line: string): Fields | null {
  try {
    const value = parseJson(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

interface LoggedCall {
  readonly model: string;
  readonly time: number | null;
  readonly tokens: { readonly input: number; readonly cached: number; readonly output: number } | null;
}

/** A call in a row, which may wrap the response as batches and gateways do. */
function callIn(row: Fields): LoggedCall {
  const response = fieldsOf(row["response"]);
  const places = [row, fieldsOf(response["body"]), response];
  const model = places.map((one) => one["model"]).find((one) => typeof one === "string" && one !== "");
  const times = places.flatMap((one) => timeKeys.map((key) => timeOf(one[key])));
  const tokens = places.flatMap((one) => [
    tokensIn(fieldsOf(one["usage"])),
    tokensIn(fieldsOf(one["tokens"])),
  ]);
  return {
    model: String(model ?? "").slice(0, 200),
    time: times.find((one) => one !== null) ?? null,
    tokens: tokens.find((one) => one !== null) ?? null,
  };
}

const timeKeys = ["time", "timestamp", "created", "created_at", "asked_at"] as const;

/** Seconds or milliseconds since 1970, or an ISO time. */
function timeOf(value: unknown): number | null {
  const read =
    typeof value === "string" ? Date.parse(value) : Number(typeof value === "number" ? value : Number.NaN);
  const time = typeof value === "number" && read < 1e11 ? read * 1000 : read;
  return time >= firstTime && time < lastTime ? time : null;
}

/**
 * Tokens of a call.
 *
 * @source openai/openai-openapi: CompletionUsage (`prompt_tokens_details.cached_tokens`) and ResponseUsage
 *   (`input_tokens_details.cached_tokens`), which include cached tokens in the input; Anthropic's Messages API counts
 *   `cache_read_input_tokens` and `cache_creation_input_tokens` beside `input_tokens`
 */
function tokensIn(usage: Fields): LoggedCall["tokens"] {
  const count = (fields: Fields, ...keys: readonly string[]): number | null => {
    const value = keys.map((key) => fields[key]).find((one) => one !== undefined && one !== null);
    return typeof value === "number" && value >= 0 && value < 1e9 ? value : null;
  };
  const input = count(usage, "prompt_tokens", "input_tokens", "prompt");
  const output = count(usage, "completion_tokens", "output_tokens", "answer");
  if (input === null || output === null) return null;
  const details = ["prompt_tokens_details", "input_tokens_details"].map((key) => fieldsOf(usage[key]));
  const inside = details.map((one) => count(one, "cached_tokens")).find((one) => one !== null);
  const read = count(usage, "cache_read_input_tokens");
  if (read !== null) {
    const written = count(usage, "cache_creation_input_tokens") ?? 0;
    return { input: input + read + written, cached: read, output };
  }
  const cached = inside ?? count(usage, "cached_tokens", "cached_prompt") ?? 0;
  return { input, cached: Math.min(cached, input), output };
}

/** Whether two names mean the same model; vendors answer to `gpt-5-mini` with `gpt-5-mini-2025-08-07`. */
export function isModel(logged: string, named: string): boolean {
  const [one, other] = [logged, named].map((name) => name.toLowerCase());
  if (one === other) return true;
  const bare = (name: string | undefined): string => (name ?? "").replace(/-\d{4}-\d{2}-\d{2}$/, "");
  const isDated = bare(one) !== one && bare(other) !== other;
  return !isDated && bare(one) === bare(other) && one !== "";
}
