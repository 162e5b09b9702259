/** @file Compiles offered tools to an expression of the calls that a model may write, in its own syntax. */
import type { JsonObject } from "@tunewise/core/rows";
import { problem } from "../problem/index.ts";
import type { ToolCallSyntax } from "../tokenize/index.ts";
import type { Expression } from "./expression.ts";
import { type CompiledExpression, compileExpression } from "./json-schema.ts";
import type { JsonText } from "./json-text.ts";

/** Calls that an answer must consist of. */
export interface RequiredCalls {
  readonly syntax: ToolCallSyntax;
  /** Functions that may be called, at least one: `{ name, parameters }`. */
  readonly functions: readonly JsonObject[];
  /** Whether more than one call may be written. */
  readonly isParallel: boolean;
}

/** Maximum calls of an answer, so that a model cannot repeat itself forever. */
const MAX_CALLS = 16;

/** Length of a call's id, as templates of Mistral require. */
const ID_LENGTH = 9;

type ReadSchema = (schema: unknown, path: string) => Expression;

/**
 * An expression that matches one call or several of the given functions.
 *
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED`
 */
export function callsExpression(calls: RequiredCalls): CompiledExpression {
  const { preamble, open, before } = calls.syntax;
  return compileExpression((text, read) => callsAfter(preamble + open + before, calls, text, read));
}

/**
 * An expression that matches one call or several behind any of the given texts. Without functions it matches nothing.
 *
 * @param leads texts from which on an answer is calls, such as `<tool_call>\n`
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED`
 */
export function introducedCalls(leads: readonly string[], calls: RequiredCalls): CompiledExpression {
  return compileExpression((text, read) =>
    text.pool.either(...leads.map((lead) => callsAfter(lead, calls, text, read))),
  );
}

function callsAfter(
  lead: string,
  { syntax, functions, isParallel }: RequiredCalls,
  text: JsonText,
  read: ReadSchema,
): Expression {
  const { before, after, separator, close, hasSeveral } = syntax;
  const { pool } = text;
  const call = pool.sequence(
    pool.either(...functions.map((one, at) => callOf(one, at, syntax, text, read))),
    pool.literal(after),
  );
  const next = pool.sequence(pool.literal(separator + before), call);
  const isRepeated = hasSeveral && isParallel;
  const more = isRepeated ? pool.repeat(next, 0, MAX_CALLS - 1) : pool.empty;
  // white space behind a call must not oblige the model to call again
  const space = isRepeated && separator.trim() === "" ? pool.optional(pool.literal(separator)) : pool.empty;
  return pool.sequence(pool.literal(lead), call, more, space, pool.literal(close));
}

function callOf(
  { name, parameters }: JsonObject,
  at: number,
  { form }: ToolCallSyntax,
  text: JsonText,
  read: ReadSchema,
): Expression {
  const { pool } = text;
  const path = `#/tools/${at}/function/parameters`;
  const parts = form.kind === "object" ? form.parts : form.head;
  const head = parts.map((part) => {
    if (part.kind === "text") return pool.literal(part.text);
    if (part.kind === "name") return pool.literal(String(name));
    if (part.kind === "id") return pool.repeat(pool.bytes([0x30, 0x39], [0x61, 0x7a]), ID_LENGTH, ID_LENGTH);
    return argumentsOf(parameters, path, text, read);
  });
  if (form.kind === "object" && !form.isEncoded) return pool.sequence(...head);
  if (form.kind === "named" && form.language === "json")
    return pool.sequence(...head, argumentsOf(parameters, path, text, read));
  throw problem("SCHEMA_UNSUPPORTED", {
    place: "#/tools",
    found: "cannot be required of this model, whose calls do not write arguments as one JSON object",
  });
}

/** Arguments as a JSON object; without a schema, any object. */
function argumentsOf(parameters: unknown, path: string, text: JsonText, read: ReadSchema): Expression {
  const schema = (parameters ?? {}) as JsonObject;
  if (Object.keys(schema).length === 0) return text.anyObject();
  const isTyped = ["type", "$ref", "anyOf", "enum", "const"].some((key) => Object.hasOwn(schema, key));
  return read(isTyped ? schema : { ...schema, type: "object" }, path);
}
