/**
 * @file Parses request bodies of the two routes into questions for a model variant. Refuses unsupported fields that
 * would change the answer, rather than ignoring them silently.
 *
 * @source openai/openai-openapi openapi.yaml, schemas CreateChatCompletionRequest and CreateCompletionRequest
 */

import { isReservedVariable, type JsonObject, type Message } from "@tunewise/core/rows";
import { HttpError } from "@tunewise/tracker/http";
import { z } from "zod";
import {
  type Decoding,
  decodingOf,
  type ModelVariant,
  type Prompt,
  type Question,
  type TextModel,
} from "../../app/inference/index.ts";
import { chatFormat, completionFormat, type MakeFormat } from "./format.ts";
import { callsOf, callsSchema, offeredTools, toolShape, withToolNames } from "./tools.ts";

/** A parsed request. */
export interface ChatRequest {
  readonly question: Omit<Question, "signal">;
  /** The model's name or alias in the request; answers repeat it. */
  readonly model: string;
  readonly stream: boolean;
  /** Whether a stream ends with a chunk of token counts. */
  readonly streamUsage: boolean;
}

/** Maximum messages of a conversation. */
const MAX_MESSAGES = 10_000;

/** Maximum alternatives of a token, for `top_logprobs` and for `logprobs`. */
const MAX_ALTERNATIVES = 20;

/** Default token limit of a completion. */
const completionTokens = 16;

const textPart = z.object({ type: z.literal("text"), text: z.string() });

const messageSchema = z.object({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([z.string(), z.array(textPart), z.null()]).optional(),
  tool_calls: callsSchema.nullish(),
  tool_call_id: z.string().nullish(),
});

/** Maximum number of stop texts, and their maximum length in characters. */
const MAX_STOPS = 4;
const MAX_STOP_LENGTH = 1000;

/** A length in tokens. */
const tokenCount = z.int().min(1).nullish();

const stopText = z.string().min(1).max(MAX_STOP_LENGTH);

/** Decoding options of a request. */
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

/** Restriction of the answer; the JSON Schema itself is validated when it is compiled. */
const responseFormat = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({ name: z.string().max(MAX_STOP_LENGTH), schema: z.looseObject({}) }),
  }),
]);

/** Maximum length of the name of a template's variable. */
const MAX_NAME = 64;

const chatSchema = z.looseObject({
  ...samplingShape,
  ...toolShape,
  messages: z.array(messageSchema).min(1).max(MAX_MESSAGES),
  response_format: responseFormat.nullish(),
  max_completion_tokens: tokenCount,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(MAX_ALTERNATIVES).nullish(),
  chat_template_kwargs: z.record(z.string().max(MAX_NAME), z.unknown()).nullish(),
});

const tokenIds = z.array(z.int().min(0)).min(1);

const completionSchema = z.looseObject({
  ...samplingShape,
  prompt: z.union([z.string(), z.tuple([z.string()]), tokenIds, z.tuple([tokenIds])]),
  logprobs: z.int().min(0).max(MAX_ALTERNATIVES).nullish(),
});

/** A route for answers: how it parses its body, and its format of answers. */
export interface AnswerKind {
  readonly path: string;
  readonly idPrefix: string;
  readonly reads: z.ZodType;
  /** @throws {HttpError} for unsupported fields */
  readonly read: (fields: unknown, textModel: TextModel, seed: number) => ChatRequest;
  readonly format: MakeFormat;
}

/** `POST /v1/chat/completions`. */
export const chat: AnswerKind = {
  path: "/v1/chat/completions",
  idPrefix: "chatcmpl",
  reads: chatSchema,
  format: chatFormat,
  read: (fields, ...rest) => readChat(fields as z.infer<typeof chatSchema>, ...rest),
};

/** `POST /v1/completions`. */
export const completion: AnswerKind = {
  path: "/v1/completions",
  idPrefix: "cmpl",
  reads: completionSchema,
  format: completionFormat,
  read: (fields, ...rest) => readCompletion(fields as z.infer<typeof completionSchema>, ...rest),
};

function readChat(fields: z.infer<typeof chatSchema>, textModel: TextModel, seed: number): ChatRequest {
  const { response_format, tools: _, tool_choice: __, parallel_tool_calls: ___, ...others } = fields;
  requireSupported(others);
  const { messages, max_completion_tokens, max_tokens, logprobs, top_logprobs } = fields;
  if (typeof top_logprobs === "number" && logprobs !== true) {
    const message = "'top_logprobs' needs 'logprobs': true.";
    throw new HttpError(400, "invalid_value", message, { param: "top_logprobs" });
  }
  const prompt = { kind: "chat", messages: withToolNames(messages.map(messageOf)) } as const;
  const limit = max_completion_tokens ?? max_tokens ?? null;
  const alternatives = logprobs === true ? (top_logprobs ?? 0) : null;
  const { question, ...how } = asked({ ...fields, max_tokens: limit }, prompt, alternatives, textModel, seed);
  const json = jsonOf(response_format);
  const tools = offeredTools(fields);
  if (json && tools) {
    const message = "'response_format' is not supported together with 'tools'; set 'tool_choice' to 'none'.";
    throw new HttpError(400, "unsupported_parameter", message, { param: "response_format" });
  }
  const templateVariables = variablesOf(fields.chat_template_kwargs);
  return {
    ...how,
    question: {
      ...question,
      ...(json && { json }),
      ...(tools && { tools }),
      ...(templateVariables && { templateVariables }),
    },
  };
}

/**
 * Variables of the chat template.
 *
 * @source vllm-project/vllm vllm/entrypoints/openai/protocol.py `ChatCompletionRequest.chat_template_kwargs`
 * @throws {HttpError} for one that has a field of its own
 */
function variablesOf(given: Readonly<Record<string, unknown>> | null | undefined): JsonObject | null {
  const reserved = Object.keys(given ?? {}).find(isReservedVariable);
  if (reserved !== undefined) {
    const message = `'${reserved}' cannot be passed as a variable of the chat template.`;
    throw new HttpError(400, "invalid_value", message, { param: "chat_template_kwargs" });
  }
  return (given ?? null) as JsonObject | null;
}

function jsonOf(format: z.infer<typeof responseFormat> | null | undefined): Question["json"] {
  if (format?.type === "json_object") return { schema: null };
  return format?.type === "json_schema" ? { schema: format.json_schema.schema } : undefined;
}

function readCompletion(
  fields: z.infer<typeof completionSchema>,
  textModel: TextModel,
  seed: number,
): ChatRequest {
  requireSupported(fields);
  const limit = fields.max_tokens ?? completionTokens;
  const prompt = promptOf(fields.prompt);
  return asked({ ...fields, max_tokens: limit }, prompt, fields.logprobs ?? null, textModel, seed);
}

function asked(
  fields: SamplingFields,
  prompt: Prompt,
  alternatives: number | null,
  textModel: TextModel,
  seed: number,
): ChatRequest {
  const { model, stop } = fields;
  const variant = variantOf(textModel, model ?? null);
  if (variant === null) throw unknownModel(textModel, model ?? "");
  const question = {
    ...decodingOf(variant, { seed, ...decodingFields(fields) }),
    variant,
    prompt,
    stop: typeof stop === "string" ? [stop] : (stop ?? []),
    ...(alternatives === null ? {} : { alternatives }),
  };
  const streamUsage = fields.stream_options?.include_usage === true;
  const name = model !== null && model !== undefined && hasName(variant, model) ? model : variant.name;
  return { question, model: name, stream: fields.stream === true, streamUsage };
}

function decodingFields({ max_tokens, temperature, top_p, seed }: SamplingFields): Partial<Decoding> {
  const given = { maxTokens: max_tokens, temperature, topP: top_p, seed };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === "number"));
}

/** Finds a variant by a name or by its kind, `base` or `tuned`; without a name, returns the first. */
function variantOf({ variants }: TextModel, model: string | null): ModelVariant | null {
  if (model === null) return variants[0];
  return variants.find((one) => hasName(one, model)) ?? variants.find(({ kind }) => kind === model) ?? null;
}

/** Whether a variant has a name or alias. */
export function hasName({ name, aliases }: ModelVariant, model: string): boolean {
  return name === model || aliases.includes(model);
}

/** The refusal for an unknown model. */
export function unknownModel({ variants }: TextModel, model: string): HttpError {
  const names = variants
    .flatMap(({ name, aliases }) => [name, ...aliases])
    .map((name) => `'${name}'`)
    .join(", ");
  const message = `The model '${model.slice(0, 200)}' does not exist here; there is ${names}.`;
  return new HttpError(404, "model_not_found", message, { param: "model" });
}

function messageOf(
  { role, content, tool_calls, tool_call_id }: z.infer<typeof messageSchema>,
  at: number,
): Message {
  const text = typeof content === "string" ? content : (content ?? []).map((part) => part.text).join("");
  const [isCalling, isResult] = [role === "assistant" && tool_calls, role === "tool"];
  if (content === undefined && !isCalling)
    throw new HttpError(400, "invalid_value", "A message needs 'content'.", {
      param: `messages[${at}].content`,
    });
  return {
    role: role === "developer" ? "system" : role,
    content: text,
    ...(isCalling && { toolCalls: callsOf(isCalling) }),
    ...(isResult && tool_call_id && { toolCallId: tool_call_id }),
  };
}

function promptOf(prompt: z.infer<typeof completionSchema>["prompt"]): Prompt {
  const [first] = prompt;
  if (typeof prompt === "string") return { kind: "text", text: prompt };
  if (typeof first === "string") return { kind: "text", text: first };
  return { kind: "tokens", ids: Array.isArray(first) ? first : (prompt as number[]) };
}

/** Values that have no effect. */
const nothing: readonly ((value: unknown) => boolean)[] = [
  (value) => value === null || value === 0 || value === false || value === "none",
  (value) => Array.isArray(value) && value.length === 0,
  (value) => typeof value === "object" && value !== null && Object.keys(value).length === 0,
];

/** Unsupported keys that would change the answer, with checks for harmless values. Other unknown keys are ignored. */
const unsupported: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  best_of: (value) => value === 1,
  response_format: (value) => (value as { readonly type?: unknown } | null)?.type === "text",
  modalities: (value) => JSON.stringify(value) === '["text"]',
  suffix: (value) => value === "",
  tool_choice: (value) => value === "auto",
  parallel_tool_calls: (value) => typeof value === "boolean",
  ...Object.fromEntries(
    [
      ...["tools", "functions", "function_call", "audio", "prediction", "web_search_options"],
      ...["logit_bias", "presence_penalty", "frequency_penalty", "echo"],
    ].map((key) => [key, () => false]),
  ),
};

/** @throws {HttpError} for an unsupported key that would change the answer */
function requireSupported(fields: Readonly<Record<string, unknown>>): void {
  for (const [param, value] of Object.entries(fields)) {
    const asksNothing = Object.hasOwn(unsupported, param) ? unsupported[param] : undefined;
    if (!asksNothing || asksNothing(value) || nothing.some((is) => is(value))) continue;
    const message = `'${param}' is not supported with this value.`;
    throw new HttpError(400, "unsupported_parameter", message, { param });
  }
}
