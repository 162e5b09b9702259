/** @file Renders conversations with a model's chat template. */
import type { Conversation, JsonObject, Message, ToolCall } from "@tunewise/core/rows";
import { parseTemplate, runTemplate } from "./jinja.ts";
import type { TokenizerFiles } from "./tokenizer.ts";

/** Renders a conversation. */
export type ChatTemplate = (
  conversation: Conversation,
  addGenerationPrompt: boolean,
  variables?: JsonObject,
) => string;

/** JavaScript trims U+FEFF as white space, Python does not. It is replaced by a noncharacter, which neither trims. */
const byteOrderMark = /\ufeff/g;
const bomPlaceholder = "\ufdd0";

/** The date that the templates of Llama 3.1 to 3.3 fall back to. */
const usualDate = new Date(2024, 6, 26);

/**
 * Compiles a chat template.
 *
 * @param specialTokens variables such as `bos_token`
 * @param now date for `strftime_now`; if `null`, the function is undefined and templates use their built-in date, or
 *   `usualDate` if they have none, so that the same rows have the same tokens every day
 * @throws {TunewiseError} `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`; the returned function also throws `TEMPLATE_FAILED`
 */
export function compileChatTemplate(
  source: string,
  specialTokens: ReadonlyMap<string, string>,
  now: Date | null,
): ChatTemplate {
  const template = parseTemplate(source);
  const globals = new Map<string, unknown>([["documents", null], ...specialTokens]);
  const date =
    now ?? (/\bstrftime_now\(/.test(source) && !/\bstrftime_now is /.test(source) ? usualDate : null);
  if (date !== null) globals.set("strftime_now", (format: unknown) => strftime(date, String(format)));
  return ({ messages, tools = null }, addGenerationPrompt, more) => {
    const given = { ...more, ...templateVariables({ messages }), tools };
    const hasBom = hasByteOrderMark(given);
    const variables = hasBom ? withPlaceholders(given) : given;
    const text = runTemplate(
      template,
      new Map([...globals, ...Object.entries(variables), ["add_generation_prompt", addGenerationPrompt]]),
    );
    return hasBom ? text.replaceAll(bomPlaceholder, "\ufeff") : text;
  };
}

/** A conversation as templates and OpenAI's chat format name its fields. */
export interface TemplateVariables {
  readonly messages: readonly object[];
  /** Absent: none. */
  readonly tools?: readonly JsonObject[];
}

/** The variables of a conversation. */
export function templateVariables({ messages, tools }: Conversation): TemplateVariables {
  return { messages: messages.map(messageVariable), ...(tools && { tools }) };
}

/**
 * A message as templates read it. Absent fields are undefined, as for rows of a file. Arguments are objects, as
 * templates expect.
 *
 * @source huggingface.co/docs/transformers/chat_extras, "Tool use"
 */
function messageVariable({ role, content, reasoning, toolCalls, toolCallId, name }: Message): object {
  return {
    role,
    content,
    ...(reasoning !== undefined && { reasoning_content: reasoning, thinking: reasoning }),
    ...(toolCalls && { tool_calls: toolCalls.map(callVariable) }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
    ...(name !== undefined && { name }),
  };
}

function callVariable({ id, name, arguments: given }: ToolCall): object {
  return { ...(id !== undefined && { id }), type: "function", function: { name, arguments: given } };
}

function hasByteOrderMark(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\ufeff");
  return typeof value === "object" && value !== null && Object.values(value).some(hasByteOrderMark);
}

/** The value with all byte order marks replaced, in keys too. */
function withPlaceholders<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replace(byteOrderMark, bomPlaceholder));
}

const months = "January February March April May June July August September October November December".split(
  " ",
);
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/**
 * Formats a date like Python's `strftime` in the C locale, in local time; unknown codes are left as is.
 *
 * @source Python documentation, library/datetime, "strftime() and strptime() Format Codes"
 */
export function strftime(date: Date, format: string): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const month = months[date.getMonth()] as string;
  const day = days[date.getDay()] as string;
  const hour12 = date.getHours() % 12 === 0 ? 12 : date.getHours() % 12;
  const newYear = new Date(date.getFullYear(), 0, 1);
  const dayOfYear = Math.round((startOfDay(date).getTime() - newYear.getTime()) / 86_400_000) + 1;
  const codes = new Map<string, string>([
    ["Y", String(date.getFullYear())],
    ["y", two(date.getFullYear() % 100)],
    ["m", two(date.getMonth() + 1)],
    ["d", two(date.getDate())],
    ["e", String(date.getDate()).padStart(2, " ")],
    ["B", month],
    ["b", month.slice(0, 3)],
    ["h", month.slice(0, 3)],
    ["A", day],
    ["a", day.slice(0, 3)],
    ["H", two(date.getHours())],
    ["I", two(hour12)],
    ["M", two(date.getMinutes())],
    ["S", two(date.getSeconds())],
    ["p", date.getHours() < 12 ? "AM" : "PM"],
    ["j", String(dayOfYear).padStart(3, "0")],
    ["F", `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`],
    ["T", `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`],
    ["%", "%"],
  ]);
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, bare: string, code: string) => {
    const text = codes.get(code);
    if (text === undefined) return whole;
    return bare === "" ? text : text.replace(/^[0 ]+(?=.)/, "");
  });
}

function startOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

/** A template, or the reason why there is none. */
export type TemplateChoice =
  | { readonly template: string }
  /** Completes "the tokenizer has no chat template". */
  | { readonly missing: string };

/** Chooses `chat_template.jinja`, else `chat_template` of the config; of a named list, `default`. */
export function chooseTemplate(files: TokenizerFiles): TemplateChoice {
  if (files.chatTemplate !== null) return { template: files.chatTemplate };
  const given = configOf(files)["chat_template"];
  if (typeof given === "string") return { template: given };
  if (!Array.isArray(given) || given.length === 0) return { missing: "" };
  const named = given as readonly { readonly name?: unknown; readonly template?: unknown }[];
  const template = named.find(({ name }) => name === "default")?.template;
  if (typeof template === "string") return { template };
  const names = named.map(({ name }) => String(name)).join(", ");
  return { missing: ` named default; it has ${names.slice(0, 200)}` };
}

/** `tokenizer_config.json` as a record; empty if the file is not an object. */
export function configOf(files: TokenizerFiles): Readonly<Record<string, unknown>> {
  const { config } = files;
  return typeof config === "object" && config !== null ? (config as Readonly<Record<string, unknown>>) : {};
}

const names = [
  "bos_token",
  "eos_token",
  "unk_token",
  "sep_token",
  "pad_token",
  "cls_token",
  "mask_token",
] as const;

/** Name of a special token in the config. */
export type SpecialTokenName = (typeof names)[number];

/** Texts of the config's special tokens, which are variables in templates. */
export function specialTokens(files: TokenizerFiles): ReadonlyMap<SpecialTokenName, string> {
  const config = configOf(files);
  const found = new Map<SpecialTokenName, string>();
  for (const name of names) {
    const value = config[name];
    const content =
      typeof value === "object" && value !== null ? (value as { content?: unknown }).content : value;
    if (typeof content === "string") found.set(name, content);
  }
  return found;
}
