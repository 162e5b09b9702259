/** @file A chat template and variables of the user, in place of the model's own. */
import type { JsonObject, JsonValue } from "@tunewise/core/rows";
import { chooseTemplate } from "./chat-template.ts";
import type { TokenizerFiles } from "./tokenizer.ts";

/** A chat template and its variables. */
export interface OwnTemplate {
  /** Jinja; `null`: the model's own. */
  readonly template: string | null;
  /** Variables besides messages and tools, as in transformers' `apply_chat_template`; `null`: none. */
  readonly variables: JsonObject | null;
}

/** The tokenizer's files with another template, other variables, or both. */
export function withTemplate(files: TokenizerFiles, { template, variables }: OwnTemplate): TokenizerFiles {
  return {
    ...files,
    ...(template !== null && { chatTemplate: template }),
    ...(variables !== null && { templateVariables: variables }),
  };
}

/**
 * The chat template for programs that do not know the variables: it sets them itself. `null` if there is none.
 *
 * A program that passes a variable of its own, such as llama-server its `enable_thinking`, gets the text that the model
 * was trained on.
 */
export function portableTemplate(files: TokenizerFiles): string | null {
  const choice = chooseTemplate(files);
  if (!("template" in choice)) return null;
  const { templateVariables: variables = {} } = files;
  const sets = Object.entries(variables).map(([name, value]) => `{%- set ${name} = ${literal(value)} -%}`);
  return sets.join("") + choice.template;
}

/**
 * A JSON value as a Jinja literal.
 *
 * @source jinja.palletsprojects.com/templates, "Literals"
 */
function literal(value: JsonValue): string {
  if (value === null) return "none";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return decimal(value);
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(literal).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${quoted(key)}: ${literal(item)}`)
    .join(", ")}}`;
}

/** Not every implementation of Jinja reads exponents. */
function decimal(value: number): string {
  const text = String(value);
  if (!text.includes("e")) return text;
  return Number.isInteger(value) ? String(BigInt(value)) : value.toFixed(100).replace(/0+$/, "");
}

function isList(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function quoted(text: string): string {
  const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return `'${text.replace(/[\\']/g, "\\$&").replace(/[\n\r\t]/g, (one) => escapes[one] as string)}'`;
}
