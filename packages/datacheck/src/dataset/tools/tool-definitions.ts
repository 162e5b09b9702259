/** @file Reads the tools that a row offers, in the forms of several vendors. */

import type { JsonObject } from "@tunewise/core/rows";
import { parseJson } from "@tunewise/core/untrusted";
import { type Fields, fieldOf, isFields, kindOf } from "../record.ts";
import type { RowIssue } from "../row-issue.ts";

/** Field names of the definitions beside a conversation. */
const listNames = ["tools", "functions", "toolConfig", "tool_config"];

/** Max. tools of a row. */
const MAX_TOOLS = 1_024;

/** A definition in OpenAI's form. */
export interface ToolDefinition {
  readonly name: string;
  /** JSON Schema of the arguments; absent: any. */
  readonly parameters?: unknown;
}

/** Name and parameters of a definition as rows contain it. */
export function toolDefinition(tool: JsonObject): ToolDefinition {
  const { name, parameters } = tool["function"] as JsonObject;
  return { name: String(name), ...(parameters !== undefined && { parameters }) };
}

/**
 * Returns the row's tools in OpenAI's form, `undefined` if it offers none, or the issue `DATA_TOOLS_INVALID`.
 *
 * Lists may be JSON texts, as in data sets whose rows have different tools. A definition with `type` and `function`
 * stays as it is, since templates print it; others are converted.
 *
 * @source `tools` of OpenAI's and Hugging Face's chat formats, `functions` of OpenAI's older format, ShareGPT's texts;
 *   `input_schema` of Anthropic, `functionDeclarations` of Google, `toolConfig.tools[].toolSpec` of Amazon Bedrock
 */
export function toolsOf(fields: Fields): readonly JsonObject[] | undefined | RowIssue {
  const name = listNames.find((known) => !isEmpty(fieldOf(fields, known)));
  if (name === undefined) return undefined;
  const list = toolList(fieldOf(fields, name));
  if (list === null) {
    const found = kindOf(fieldOf(fields, name));
    return {
      code: "DATA_TOOLS_INVALID",
      reason: `${name} is ${found}, not a list of tools or its JSON text`,
    };
  }
  if (list.length > MAX_TOOLS) {
    return { code: "DATA_TOOLS_INVALID", reason: `${name} has ${list.length} tools, more than ${MAX_TOOLS}` };
  }
  const tools = list.map(openaiTool);
  const wrong = tools.indexOf(null);
  if (wrong >= 0)
    return { code: "DATA_TOOLS_INVALID", reason: `${name}[${wrong}] has no name of a function` };
  return tools.length === 0 ? undefined : tools.filter((tool) => tool !== null);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

/** The list of definitions in a value or its JSON text; `null` if there is none. */
export function toolList(value: unknown): readonly unknown[] | null {
  const given = typeof value === "string" ? jsonOr(value, null) : value;
  const list = isFields(given) ? (fieldOf(given, "tools") ?? [given]) : given;
  if (!Array.isArray(list)) return null;
  return list.flatMap((one: unknown) => {
    const item = typeof one === "string" ? jsonOr(one, one) : one;
    const declared = isFields(item)
      ? (fieldOf(item, "functionDeclarations") ?? fieldOf(item, "function_declarations"))
      : undefined;
    return Array.isArray(declared) ? (declared as unknown[]) : [item];
  });
}

function jsonOr<Other>(text: string, other: Other): unknown {
  try {
    return parseJson(text);
  } catch {
    return other;
  }
}

/** A definition in OpenAI's form; `null` if the value is not a definition. */
export function openaiTool(value: unknown): JsonObject | null {
  if (!isFields(value)) return null;
  const inner = fieldOf(value, "function");
  if (isFields(inner)) return hasName(inner) ? (value as JsonObject) : null;
  const spec = fieldOf(value, "toolSpec") ?? fieldOf(value, "tool_spec") ?? value;
  if (!isFields(spec) || !hasName(spec)) return null;
  const schema = fieldOf(spec, "inputSchema") ?? fieldOf(spec, "input_schema") ?? fieldOf(spec, "parameters");
  const parameters = isFields(schema) ? (fieldOf(schema, "json") ?? schema) : schema;
  const description = fieldOf(spec, "description");
  const definition = {
    name: fieldOf(spec, "name"),
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
  };
  return { type: "function", function: definition as JsonObject };
}

function hasName(fields: Fields): boolean {
  const name = fieldOf(fields, "name");
  return typeof name === "string" && name !== "";
}
