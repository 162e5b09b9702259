/** @file Reads tool calls and their results from fields and parts of messages, in the forms of several vendors. */

import { type JsonObject, type Message, type ToolCall, toolCallIn } from "@tunewise/core/rows";
import { parseJson } from "@tunewise/core/untrusted";
import { type Fields, fieldOf, isFields, kindOf } from "../record.ts";
import type { RowIssue } from "../row-issue.ts";

/** Field names of calls in a message: lists, and single calls of older formats. */
const callNames = ["tool_calls", "toolCalls", "function_call", "functionCall"];

/** Field names of a call or its result, in the forms of all vendors. */
const idNames = ["id", "tool_call_id", "toolCallId", "tool_use_id", "toolUseId"];
const nameNames = ["name", "toolName", "tool_name"];
const argumentNames = ["arguments", "args", "input", "parameters"];

/** Max. calls of a turn. */
const MAX_CALLS = 256;

/** Whether a message has a field of calls, even an empty one. */
export function hasCallField(message: Fields): boolean {
  return callNames.some((name) => Object.hasOwn(message, name));
}

/**
 * Returns the calls of a message, none, or the issue `DATA_TOOL_CALL_INVALID`.
 *
 * @param name path of the message, for reasons
 */
export function callsOf(message: Fields, name: string): readonly ToolCall[] | RowIssue {
  const field = callNames.find((known) => isGiven(fieldOf(message, known)));
  if (field === undefined) return [];
  const value = fieldOf(message, field);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_CALLS) {
    const reason = `${name}.${field} has ${list.length} calls, more than ${MAX_CALLS}`;
    return { code: "DATA_TOOL_CALL_INVALID", reason };
  }
  const calls: ToolCall[] = [];
  for (const [at, item] of list.entries()) {
    const call = callOf(item, Array.isArray(value) ? `${name}.${field}[${at}]` : `${name}.${field}`);
    if ("code" in call) return call;
    calls.push(call);
  }
  return calls;
}

function isGiven(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
  );
}

/** A call from its fields, with or without `function` around name and arguments. */
function callOf(item: unknown, place: string): ToolCall | RowIssue {
  if (!isFields(item)) return invalid(`${place} is ${kindOf(item)}, not an object`);
  const inner = fieldOf(item, "function");
  const spec = isFields(inner) ? inner : item;
  const name = firstText(spec, nameNames);
  if (name === null) return invalid(`${place} has no name of a tool`);
  const id = firstText(item, idNames);
  const given = argumentNames
    .map((key) => fieldOf(spec, key))
    .find((one) => one !== undefined && one !== null);
  const parsed = argumentsOf(given);
  if (parsed === null)
    return invalid(`${place}: its arguments are ${kindOf(given)}, not an object or its JSON text`);
  return { ...(id !== null && { id }), name, arguments: parsed };
}

/** Arguments as an object; a text that is not the JSON of an object stays as written; `null` for other values. */
function argumentsOf(given: unknown): JsonObject | string | null {
  if (given === undefined || given === null || given === "") return {};
  if (isFields(given)) return given as JsonObject;
  if (typeof given !== "string") return null;
  try {
    const value = parseJson(given);
    return isFields(value) ? (value as JsonObject) : given;
  } catch {
    return given;
  }
}

function invalid(reason: string): RowIssue {
  return { code: "DATA_TOOL_CALL_INVALID", reason };
}

function firstText(fields: Fields, names: readonly string[]): string | null {
  const found = names
    .map((name) => fieldOf(fields, name))
    .find((one) => typeof one === "string" && one !== "");
  return found === undefined ? null : (found as string);
}

/** Id and name of the call that a tool message answers. */
export function resultNames(message: Fields): Pick<Message, "toolCallId" | "name"> {
  const toolCallId = firstText(message, idNames.slice(1));
  const name = firstText(message, nameNames);
  return { ...(toolCallId !== null && { toolCallId }), ...(name !== null && { name }) };
}

/** Kinds of message parts, by their `type` or by the key around their fields. */
const callParts = new Set(["tool_use", "toolUse", "functionCall", "function_call", "tool-call"]);
const resultParts = new Set([
  "tool_result",
  "toolResult",
  "functionResponse",
  "function_response",
  "tool-result",
]);

/** A part of a message that is a call, a result, or both. */
export interface ToolPart {
  readonly call?: ToolCall;
  readonly result?: Message;
}

/**
 * Reads a part that is a call or a result, or returns the issue `DATA_TOOL_CALL_INVALID`.
 *
 * @source content blocks of Anthropic (`tool_use`, `tool_result`), Amazon Bedrock (`toolUse`, `toolResult`), Google
 *   (`functionCall`, `functionResponse`) and of the AI SDK (`tool-call`, `tool-result`)
 */
export function toolPartOf(part: Fields, place: string): ToolPart | RowIssue | null {
  const kind = String(fieldOf(part, "type") ?? Object.keys(part)[0]);
  const wrapped = fieldOf(part, kind) ?? fieldOf(part, "toolInvocation");
  const fields = isFields(wrapped) ? wrapped : part;
  if (isCallWithResult(fields)) return callWithResult(fields, kind, place);
  if (callParts.has(kind)) {
    const call = callOf(fields, place);
    return "code" in call ? call : { call };
  }
  if (!resultParts.has(kind)) return null;
  const given = ["content", "response", "result", "output"]
    .map((name) => fieldOf(fields, name))
    .find((one) => one !== undefined);
  return { result: { role: "tool", content: resultText(given), ...resultNames(fields) } };
}

/** Whether one part holds a call and, in most cases, its result, as the parts of the AI SDK's `UIMessage`. */
function isCallWithResult(fields: Fields): boolean {
  const isAnswered = ["state", "output", "errorText"].some((name) => Object.hasOwn(fields, name));
  return isAnswered && firstText(fields, ["toolCallId"]) !== null && !Object.hasOwn(fields, "content");
}

/** @param kind its type, `tool-` and the name of the tool unless a field has the name */
function callWithResult(fields: Fields, kind: string, place: string): ToolPart | RowIssue {
  const name = firstText(fields, nameNames) ?? kind.replace(/^tool-/, "");
  const call = callOf({ ...fields, name }, place);
  if ("code" in call) return call;
  const output = ["output", "result", "errorText"]
    .map((field) => fieldOf(fields, field))
    .find((value) => value !== undefined);
  if (output === undefined) return { call };
  return { call, result: { role: "tool", content: resultText(output), ...resultNames({ ...fields, name }) } };
}

/** A result as text: text parts are joined, other values are written as JSON. */
function resultText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  const texts = value.map((part: unknown) => {
    if (!isFields(part)) return null;
    const text = fieldOf(part, "text");
    const json = fieldOf(part, "json");
    return typeof text === "string" ? text : json === undefined ? null : JSON.stringify(json);
  });
  return texts.every((text) => text !== null) ? texts.join("") : JSON.stringify(value);
}

/** The calls in a text that is a call or a list of calls in JSON, as ShareGPT's turns `function_call`; `null`: none. */
export function callsInJson(text: string): readonly ToolCall[] | null {
  const single = toolCallIn(text);
  if (single !== null) return [single];
  try {
    const value = parseJson(text);
    if (!Array.isArray(value) || value.length === 0 || value.length > MAX_CALLS) return null;
    const calls = value.map((one: unknown) => toolCallIn(JSON.stringify(one)));
    return calls.every((call) => call !== null) ? calls : null;
  } catch {
    return null;
  }
}
