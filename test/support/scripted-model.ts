/**
 * @file A text model whose tokens are scripted. Prompts, tokenizer and the reading of answers are the product's.
 */
import { readFileSync } from "node:fs";
import { mulberry32, type Random } from "@tunewise/core/math";
import type { AnswerToken, Conversation, TokenConstraint } from "@tunewise/engine";
import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import { generateAnswer } from "../../packages/tunewise/src/app/inference/generate-answer.ts";
import type { TextModel } from "../../packages/tunewise/src/app/inference/index.ts";
import { createVariants } from "../../packages/tunewise/src/app/inference/tokenizer-variants.ts";
import { turnTemplate } from "./call-templates.ts";

const golden = new URL("../conformance/golden/tokenizer/smollm.json", import.meta.url);
const files = JSON.parse(readFileSync(golden, "utf8"));

/** A tokenizer with a template for turns, and special tokens. */
export function tokenizerWith(turn: string, special: readonly string[] = []): Tokenizer {
  const added = special.map((content, at) => ({
    id: 60_000 + at,
    content,
    special: true,
    normalized: false,
  }));
  const made = (endIds: readonly number[]): Tokenizer =>
    createTokenizer({
      tokenizer: { ...files.tokenizer, added_tokens: [...files.tokenizer.added_tokens, ...added] },
      config: files.config,
      chatTemplate: turnTemplate(turn),
      endIds,
    });
  return made(made([]).encode("<|im_end|>", { addSpecialTokens: false }));
}

/** Tokens that a constraint allows, chosen at random. */
function randomAnswer(constraint: TokenConstraint, random: Random): number[] {
  const state = constraint.begin();
  const ids: number[] = [];
  while (!state.isComplete && !(state.mayEnd && random() < 0.5)) {
    const marks = state.allowed();
    const allowed: number[] = [];
    for (let one = marks.indexOf(1); one >= 0; one = marks.indexOf(1, one + 1)) allowed.push(one);
    const id = allowed[Math.floor(random() * allowed.length)] as number;
    state.add(id);
    ids.push(id);
  }
  return ids;
}

/**
 * A model that answers each prompt with a given text, token by token, and the prompts that it got. Constrained answers
 * are random ones instead.
 */
export function scriptedModel(
  tokenizer: Tokenizer,
  answerTo: (prompt: string) => string,
): { readonly textModel: TextModel; readonly prompts: string[] } {
  const prompts: string[] = [];
  const conversation: Pick<Conversation, "cachedTokens" | "answer"> = {
    cachedTokens: () => 0,
    async *answer(ids, { maxNewTokens, constraint }): AsyncGenerator<AnswerToken, void> {
      const prompt = tokenizer.decode(ids);
      prompts.push(prompt);
      const answer = constraint
        ? randomAnswer(constraint, mulberry32(prompts.length))
        : tokenizer.encode(answerTo(prompt), { addSpecialTokens: false });
      for (const id of answer.slice(0, maxNewTokens)) yield { id, logProbability: -0.5, alternatives: [] };
    },
  };
  const known = {
    name: "run-1",
    kind: "tuned",
    aliases: [],
    continuesText: false,
    decoding: { maxNewTokens: 8, temperature: 0, topP: 1 },
  } as const;
  const variant = {
    ...known,
    system: null,
    promptTemplate: "{prompt}",
    conversation: conversation as Conversation,
  };
  const context = { tokenizer: createVariants(tokenizer), contextLength: 100_000, seconds: () => 0 };
  const textModel: TextModel = {
    variants: [known],
    contextLength: context.contextLength,
    waiting: 0,
    answer: (question) => generateAnswer(variant, context, question, question.signal),
    close: () => Promise.resolve(),
  };
  return { textModel, prompts };
}
