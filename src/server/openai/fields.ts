/**
 * @file What both routes understand of a request, and what they say no to rather than leave out silently.
 *
 * @source openai/openai-openapi openapi.yaml, schemas CreateChatCompletionRequest and CreateCompletionRequest
 */
import { z } from "zod";
import { type Refusal, refusal } from "../refusal.ts";

/** Most stop texts, and their longest length in characters. */
const MAX_STOPS = 4;
const MAX_STOP_LENGTH = 1000;

/** Decoding, as the request says it. */
export interface SamplingFields {
  readonly model?: string | null | undefined;
  readonly stream?: boolean | null | undefined;
  readonly stream_options?: { readonly include_usage?: boolean | null | undefined } | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
}

/** A length in tokens. */
export const tokenCount: z.ZodType<number | null | undefined> = z.int().min(1).nullish();

const stopText = z.string().min(1).max(MAX_STOP_LENGTH);

/** Keys of `SamplingFields`. */
export const samplingShape: { [Key in keyof Required<SamplingFields>]: z.ZodType<SamplingFields[Key]> } = {
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokenCount,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop: z.union([stopText, z.array(stopText).max(MAX_STOPS)]).nullish(),
};

/** Values that ask for nothing. */
const nothing: readonly ((value: unknown) => boolean)[] = [
  (value) => value === null || value === 0 || value === false || value === "none",
  (value) => Array.isArray(value) && value.length === 0,
  (value) => typeof value === "object" && value !== null && Object.keys(value).length === 0,
];

/** Keys that would change the answer and cannot be followed; unknown ones beside these are left alone. */
const unsupported: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  best_of: (value) => value === 1,
  response_format: (value) => (value as { readonly type?: unknown } | null)?.type === "text",
  modalities: (value) => JSON.stringify(value) === '["text"]',
  suffix: (value) => value === "",
  tool_choice: (value) => value === "auto",
  ...Object.fromEntries(
    [
      ...["tools", "functions", "function_call", "audio", "prediction", "web_search_options"],
      ...["logit_bias", "presence_penalty", "frequency_penalty", "echo"],
    ].map((key) => [key, () => false]),
  ),
};

/** Reads a body by a schema, or says what is wrong with its first wrong key. */
export function readFields<Fields>(body: unknown, schema: z.ZodType<Fields>): Fields | Refusal {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return refusal(400, "invalid_json", "The body must be a JSON object.");
  }
  for (const [param, value] of Object.entries(body)) {
    const asksNothing = Object.hasOwn(unsupported, param) ? unsupported[param] : undefined;
    if (!asksNothing || asksNothing(value) || nothing.some((is) => is(value))) continue;
    return refusal(400, "unsupported_parameter", `'${param}' is not supported with this value.`, { param });
  }
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const param = (issue?.path ?? []).reduce<string>(
    (path, key) => (typeof key === "number" ? `${path}[${key}]` : `${path}${path ? "." : ""}${String(key)}`),
    "",
  );
  return refusal(400, "invalid_value", `'${param}': ${issue?.message ?? "not valid"}.`, { param });
}
