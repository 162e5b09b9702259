/**
 * @file Builds the prompt of each arm and row from instructions, few-shot examples and passages, within the context.
 */

import type { Conversation, Example, Message } from "@tunewise/core/rows";
import { answerOf, promptOf } from "@tunewise/datacheck/dataset";
import type { LanguageModel } from "@tunewise/engine";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import {
  type Arm,
  armPrompt,
  type Guidance,
  type Shown,
  type ShownExamples,
  type ShownPassage,
} from "../../baselines/index.ts";
import { forTemplate } from "../../encode/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { ArmQuestion } from "./answer-log.ts";
import type { Corpus } from "./corpus.ts";
import type { Find } from "./finder.ts";
import type { LlamaModel } from "./llama-cpp.ts";

/** Inputs of questions. */
export interface QuestionInputs {
  readonly recipe: Recipe;
  readonly tokenizer: Tokenizer;
  /** `null` if no local model answers. */
  readonly model: Pick<LanguageModel, "contextLength"> | null;
  /** Models of `model: local` arms, by file. */
  readonly others: ReadonlyMap<string, Pick<LlamaModel, "tokenizer" | "contextLength">>;
  readonly examples: ShownExamples;
  /** `null` if there are no documents. */
  readonly retrieval: { readonly corpus: Corpus; readonly find: Find } | null;
  readonly guidance: Guidance;
}

type Retrieval = NonNullable<QuestionInputs["retrieval"]>;

/** Builds an arm's question for a row. */
export type QuestionMaker = (arm: Arm, example: Example, row: number) => Promise<ArmQuestion>;

/** Creates a question maker. */
export function createQuestions(needs: QuestionInputs): QuestionMaker {
  const { recipe, tokenizer, model, others, examples, retrieval, guidance } = needs;
  return async (arm, example, row) => {
    const passages =
      retrieval === null || arm.passages === 0 ? [] : await passagesFor(retrieval, arm, example);
    const solved =
      arm.examples === 0 || arm.model === "neighbours"
        ? []
        : arm.choose === "fixed"
          ? examples.fixed(arm.examples)
          : examples.nearest(example, arm.examples);
    const shown: Shown = { examples: solved, passages };
    const write = (now: Shown) => armPrompt(arm, example, now, guidance);
    const other = arm.file === null ? undefined : others.get(arm.file);
    if (other !== undefined) {
      const needs = { tokenizer: other.tokenizer, model: other, recipe };
      return { row, example, ...fitPrompt(needs, shown, write, example.tools) };
    }
    if (model === null || arm.model === "api" || arm.model === "neighbours")
      return { row, example, messages: write(shown), shown, ids: new Int32Array(0) };
    return { row, example, ...fitPrompt({ tokenizer, model, recipe }, shown, write, example.tools) };
  };
}

async function passagesFor(retrieval: Retrieval, arm: Arm, example: Example): Promise<ShownPassage[]> {
  const numbers = arm.oracle
    ? await oraclePassages(retrieval, example, arm.passages)
    : await retrieval.find(promptOf(example), arm.passages);
  const { passages } = retrieval.corpus.index;
  return numbers.map((number) => {
    const { document, title, place, text } = passages[number] as (typeof passages)[number];
    const where = place === null ? "" : `, ${place.unit} ${place.number}`;
    return { title: `${document}${title === "" ? "" : `, ${title}`}${where}`, text };
  });
}

/** Number of top passages in which oracle arms look for the reference answer. */
const oracleDepth = 200;

/**
 * Passages that contain the reference answer verbatim, best first, then those most similar to question and answer
 * together. Gives an upper bound for retrieval.
 */
async function oraclePassages(
  { corpus, find }: Retrieval,
  example: Example,
  most: number,
): Promise<readonly number[]> {
  const answer = answerOf(example);
  const near = await find(`${promptOf(example)} ${answer}`, oracleDepth);
  const wanted = normalizeText(answer);
  const matching = near.filter((number) =>
    normalizeText(corpus.index.passages[number]?.text ?? "").includes(wanted),
  );
  return [...matching, ...near.filter((number) => !matching.includes(number))].slice(0, most);
}

/** Lowercases words and separates them by single spaces, so that layout does not matter. */
function normalizeText(text: string): string {
  return (
    text
      .toLowerCase()
      .normalize("NFKC")
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join(" ");
}

/** The conversation that a question asks: its prompt, and the tools of its row. */
export function conversationOf({
  messages,
  example: { tools },
}: Pick<ArmQuestion, "messages" | "example">): Conversation {
  return { messages, ...(tools && { tools }) };
}

/** A prompt that fits the context. */
export interface FittedPrompt {
  readonly ids: Int32Array;
  readonly messages: readonly Message[];
  readonly shown: Shown;
}

/**
 * Fits a conversation into a local model's context. Drops examples first, the least similar first, then the worst
 * passages. Truncates a question at its start if it is too long on its own.
 */
export function fitPrompt(
  {
    tokenizer,
    model,
    recipe,
  }: {
    readonly recipe: Recipe;
    readonly tokenizer: Pick<Tokenizer, "render" | "encode">;
    readonly model: Pick<LanguageModel, "contextLength">;
  },
  shown: Shown,
  write: (shown: Shown) => readonly Message[],
  tools?: Example["tools"],
): FittedPrompt {
  const most = Math.max(1, model.contextLength - recipe.evaluation.maxNewTokens);
  for (let now = shown; ; now = dropOne(now)) {
    const messages = write(now);
    const text = tokenizer.render(forTemplate({ messages, ...(tools && { tools }) }, tokenizer), {
      addGenerationPrompt: true,
    });
    const ids = Int32Array.from(tokenizer.encode(text, { addSpecialTokens: false }));
    if (ids.length <= most) return { ids, messages, shown: now };
    if (now.examples.length + now.passages.length === 0)
      return { ids: ids.slice(-most), messages, shown: now };
  }
}

function dropOne({ examples, passages }: Shown): Shown {
  return examples.length > 0
    ? { examples: examples.slice(1), passages }
    : { examples, passages: passages.slice(0, -1) };
}
