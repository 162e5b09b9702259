/** @file Cached answers, as serialized in the store. */
import { z } from "zod";
import type { AskedAnswer, AskedFinish } from "../../ask/index.ts";
import { seconds, tokens } from "../../quantity/index.ts";

/** An answer without its attempts. */
export type CachedAnswer = Omit<AskedAnswer, "tries">;

/** Size limit of a cached answer: that of the longest response body. */
const maxAnswerChars = 64 * 1024 ** 2;

const count = z.int().min(0);
const schema = z.object({
  text: z.string(),
  promptTokens: count.transform(tokens),
  cachedPromptTokens: count.transform(tokens),
  answerTokens: count.transform(tokens),
  usage: z.enum(["reported", "estimated"]),
  model: z.string(),
  isOtherModel: z.boolean(),
  finish: z.enum(["stop", "length", "filter", "other"] satisfies AskedFinish[]),
  seconds: z.number().min(0).transform(seconds),
  leftOut: z.array(z.string()),
});

/** Serializes an answer. */
export function serializeAnswer(answer: AskedAnswer): string {
  const { tries: _, ...kept } = answer;
  return JSON.stringify(kept);
}

/** Parses a cached answer. Returns `null` if it is invalid, as may be in a store restored from a foreign archive. */
export function parseAnswer(text: string): CachedAnswer | null {
  if (text.length > maxAnswerChars) return null;
  try {
    const read = schema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
