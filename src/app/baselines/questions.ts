/**
 * @file What each arm asks about a row: instructions, examples and passages put together until they fit.
 */

import {
  type Arm,
  answerOf,
  armPrompt,
  type Guidance,
  questionOf,
  type Shown,
  type ShownExamples,
  type ShownPassage,
} from "../../baselines/index.ts";
import type { Example, Tokenizer } from "../../dataset/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { ArmQuestion } from "./answer-questions.ts";
import type { Corpus } from "./corpus.ts";
import type { Find } from "./finder.ts";
import { fitPrompt } from "./fit-prompt.ts";
import type { LlamaModel } from "./llama-cpp.ts";

/** What questions are made from. */
export interface QuestionNeeds {
  readonly recipe: Recipe;
  readonly tokenizer: Tokenizer;
  /** `null` where no local model answers. */
  readonly model: Pick<LanguageModel, "contextLength"> | null;
  /** Models of `who: local`, by the arm's file. */
  readonly others: ReadonlyMap<string, Pick<LlamaModel, "tokenizer" | "contextLength">>;
  readonly examples: ShownExamples;
  /** `null` where there are no documents. */
  readonly retrieval: { readonly corpus: Corpus; readonly find: Find } | null;
  readonly guidance: Guidance;
}

type Retrieval = NonNullable<QuestionNeeds["retrieval"]>;

/** The question of an arm about a row. */
export type QuestionMaker = (arm: Arm, example: Example, row: number) => Promise<ArmQuestion>;

/** Makes the questions of arms. */
export function createQuestions(needs: QuestionNeeds): QuestionMaker {
  const { recipe, tokenizer, model, others, examples, retrieval, guidance } = needs;
  return async (arm, example, row) => {
    const passages =
      retrieval === null || arm.passages === 0 ? [] : await passagesFor(retrieval, arm, example);
    const solved =
      arm.examples === 0 || arm.who === "neighbours"
        ? []
        : arm.choose === "fixed"
          ? examples.fixed(arm.examples)
          : examples.nearest(example, arm.examples);
    const shown: Shown = { examples: solved, passages };
    const write = (now: Shown) => armPrompt(arm, example, now, guidance);
    const other = arm.model === null ? undefined : others.get(arm.model);
    if (other !== undefined) {
      const needs = { tokenizer: other.tokenizer, model: other, recipe };
      return { row, example, ...fitPrompt(needs, shown, write) };
    }
    if (model === null || arm.who === "api" || arm.who === "neighbours")
      return { row, example, messages: write(shown), shown, ids: new Int32Array(0) };
    return { row, example, ...fitPrompt({ tokenizer, model, recipe }, shown, write) };
  };
}

async function passagesFor(retrieval: Retrieval, arm: Arm, example: Example): Promise<ShownPassage[]> {
  const numbers = arm.oracle
    ? await holding(retrieval, example, arm.passages)
    : await retrieval.find(questionOf(example), arm.passages);
  const { passages } = retrieval.corpus.index;
  return numbers.map((number) => {
    const { document, title, place, text } = passages[number] as (typeof passages)[number];
    const where = place === null ? "" : `, ${place.unit} ${place.number}`;
    return { title: `${document}${title === "" ? "" : `, ${title}`}${where}`, text };
  });
}

/** Passages that are searched for the reference answer. */
const oracleDepth = 200;

/**
 * Passages that hold the reference answer word for word, best first; where none does, those most alike to question and
 * answer together: what a retriever that knew the answer would have found.
 */
async function holding(
  { corpus, find }: Retrieval,
  example: Example,
  most: number,
): Promise<readonly number[]> {
  const answer = answerOf(example);
  const near = await find(`${questionOf(example)} ${answer}`, oracleDepth);
  const wanted = plain(answer);
  const held = near.filter((number) => plain(corpus.index.passages[number]?.text ?? "").includes(wanted));
  return [...held, ...near.filter((number) => !held.includes(number))].slice(0, most);
}

/** Letters and digits in small letters, with one blank between words, so that layout does not decide. */
function plain(text: string): string {
  return (
    text
      .toLowerCase()
      .normalize("NFKC")
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join(" ");
}
