/** @file Restricts answers to calls of offered tools, with the tokens of a tokenizer. */
import type { JsonObject } from "@tunewise/core/rows";
import { constrainToCalls, type TokenConstraint, TokenVocabulary } from "@tunewise/engine";
import { callTokens, type Tokenizer, type ToolCallSyntax } from "@tunewise/engine/tokenize";

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
  const functions = definitions.map((tool) => tool["function"] as JsonObject);
  const vocabulary = vocabularies.get(tokenizer) ?? vocabularyOf(tokenizer, syntax);
  vocabularies.set(tokenizer, vocabulary);
  return constrainToCalls({ syntax: withoutEnd(syntax, tokenizer), functions, isParallel }, vocabulary);
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
