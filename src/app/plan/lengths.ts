/**
 * @file Lengths of rows in tokens: counted with the model's tokenizer, or estimated from the text without one.
 */
import type { Example } from "../../dataset/index.ts";
import type { RowLength } from "../../plan/index.ts";
import type { Finding } from "../../problem/index.ts";

/**
 * Bytes of UTF-8 text per token, and tokens around each message.
 *
 * @source Llama 2, Llama 3 and Qwen2.5 tokenizers give 3.6 to 4.6 bytes per token on English text; chat templates put
 *   3 to 8 tokens around a message
 */
const estimate = { bytesPerToken: 4, aroundMessage: 5 } as const;

/** Lengths of rows without a tokenizer. */
export function estimateLengths(
  rows: readonly Example[],
  { maxLength, loss }: { readonly maxLength: number; readonly loss: "completion" | "all" },
): RowLength[] {
  const tokensOf = (text: string): number => tokensOfText(text) + estimate.aroundMessage;
  return rows.map(({ messages }) => {
    const lengths = messages.map(({ content }) => tokensOf(content));
    const all = lengths.reduce((sum, length) => sum + length, 0);
    const answer = lengths.at(-1) ?? 0;
    const tokens = Math.min(all, maxLength);
    const promptTokens = Math.min(all - answer, tokens);
    return { tokens, promptTokens, labelledTokens: loss === "all" ? tokens : tokens - promptTokens };
  });
}

/** Tokens of a text by itself, without a tokenizer. */
export function tokensOfText(text: string): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / estimate.bytesPerToken));
}

/** Says that lengths are estimates. */
export const lengthsEstimated: Finding = {
  code: "TOKENS_ESTIMATED",
  severity: "warning",
  title: "tokens are estimated",
  detail: `The model's tokenizer is not at hand; ${estimate.bytesPerToken} bytes of text count as a token, which is off by up to a fifth.`,
  where: [],
  count: 1,
  fix: "Put tokenizer.json of the model into a folder with its config.json and name the folder as model",
};
