/** @file Converts values of a row into messages: text checks, roles, message lists. */

import type { Example, Message, ToolCall } from "@tunewise/core/rows";
import { MAX_FIELD_LENGTH, MAX_MESSAGES } from "./limits.ts";
import { mediumBeside, mediumOf } from "./media.ts";
import { readReasoning } from "./reasoning-block.ts";
import { pairByName } from "./recognize/column-names.ts";
import { type Fields, fieldOf, isFields, kindOf } from "./record.ts";
import type { RowIssue } from "./row-issue.ts";
import { callsInJson, callsOf, hasCallField, resultNames, toolPartOf } from "./tools/call-fields.ts";

/** Names of each role in data sets, including those of `from` in ShareGPT files. */
const roleNames: Readonly<Record<Message["role"], string>> = {
  system: "system developer",
  user: "user human customer prompter",
  assistant: "assistant gpt chatgpt bot model chatbot ai agent function_call tool_call",
  tool: "tool observation function tool_response function_response",
};
/** Roles of turns whose text is calls in JSON, in ShareGPT files. */
const callRoles = new Set(["function_call", "tool_call"]);

const roles: ReadonlyMap<string, Message["role"]> = new Map(
  (Object.keys(roleNames) as Message["role"][]).flatMap((role) =>
    roleNames[role].split(" ").map((name) => [name, role] as const),
  ),
);

/** The role that a name in a data set stands for; `undefined` if it is not a speaker. */
export function roleOf(name: string): Message["role"] | undefined {
  return roles.get(name.toLowerCase());
}

/** Field names of a conversation, common ones first. */
const listNames = "messages conversations conversation contents dialog dialogue turns chat".split(" ");

/** Field names of a message's role, its content, and its reasoning. */
const speakerNames = ["role", "from", "speaker"];
const contentNames = ["content", "value", "parts", "text", "message"];
const reasoningNames = ["reasoning_content", "reasoning", "thinking"];

/** Whether a value is a conversation: a list of messages with role and content. */
export function isTurnList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.slice(0, 3).every((turn) => {
    if (!isFields(turn)) return false;
    const has = (names: readonly string[]): boolean => names.some((name) => Object.hasOwn(turn, name));
    return has(speakerNames) && (has(contentNames) || hasCallField(turn));
  });
}

/**
 * A conversation without names of speakers as a list of messages: texts of the user and the assistant in turn, or
 * objects with a prompt and an answer each; any other value as it is.
 *
 * @source the data sets GAIR/lima and LDJnr/Capybara
 */
export function namedTurns(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_MESSAGES) return value;
  if (value.length > 1 && value.every((turn) => typeof turn === "string"))
    return value.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content }));
  const pairs = value.map((turn: unknown) => (isFields(turn) ? pairOf(turn) : null));
  return pairs.includes(null) ? value : pairs.flat();
}

/** The two turns of an object with a prompt and an answer; `null` for other objects. */
function pairOf(turn: Fields): Fields[] | null {
  const columns = speakerNames.some((name) => Object.hasOwn(turn, name))
    ? null
    : pairByName(Object.keys(turn));
  if (columns === null) return null;
  return [
    { role: "user", content: fieldOf(turn, columns.prompt) },
    { role: "assistant", content: fieldOf(turn, columns.completion) },
  ];
}

/**
 * Returns the field of the row's conversation: one with a common name, otherwise the only list of messages, or `null`.
 */
export function conversationField(fields: Fields): string | null {
  const named = listNames.find((name) => Array.isArray(fieldOf(fields, name)));
  if (named !== undefined) return named;
  const lists = Object.keys(fields).filter((name) => isTurnList(fieldOf(fields, name)));
  return lists.length === 1 ? (lists[0] ?? null) : null;
}

/** Field names of a system message beside a conversation. */
export const systemNames: readonly string[] = [
  "system",
  "system_prompt",
  "systemInstruction",
  "system_instruction",
];

/**
 * Returns the system message beside a conversation: text, `{ parts }` or a list of text parts; `""` if there is none.
 */
export function systemOf(fields: Fields): string | RowIssue {
  const name = systemNames.find((known) => !isBlank(fieldOf(fields, known)));
  if (name === undefined) return "";
  const value = fieldOf(fields, name);
  if (!Array.isArray(value) && !isFields(value)) return textOf(value, name);
  const segments = Array.isArray(value) ? partsOf(value, name) : contentOf(value, name);
  return isRowIssue(segments) ? segments : segments.map(({ text }) => text).join("");
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** Whether a converter returned an issue. */
export function isRowIssue(value: unknown): value is RowIssue {
  return typeof value === "object" && value !== null && "code" in value && "reason" in value;
}

/**
 * Returns the text of a field, or an issue: `DATA_FIELD_MISSING`, `DATA_FIELD_TYPE`, `DATA_FIELD_TOO_LONG`,
 * `DATA_TEXT_INVALID`.
 *
 * @param loose also accept numbers and booleans, as in label columns of tables
 */
export function textOf(value: unknown, name: string, loose = false): string | RowIssue {
  if (value === undefined || value === null) {
    return { code: "DATA_FIELD_MISSING", reason: `${name} is ${kindOf(value)}` };
  }
  if (typeof value === "string") return checkText(value, name);
  if (loose && (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")) {
    return String(value);
  }
  return { code: "DATA_FIELD_TYPE", reason: `${name} is ${kindOf(value)}, not text` };
}

/** Returns the text, or an issue if no tokenizer could process it. */
function checkText(text: string, name: string): string | RowIssue {
  if (text.length > MAX_FIELD_LENGTH) {
    const reason = `${name} has ${text.length} characters, more than ${MAX_FIELD_LENGTH}`;
    return { code: "DATA_FIELD_TOO_LONG", reason };
  }
  if (text.includes("\0")) return { code: "DATA_TEXT_INVALID", reason: `${name} contains a NUL character` };
  if (/[\ud800-\udfff]/u.test(text)) {
    return { code: "DATA_TEXT_INVALID", reason: `${name} contains half a surrogate pair` };
  }
  return text;
}

/**
 * Converts a list of messages with `role`/`content` or `from`/`value`, calls and results of tools, reasoning, and
 * `weight`. Issues: those of `textOf`, `DATA_ROLE_UNKNOWN`, `DATA_TOOL_CALL_INVALID`, `DATA_MEDIA` and
 * `DATA_WEIGHT_INVALID`.
 */
export function messagesOf(given: unknown, name: string): Message[] | RowIssue {
  const value = namedTurns(given);
  if (!Array.isArray(value)) {
    const code = value === undefined || value === null ? "DATA_FIELD_MISSING" : "DATA_FIELD_TYPE";
    return { code, reason: `${name} is ${kindOf(value)}, not a list of messages` };
  }
  if (value.length > MAX_MESSAGES) {
    return { code: "DATA_FIELD_TOO_LONG", reason: `${name} has ${value.length} messages` };
  }
  const messages: Message[] = [];
  for (const [index, item] of value.entries()) {
    const read = turnOf(item, `${name}[${index}]`);
    if (isRowIssue(read)) return read;
    messages.push(...read);
  }
  return messages;
}

/** Converts a message. One with results of tools among its parts becomes a tool message for each, and the rest. */
function turnOf(item: unknown, name: string): readonly Message[] | RowIssue {
  if (!isFields(item))
    return { code: "DATA_FIELD_TYPE", reason: `${name} is ${kindOf(item)}, not an object` };
  const roleName = firstOf(item, speakerNames);
  if (typeof roleName !== "string") {
    return { code: "DATA_FIELD_MISSING", reason: `${name}.role is ${kindOf(roleName)}` };
  }
  const role = roleOf(roleName);
  if (role === undefined) {
    return { code: "DATA_ROLE_UNKNOWN", reason: `${name}.role is ${JSON.stringify(roleName.slice(0, 40))}` };
  }
  const medium = mediumBeside(item, true);
  if (medium !== null) return { ...medium, reason: `${name}.${medium.reason}` };
  const segments = contentOf(item, name);
  if (isRowIssue(segments)) return segments;
  if (role === "assistant")
    return assistantTurns(item, segments, name, callRoles.has(roleName.toLowerCase()));
  const results = segments.flatMap((segment) => segment.results);
  const text = segments.map((segment) => segment.text).join("");
  if (results.length > 0 && text === "") return results;
  return [...results, role === "tool" ? toolMessage(item, text) : { role, content: text }];
}

/** A turn for each segment, followed by its results. Segments without anything but results have no turn. */
function assistantTurns(
  item: Fields,
  segments: readonly TurnContent[],
  name: string,
  isCall: boolean,
): readonly Message[] | RowIssue {
  const turns: Message[] = [];
  for (const [at, segment] of segments.entries()) {
    const { results, text, calls, thoughts } = segment;
    const isFilled = text !== "" || thoughts !== "" || calls.length > 0;
    if (isFilled || results.length === 0) {
      // fields of the message, such as its reasoning, belong to the first turn
      const turn = assistantTurn(at === 0 ? item : onlyWeight(item), segment, name, isCall);
      if (isRowIssue(turn)) return turn;
      turns.push(turn);
    }
    turns.push(...results);
  }
  return turns;
}

function onlyWeight(item: Fields): Fields {
  return { weight: fieldOf(item, "weight") };
}

function toolMessage(item: Fields, content: string): Message {
  return { role: "tool", content, ...resultNames(item) };
}

/** @param isCall whether the text is calls in JSON */
function assistantTurn(
  item: Fields,
  { text, calls, thoughts }: Omit<TurnContent, "results">,
  name: string,
  isCall: boolean,
): Message | RowIssue {
  const weight = weightOf(item, name);
  if (isRowIssue(weight)) return weight;
  const own = callsOf(item, name);
  if (isRowIssue(own)) return own;
  const written = isCall ? callsInJson(text) : [];
  if (written === null) {
    return { code: "DATA_TOOL_CALL_INVALID", reason: `${name} is no call in JSON: ${text.slice(0, 40)}` };
  }
  const given = firstOf(item, reasoningNames);
  const split = typeof given === "string" ? { reasoning: given, content: text } : readReasoning(text);
  const reasoning = split.reasoning || thoughts;
  const toolCalls = [...calls, ...own, ...written];
  return {
    role: "assistant",
    content: isCall ? "" : split.content,
    ...(weight === 0 && { weight }),
    ...(reasoning !== "" && { reasoning }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}

/** Whether an assistant's turn is trained. @source openai/openai-openapi openapi.yaml, FineTuneChatRequestInput */
function weightOf(message: Fields, name: string): 0 | 1 | RowIssue {
  const given = fieldOf(message, "weight");
  const weight = typeof given === "bigint" ? Number(given) : given;
  if (weight === 0) return 0;
  if (weight === 1 || isBlank(weight)) return 1;
  const shown = typeof weight === "object" ? kindOf(weight) : JSON.stringify(weight).slice(0, 40);
  return { code: "DATA_WEIGHT_INVALID", reason: `${name}.weight is ${shown}, not 0 or 1` };
}

/**
 * Drops everything after the assistant's last trained turn. In a causal model no trained token depends on it, and the
 * row then ends with the answer that an evaluation asks for. Returns no messages if no turn is trained.
 */
export function upToAnswer(messages: readonly Message[]): Pick<Example, "messages" | "turnsBehind"> {
  if (messages.at(-1)?.weight !== 0) return { messages };
  const end = messages.findLastIndex(({ role, weight }) => role === "assistant" && weight !== 0) + 1;
  const turnsBehind = messages.slice(end).filter(({ role }) => role === "assistant").length;
  return { messages: messages.slice(0, end), turnsBehind };
}

/** What a message contains up to its next part after results. */
interface TurnContent {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** Tool messages among its parts. */
  readonly results: readonly Message[];
  /** Reasoning among its parts; `""`: none. */
  readonly thoughts: string;
}

/** Content as text, or as parts; parts such as images are not supported. Turns with calls need no content. */
function contentOf(message: Fields, name: string): readonly TurnContent[] | RowIssue {
  const content = firstOf(message, contentNames);
  if (Array.isArray(content)) return partsOf(content, `${name}.content`);
  if ((content === undefined || content === null) && hasCallField(message)) return [textOnly("")];
  const text = textOf(content, `${name}.content`);
  return typeof text === "string" ? [textOnly(text)] : text;
}

function textOnly(text: string): TurnContent {
  return { text, calls: [], results: [], thoughts: "" };
}

/**
 * Joins text parts, with or without a `type`, and reads calls, results and reasoning. What follows results is a segment
 * of its own, because the model wrote it after it had read them.
 */
function partsOf(parts: readonly unknown[], name: string): readonly TurnContent[] | RowIssue {
  const segments: TurnContent[] = [];
  let current = textOnly("");
  for (const [index, part] of parts.entries()) {
    const read = partOf(part, `${name}[${index}]`);
    if (isRowIssue(read)) return read;
    const isOwn = read.text !== "" || read.thoughts !== "" || read.calls.length > 0;
    if (isOwn && current.results.length > 0) {
      segments.push(current);
      current = read;
    } else {
      current = {
        text: current.text + read.text,
        thoughts: current.thoughts + read.thoughts,
        calls: [...current.calls, ...read.calls],
        results: [...current.results, ...read.results],
      };
    }
  }
  return [...segments, current];
}

/** Parts that separate steps and hold nothing. */
const separators: ReadonlySet<unknown> = new Set(["step-start"]);

/** One part of a message. */
function partOf(part: unknown, place: string): TurnContent | RowIssue {
  if (isFields(part)) {
    const tool = toolPartOf(part, place);
    if (isRowIssue(tool)) return tool;
    if (tool !== null)
      return {
        ...textOnly(""),
        calls: tool.call ? [tool.call] : [],
        results: tool.result ? [tool.result] : [],
      };
    const thought = isThought(part) ? thoughtIn(part) : undefined;
    if (thought !== undefined) {
      const thoughts = textOf(thought, place);
      return typeof thoughts === "string" ? { ...textOnly(""), thoughts } : thoughts;
    }
    if (separators.has(fieldOf(part, "type"))) return textOnly("");
  }
  const text = textPartOf(part, place);
  return typeof text === "string" ? textOnly(text) : text;
}

/** Whether a part is reasoning: by its type, by the key around its fields, or by a flag. */
function isThought(part: Fields): boolean {
  const kind = String(fieldOf(part, "type") ?? Object.keys(part)[0]);
  return /think|thought|reason/i.test(kind) || fieldOf(part, "thought") === true;
}

/** The text of reasoning, at most this many objects deep. */
function thoughtIn(value: unknown, depth = 3): unknown {
  if (!isFields(value) || depth < 0) return undefined;
  const own = firstOf(value, ["thinking", "text", "reasoning", "thought", "content"]);
  if (typeof own === "string") return own;
  return Object.values(value)
    .map((inner) => thoughtIn(inner, depth - 1))
    .find((text) => text !== undefined);
}

/** Parts that are text, and the field of the text. */
const textParts: ReadonlyMap<unknown, string> = new Map([
  ["text", "text"],
  ["input_text", "text"],
  ["output_text", "text"],
  ["refusal", "refusal"],
]);

function textPartOf(part: unknown, place: string): string | RowIssue {
  const medium = isFields(part) ? mediumOf(part) : null;
  if (medium !== null) return { code: "DATA_MEDIA", reason: `${place} is ${medium}` };
  const field = isFields(part) ? textParts.get(fieldOf(part, "type") ?? "text") : undefined;
  if (!isFields(part) || field === undefined || !Object.hasOwn(part, field)) {
    return { code: "DATA_FIELD_TYPE", reason: `${place} is ${partText(part)}, not a text part` };
  }
  return textOf(fieldOf(part, field), `${place}.${field}`);
}

function partText(part: unknown): string {
  const type = isFields(part) ? fieldOf(part, "type") : undefined;
  return typeof type === "string" ? `of type ${JSON.stringify(type.slice(0, 40))}` : kindOf(part);
}

function firstOf(fields: Fields, names: readonly string[]): unknown {
  for (const name of names) {
    const value = fieldOf(fields, name);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}
