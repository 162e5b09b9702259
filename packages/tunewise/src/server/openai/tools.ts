/**
 * @file Parses tools, calls and their results in requests.
 *
 * @source openai/openai-openapi openapi.yaml, schemas ChatCompletionTool, ChatCompletionToolChoiceOption and
 *   ChatCompletionMessageToolCall
 */
import type { JsonObject, Message, ToolCall } from "@tunewise/core/rows";
import { parseJson } from "@tunewise/core/untrusted";
import { HttpError } from "@tunewise/tracker/http";
import { z } from "zod";
import type { OfferedTools } from "../../app/inference/index.ts";

/** Maximum tools of a request and calls of a message, as at OpenAI. */
const MAX_TOOLS = 128;

/** Maximum length of a call's id. */
const MAX_ID = 256;

const toolName = z.string().regex(/^[\w.-]{1,64}$/, "a name has letters, digits, _, . and -, at most 64");

/** A tool's definition, with further keys that templates may read. */
interface SentTool {
  readonly type: "function";
  readonly function: { readonly name: string; readonly [key: string]: unknown };
}

type ToolChoice =
  | "none"
  | "auto"
  | "required"
  | { readonly type: "function"; readonly function: { readonly name: string } };

const toolSchema: z.ZodType<SentTool> = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({
    name: toolName,
    description: z.string().nullish(),
    parameters: z.looseObject({}).nullish(),
  }),
});

const choiceSchema: z.ZodType<ToolChoice> = z.union([
  z.enum(["none", "auto", "required"]),
  z.object({ type: z.literal("function"), function: z.object({ name: toolName }) }),
]);

/** Fields of a request that concern tools. */
export interface ToolFields {
  readonly tools?: readonly SentTool[] | null | undefined;
  readonly tool_choice?: ToolChoice | null | undefined;
  readonly parallel_tool_calls?: boolean | null | undefined;
}

/** Schemas of these fields. */
export const toolShape: { readonly [Key in keyof Required<ToolFields>]: z.ZodType<ToolFields[Key]> } = {
  tools: z.array(toolSchema).max(MAX_TOOLS).nullish(),
  tool_choice: choiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
};

/** Calls of an assistant's message. */
export const callsSchema: z.ZodType<readonly SentCall[]> = z
  .array(
    z.object({
      id: z.string().min(1).max(MAX_ID),
      type: z.literal("function"),
      function: z.object({ name: toolName, arguments: z.string() }),
    }),
  )
  .min(1)
  .max(MAX_TOOLS);

interface SentCall {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

/**
 * The tools that a request offers; `null`: none, or none may be called.
 *
 * @throws {HttpError} for a choice that cannot be made
 */
export function offeredTools({ tools, tool_choice, parallel_tool_calls }: ToolFields): OfferedTools | null {
  const definitions = tools ?? [];
  const names = definitions.map((tool) => tool.function.name);
  const choice = tool_choice ?? "auto";
  if (new Set(names).size < names.length) throw invalidTools("tools", "'tools' has two of the same name.");
  if (definitions.length === 0) {
    if (choice === "auto" || choice === "none") return null;
    throw invalidTools("tool_choice", "'tool_choice' needs 'tools'.");
  }
  if (choice === "none") return null;
  if (typeof choice === "object" && !names.includes(choice.function.name))
    throw invalidTools("tool_choice", `'tool_choice' names '${choice.function.name}', which 'tools' lacks.`);
  return {
    definitions: definitions as unknown as readonly JsonObject[],
    isParallel: parallel_tool_calls !== false,
    ...(choice === "required" && { required: "any" as const }),
    ...(typeof choice === "object" && { required: { name: choice.function.name } }),
  };
}

function invalidTools(param: string, message: string): HttpError {
  return new HttpError(400, "invalid_value", message, { param });
}

/** The calls of a message; arguments that are not a JSON object stay as they are. */
export function callsOf(calls: readonly SentCall[]): ToolCall[] {
  return calls.map(({ id, function: { name, arguments: given } }) => ({
    id,
    name,
    arguments: objectIn(given) ?? given,
  }));
}

function objectIn(text: string): JsonObject | null {
  try {
    const value: unknown = parseJson(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}

/**
 * The messages, in which each result has the name of the tool that it comes from.
 *
 * @throws {HttpError} for a result without its call
 */
export function withToolNames(messages: readonly Message[]): Message[] {
  const names = new Map<string, string>();
  return messages.map((message, at) => {
    for (const { id, name } of message.toolCalls ?? []) if (id !== undefined) names.set(id, name);
    if (message.toolCallId === undefined) return message;
    const name = names.get(message.toolCallId);
    if (name !== undefined) return { ...message, name };
    const text = `'messages[${at}].tool_call_id' is not the id of an earlier call.`;
    throw invalidTools(`messages[${at}].tool_call_id`, text);
  });
}
