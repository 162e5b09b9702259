/**
 * @file Parses the bodies of the two generation routes into questions for a model variant. Unsupported parameters are
 * refused, not ignored.
 *
 * @source openai/openai-openapi openapi.yaml, schemas CreateChatCompletionRequest and CreateCompletionRequest
 */
import { z } from "zod";
import {
  type Decoding,
  decodingOf,
  type ModelVariant,
  type Prompt,
  type Question,
  type TextModel,
} from "../../app/inference/index.ts";
import type { Message } from "../../dataset/index.ts";
import { isRefusal, type Refusal, refusal } from "../refusal.ts";

/** A request understood. */
export interface Asked {
  readonly question: Omit<Question, "signal">;
  readonly stream: boolean;
  /** Whether a stream ends with a chunk of counts. */
  readonly streamUsage: boolean;
}

/** Most messages of a conversation. */
const MAX_MESSAGES = 10_000;

/** Most alternatives of a token, with `top_logprobs` and with `logprobs`. */
const MAX_ALTERNATIVES = 20;

/** What a completion is cut at where the request does not say. */
const completionTokens = 16;

const textPart = z.object({ type: z.literal("text"), text: z.string() });

const messageSchema = z.object({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([z.string(), z.array(textPart), z.null()]),
});

/** Most stop texts, and their longest length in characters. */
const MAX_STOPS = 4;
const MAX_STOP_LENGTH = 1000;

/** A length in tokens. */
const tokenCount = z.int().min(1).nullish();

const stopText = z.string().min(1).max(MAX_STOP_LENGTH);

/** Decoding, as the request says it. */
const samplingShape = {
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokenCount,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop: z.union([stopText, z.array(stopText).max(MAX_STOPS)]).nullish(),
};

type SamplingFields = z.infer<z.ZodObject<typeof samplingShape>>;

const chatSchema = z.object({
  ...samplingShape,
  messages: z.array(messageSchema).min(1).max(MAX_MESSAGES),
  max_completion_tokens: tokenCount,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(MAX_ALTERNATIVES).nullish(),
});

const tokenIds = z.array(z.int().min(0)).min(1);

const completionSchema = z.object({
  ...samplingShape,
  prompt: z.union([z.string(), z.tuple([z.string()]), tokenIds, z.tuple([tokenIds])]),
  logprobs: z.int().min(0).max(MAX_ALTERNATIVES).nullish(),
});

/** Understands the body of `POST /v1/chat/completions`. */
export function readChat(body: unknown, textModel: TextModel, seed: number): Asked | Refusal {
  const fields = readFields(body, chatSchema);
  if (isRefusal(fields)) return fields;
  const { messages, max_completion_tokens, max_tokens, logprobs, top_logprobs } = fields;
  if (typeof top_logprobs === "number" && logprobs !== true) {
    return refusal(400, "invalid_value", "'top_logprobs' needs 'logprobs': true.", { param: "top_logprobs" });
  }
  const prompt = { kind: "chat", messages: messages.map(messageOf) } as const;
  const most = max_completion_tokens ?? max_tokens ?? null;
  const alternatives = logprobs === true ? (top_logprobs ?? 0) : null;
  return asked({ ...fields, max_tokens: most }, prompt, alternatives, textModel, seed);
}

/** Understands the body of `POST /v1/completions`. */
export function readCompletion(body: unknown, textModel: TextModel, seed: number): Asked | Refusal {
  const fields = readFields(body, completionSchema);
  if (isRefusal(fields)) return fields;
  const most = fields.max_tokens ?? completionTokens;
  const prompt = promptOf(fields.prompt);
  return asked({ ...fields, max_tokens: most }, prompt, fields.logprobs ?? null, textModel, seed);
}

function asked(
  fields: SamplingFields,
  prompt: Prompt,
  alternatives: number | null,
  textModel: TextModel,
  seed: number,
): Asked | Refusal {
  const { model, stop } = fields;
  const variant = variantOf(textModel, model ?? null);
  if (variant === null) return unknownModel(textModel, model ?? "");
  const question = {
    ...decodingOf(textModel, { seed, ...decodingFields(fields) }),
    variant,
    prompt,
    stop: typeof stop === "string" ? [stop] : (stop ?? []),
    ...(alternatives === null ? {} : { alternatives }),
  };
  const streamUsage = fields.stream_options?.include_usage === true;
  return { question, stream: fields.stream === true, streamUsage };
}

function decodingFields({ max_tokens, temperature, top_p, seed }: SamplingFields): Partial<Decoding> {
  const given = { maxTokens: max_tokens, temperature, topP: top_p, seed };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === "number"));
}

/** A model variant by its name, or by what it is, `base` or `tuned`; without a name the first. */
function variantOf({ variants }: TextModel, model: string | null): ModelVariant | null {
  if (model === null) return variants[0];
  return variants.find(({ name }) => name === model) ?? variants.find(({ kind }) => kind === model) ?? null;
}

/** Who is not here. */
export function unknownModel({ variants }: TextModel, model: string): Refusal {
  const names = variants.map(({ name }) => `'${name}'`).join(", ");
  const message = `The model '${model.slice(0, 200)}' does not exist here; there is ${names}.`;
  return refusal(404, "model_not_found", message, { param: "model" });
}

function messageOf({ role, content }: z.infer<typeof messageSchema>): Message {
  const text = typeof content === "string" ? content : (content ?? []).map((part) => part.text).join("");
  return { role: role === "developer" ? "system" : role, content: text };
}

function promptOf(prompt: z.infer<typeof completionSchema>["prompt"]): Prompt {
  const [first] = prompt;
  if (typeof prompt === "string") return { kind: "text", text: prompt };
  if (typeof first === "string") return { kind: "text", text: first };
  return { kind: "tokens", ids: Array.isArray(first) ? first : (prompt as number[]) };
}

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
function readFields<Fields>(body: unknown, schema: z.ZodType<Fields>): Fields | Refusal {
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
