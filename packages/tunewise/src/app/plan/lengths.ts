/**
 * @file Lengths of rows and forgetting prompts in tokens, counted with the model's tokenizer or estimated from the
 * text.
 */
import { answerText, type Example, type Message, messageText } from "@tunewise/core/rows";
import { spread } from "@tunewise/datacheck/dataset";
import { type ForgettingLoad, type RowLength, rowLengths } from "../../plan/index.ts";
import type { ForgettingPrompts, RawForgettingPrompts } from "../../prepare/index.ts";
import type { Finding } from "../../problem/index.ts";
import type { DataSection, ForgettingSection } from "../../recipe/index.ts";

/**
 * Bytes of UTF-8 text per token, and tokens around each message.
 *
 * @source Llama 2, Llama 3 and Qwen2.5 tokenizers give 3.6 to 4.6 bytes per token on English text; chat templates put
 *   3 to 8 tokens around a message
 */
const estimate = { bytesPerToken: 4, aroundMessage: 5 } as const;

/** Estimates row lengths without a tokenizer. */
export function estimateLengths(
  rows: readonly Example[],
  { maxLength, loss, trainOn, reasoning }: Pick<DataSection, "maxLength" | "loss" | "trainOn" | "reasoning">,
): RowLength[] {
  const tokensOf = (text: string): number => estimateTokens(text) + estimate.aroundMessage;
  return rows.flatMap((row): RowLength | RowLength[] => {
    const { messages, tools } = row;
    if (row.isDocument === true)
      return estimateBlocks(estimateTokens(messageText(messages[0] as Message)), maxLength);
    const lengths = messages.map((message) => tokensOf(messageText(message)));
    // templates write the definitions in front of the conversation
    if (tools !== undefined) lengths[0] = (lengths[0] ?? 0) + tokensOf(JSON.stringify(tools));
    const all = lengths.reduce((sum, length) => sum + length, 0);
    const answer = lengths.at(-1) ?? 0;
    const tokens = Math.min(all, maxLength);
    const promptTokens = Math.min(all - answer, tokens);
    let [start, labelledTokens] = [0, 0];
    for (const [at, length] of lengths.entries()) {
      const message = messages[at] as Message;
      const { role, weight } = message;
      const masked =
        reasoning === "mask" && message.reasoning !== undefined ? length - tokensOf(answerText(message)) : 0;
      const isLast = at === messages.length - 1;
      const isTrained = role === "assistant" && weight !== 0 && (isLast || trainOn === "all");
      if (isTrained || (loss === "all" && role !== "assistant"))
        labelledTokens += Math.max(0, Math.min(start + length, maxLength) - start - masked);
      start += length;
    }
    return { tokens, promptTokens, labelledTokens };
  });
}

/** The blocks of a document with an end token; each further block repeats the last token of the previous one. */
function estimateBlocks(textTokens: number, maxLength: number): RowLength[] {
  const blocks: RowLength[] = [];
  for (let left = textTokens; left > 0; left -= maxLength - 1) {
    const tokens = Math.min(left + 1, maxLength);
    blocks.push({ tokens, promptTokens: 1, labelledTokens: tokens - 1 });
  }
  return blocks;
}

/** Estimates the number of tokens in a text. */
export function estimateTokens(text: string): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / estimate.bytesPerToken));
}

/** Finding for estimated lengths. */
export const lengthsEstimated: Finding = {
  code: "TOKENS_ESTIMATED",
  severity: "warning",
  title: "tokens are estimated",
  detail: `The model's tokenizer is not available. The plan counts ${estimate.bytesPerToken} bytes of text as one token, which is off by up to a fifth.`,
  where: [],
  count: 1,
  fix: "Put the model's tokenizer.json beside its config.json and name the folder as model",
};

/** Assumed length of an answer to a forgetting prompt, as a fraction of the maximum. */
const answerShare = 0.6;

/** Load of tokenized forgetting prompts. */
export function forgettingLoad(
  { texts, choices, prompts, regressionPrompts, sample }: ForgettingPrompts,
  { maxNewTokens }: ForgettingSection,
): ForgettingLoad {
  const documents = rowLengths(texts);
  const questions = choices.map(({ rows }) => rowLengths(rows));
  const compared = prompts.map(({ ids }) => scoredRow(ids.length));
  const part = <Item>(items: readonly Item[], indices: readonly number[]): Item[] =>
    indices.flatMap((at) => items[at] ?? []);
  return {
    rows: [...documents, ...questions.flat()],
    prompts: compared,
    regressionPrompts: regressionPrompts.map(({ ids }) => regressionRow(ids.length, maxNewTokens)),
    sample: {
      rows: [...part(documents, sample.texts), ...part(questions, sample.choices).flat()],
      prompts: part(compared, sample.prompts),
    },
  };
}

/**
 * Estimates the load from text lengths. Documents and prompts are truncated as in `encodeTexts` and `encodePrompts`.
 */
export function estimateLoad(raw: RawForgettingPrompts, forgetting: ForgettingSection): ForgettingLoad {
  const { curveRows, maxNewTokens } = forgetting;
  const documents = raw.texts.map(({ text }) => scoredRow(Math.min(512, estimateTokens(text))));
  const questions = raw.choices.map(({ question, choices }) =>
    choices.map((choice): RowLength => {
      const [asked, answered] = [estimateTokens(question), estimateTokens(choice)];
      return { tokens: asked + answered, labelledTokens: answered, promptTokens: asked };
    }),
  );
  const compared = raw.prompts.map(({ text }) => scoredRow(Math.min(64, estimateTokens(text))));
  return {
    rows: [...documents, ...questions.flat()],
    prompts: compared,
    regressionPrompts: raw.regressionPrompts.map(({ prompt }) =>
      regressionRow(estimateTokens(prompt), maxNewTokens),
    ),
    sample: {
      rows: [...spread(documents, curveRows.text), ...spread(questions, curveRows.tasks).flat()],
      prompts: spread(compared, curveRows.prompts),
    },
  };
}

function scoredRow(tokens: number): RowLength {
  return { tokens, labelledTokens: tokens, promptTokens: 0 };
}

function regressionRow(promptTokens: number, maxNewTokens: number): RowLength {
  const answer = Math.ceil(answerShare * maxNewTokens);
  return { tokens: promptTokens + answer, labelledTokens: answer, promptTokens };
}
