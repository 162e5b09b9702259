/**
 * @file What measuring forgetting will ask, as lengths: counted in tokens, or estimated without a tokenizer.
 */
import { spread } from "../../dataset/index.ts";
import { type ForgettingLoad, type RowLength, rowLengths } from "../../plan/index.ts";
import type { ForgettingPrompts, RawForgettingPrompts } from "../../prepare/index.ts";
import type { ForgettingSection } from "../../recipe/index.ts";
import { tokensOfText } from "./lengths.ts";

/** Share of the longest answer that an answer to a prompt that must still work is taken to have. */
const answerShare = 0.6;

/** The load of material that is tokens already. */
export function loadOf(
  { texts, choices, prompts, musts, sample }: ForgettingPrompts,
  { maxNewTokens }: ForgettingSection,
): ForgettingLoad {
  const documents = rowLengths(texts);
  const questions = choices.map(({ rows }) => rowLengths(rows));
  const compared = prompts.map(({ ids }) => wholeRow(ids.length));
  const part = <Item>(items: readonly Item[], indices: readonly number[]): Item[] =>
    indices.flatMap((at) => items[at] ?? []);
  return {
    rows: [...documents, ...questions.flat()],
    prompts: compared,
    regressionPrompts: musts.map(({ ids }) => mustRow(ids.length, maxNewTokens)),
    sample: {
      rows: [...part(documents, sample.texts), ...part(questions, sample.choices).flat()],
      prompts: part(compared, sample.prompts),
    },
  };
}

/** The load by the texts' lengths; documents and prompts are cut as in `encodeTexts` and `encodePrompts`. */
export function estimateLoad(raw: RawForgettingPrompts, forgetting: ForgettingSection): ForgettingLoad {
  const { curveRows, maxNewTokens } = forgetting;
  const documents = raw.texts.map(({ text }) => wholeRow(Math.min(512, tokensOfText(text))));
  const questions = raw.choices.map(({ question, choices }) =>
    choices.map((choice): RowLength => {
      const [asked, answered] = [tokensOfText(question), tokensOfText(choice)];
      return { tokens: asked + answered, labelledTokens: answered, promptTokens: asked };
    }),
  );
  const compared = raw.prompts.map(({ text }) => wholeRow(Math.min(64, tokensOfText(text))));
  return {
    rows: [...documents, ...questions.flat()],
    prompts: compared,
    regressionPrompts: raw.musts.map(({ prompt }) => mustRow(tokensOfText(prompt), maxNewTokens)),
    sample: {
      rows: [...spread(documents, curveRows.text), ...spread(questions, curveRows.tasks).flat()],
      prompts: spread(compared, curveRows.prompts),
    },
  };
}

function wholeRow(tokens: number): RowLength {
  return { tokens, labelledTokens: tokens, promptTokens: 0 };
}

function mustRow(promptTokens: number, maxNewTokens: number): RowLength {
  const answer = Math.ceil(answerShare * maxNewTokens);
  return { tokens: promptTokens + answer, labelledTokens: answer, promptTokens };
}
