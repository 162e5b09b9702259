/** @file Restricts answers to calls of offered tools, with the tokens of a tokenizer. */
import type { JsonObject } from "@tunewise/core/rows";
import {
  constrainCallsInText,
  constrainToCalls,
  type TokenConstraint,
  TokenVocabulary,
} from "@tunewise/engine";
import {
  callTokens,
  learnToolCallSyntax,
  rendersTools,
  type Tokenizer,
  type ToolCallSyntax,
} from "@tunewise/engine/tokenize";
import { TunewiseError } from "../problem/index.ts";

/** Vocabularies in which the special tokens of calls are texts. */
const vocabularies = new WeakMap<Tokenizer, TokenVocabulary>();

/**
 * Returns the constraint of an answer that calls tools. It is compiled for each answer: requests rarely repeat their
 * tools exactly, and every schema compiles in less than half a second.
 *
 * @param definitions of the tools that may be called, at least one
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED`, `CONSTRAINT_TOKENIZER`
 */
export function callConstraint(
  tokenizer: Tokenizer,
  syntax: ToolCallSyntax,
  definitions: readonly JsonObject[],
  isParallel: boolean,
): TokenConstraint {
  return constrainToCalls(
    { syntax: withoutEnd(syntax, tokenizer), functions: functionsOf(definitions), isParallel },
    vocabularyFor(tokenizer, syntax),
  );
}

/** Constraints of offered tools kept per tokenizer, each up to 64 MB as those of schemas. */
const maxKept = 4;

const kept = new WeakMap<Tokenizer, Map<string, TokenConstraint>>();

/**
 * Returns the constraint of an answer that may call tools: free until a call begins, which then names an offered tool
 * and has arguments that are valid against its schema. The last few are kept, as rows often offer the same tools.
 *
 * @param definitions of the tools that may be called; none: no call can begin
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED`, `CONSTRAINT_TOKENIZER`
 */
export function offeredCalls(
  tokenizer: Tokenizer,
  syntax: ToolCallSyntax,
  definitions: readonly JsonObject[],
): TokenConstraint {
  const own = kept.get(tokenizer) ?? new Map<string, TokenConstraint>();
  kept.set(tokenizer, own);
  const key = JSON.stringify(definitions);
  const constraint =
    own.get(key) ??
    constrainCallsInText(
      { syntax: withoutEnd(syntax, tokenizer), functions: functionsOf(definitions), isParallel: true },
      vocabularyFor(tokenizer, syntax),
    );
  own.delete(key);
  own.set(key, constraint);
  const [oldest] = own.keys();
  if (own.size > maxKept && oldest !== undefined) own.delete(oldest);
  return constraint;
}

/**
 * Why calls cannot be restricted to the tools that rows offer; `null` if they can.
 *
 * @param offered the tools of each row
 */
export function callObstacle(
  tokenizer: Tokenizer,
  offered: readonly (readonly JsonObject[])[],
): string | null {
  const syntax = learnToolCallSyntax(tokenizer);
  if (syntax === null) return "the chat template does not show how calls are written";
  if (!rendersTools(tokenizer)) return "the chat template does not write the definitions of tools";
  const checked = new Set<string>();
  for (const definitions of [[], ...offered]) {
    const key = JSON.stringify(definitions);
    if (checked.has(key)) continue;
    checked.add(key);
    try {
      offeredCalls(tokenizer, syntax, definitions);
    } catch (error) {
      if (!TunewiseError.is(error)) throw error;
      const obstacle = error.message.replace(/\.$/, "");
      if (error.code === "SCHEMA_UNSUPPORTED") return `of the tools, ${obstacle}`;
      if (error.code === "CONSTRAINT_TOKENIZER") return obstacle;
      throw error;
    }
  }
  return null;
}

function functionsOf(definitions: readonly JsonObject[]): JsonObject[] {
  return definitions.map((tool) => tool["function"] as JsonObject);
}

function vocabularyFor(tokenizer: Tokenizer, syntax: ToolCallSyntax): TokenVocabulary {
  const vocabulary = vocabularies.get(tokenizer) ?? vocabularyOf(tokenizer, syntax);
  vocabularies.set(tokenizer, vocabulary);
  return vocabulary;
}

function vocabularyOf(tokenizer: Tokenizer, syntax: ToolCallSyntax): TokenVocabulary {
  const bytes = [...tokenizer.tokenBytes()];
  for (const [id, text] of callTokens(tokenizer, syntax)) {
    if (!tokenizer.endIds.includes(id)) bytes[id] = Buffer.from(text, "utf8");
  }
  return new TokenVocabulary(bytes);
}

/** The syntax up to a token that ends answers. */
function withoutEnd(syntax: ToolCallSyntax, { endIds, specialTokens }: Tokenizer): ToolCallSyntax {
  const ends = endIds.flatMap((id) => specialTokens.get(id) ?? []);
  const before = (text: string): string => ends.reduce((rest, end) => rest.split(end)[0] ?? "", text);
  return { ...syntax, after: before(syntax.after), close: before(syntax.close) };
}
