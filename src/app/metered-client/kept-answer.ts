/**
 * @file Answers as the store keeps them: all of an answer but its tries.
 */
import { z } from "zod";
import type { AskedAnswer, AskedFinish } from "../../ask/index.ts";
import { seconds, tokens } from "../../quantity/index.ts";

/** An answer without what its tries met. */
export type KeptAnswer = Omit<AskedAnswer, "tries">;

/** Longest text that is taken for an answer: that of the longest body. */
const lengthMost = 64 * 1024 ** 2;

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

/** As text. */
export function keptText(answer: AskedAnswer): string {
  const { tries: _, ...kept } = answer;
  return JSON.stringify(kept);
}

/** From text; `null`: it is none, as in a store that was restored from somebody else's archive. */
export function readKept(text: string): KeptAnswer | null {
  if (text.length > lengthMost) return null;
  try {
    const read = schema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
