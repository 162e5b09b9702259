/** @file Reads an answer as the model writes it, from its tokens. */
import type { JsonObject } from "@tunewise/core/rows";
import type { Tokenizer } from "../tokenizer.ts";
import { learnToolCallSyntax } from "./learn.ts";
import { type ParsedAnswer, parseToolCalls } from "./parser.ts";
import type { ToolCallSyntax } from "./syntax.ts";

/**
 * The special tokens that belong to the syntax of calls, such as `[TOOL_CALLS]`. An answer is decoded with them, as
 * calls are not recognized otherwise.
 */
export function callTokens(
  tokenizer: Pick<Tokenizer, "specialTokens">,
  { literals }: ToolCallSyntax,
): ReadonlyMap<number, string> {
  const own = [...tokenizer.specialTokens].filter(([, text]) => literals.some((one) => one.includes(text)));
  return new Map(own);
}

/**
 * Decodes an answer and reads its calls. Special tokens stay in the content only inside a malformed call.
 *
 * @param tools that the model was offered, whose schemas give types to raw arguments
 */
export function readAnswer(
  tokenizer: Tokenizer,
  ids: ArrayLike<number>,
  tools: readonly JsonObject[],
): ParsedAnswer {
  const plain = (): ParsedAnswer => ({
    content: tokenizer.decode(ids, { skipSpecialTokens: true }),
    toolCalls: [],
    malformed: null,
  });
  const syntax = learnToolCallSyntax(tokenizer);
  if (syntax === null) return plain();
  const tokens = callTokens(tokenizer, syntax);
  const text = tokenizer.decode(ids, { skipSpecialTokens: true, keep: new Set(tokens.keys()) });
  const parsed = parseToolCalls(text, syntax, tools);
  if (parsed.malformed !== null) return parsed;
  if (parsed.toolCalls.length === 0) return plain();
  const content = [...tokens.values()].reduce((rest, token) => rest.replaceAll(token, ""), parsed.content);
  return { ...parsed, content };
}
