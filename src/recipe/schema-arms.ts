/** @file Keys of `arms`, `retrieval` and `decision`: baselines, their retrieval, and the value of an answer. */
import * as z from "zod";
import type { RecipeFile } from "./draft.ts";
import {
  anyText,
  choice,
  decimal,
  either,
  flag,
  integer,
  list,
  mapping,
  open,
  positive,
  set,
  shaped,
  text,
} from "./field.ts";

/** Max. examples or passages before a question. */
const maxShown = 64;
const amount = integer(0, maxShown);
const amounts = either(
  amount,
  list(amount, "whole numbers"),
  `a whole number up to ${maxShown}, or a list of them`,
);

const prices = z.strictObject(
  {
    input: decimal(0, 100_000).describe("Dollars for a million tokens of prompts."),
    output: decimal(0, 100_000).describe("Dollars for a million tokens of answers."),
  },
  mapping,
);

const endpoint = z.strictObject(
  {
    url: shaped(/^https?:\/\/[^\s@?#]{1,400}$/, "an address such as https://api.openai.com/v1").describe(
      "Where its API begins, such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1.",
    ),
    model: text("the model's name there").describe("The model's name there."),
    key: open(
      shaped(/^[A-Z][A-Z0-9_]{0,80}$/, "the name of an environment variable, such as OPENAI_API_KEY"),
      "Environment variable that holds the key. Default: none is sent.",
    ),
    style: set(
      choice(["openai", "azure", "anthropic"]),
      "openai",
      "How it wants to be asked. Default: openai, which most servers understand.",
    ),
    usd_per_million: open(
      prices,
      "What tokens cost there. Default: the price list's; a local server costs nothing.",
    ),
    concurrency: set(integer(1, 256), 4, "Questions asked at once. Default: 4."),
    timeout_seconds: set(positive(300), 120, "How long to wait without a word. Default: 120."),
    tries: set(integer(1, 20), 6, "How often one question is asked before it counts as failed. Default: 6."),
  },
  mapping,
);

const arm = z.strictObject(
  {
    name: open(text("a name"), "Its name in tables. Default: what it does."),
    who: set(
      choice(["base", "tuned", "api", "local", "neighbours"]),
      "base",
      "Who answers: the recipe's model · the result of a run · a model behind an API · another .gguf, by llama.cpp · the most alike training rows. Default: base.",
    ),
    run: open(
      text("a run's id, or its beginning"),
      "With tuned: which run. Default: the newest completed one of this recipe.",
    ),
    model: open(
      shaped(/^.{1,490}\.gguf$/, "a file that ends in .gguf"),
      "With local: the .gguf file, from this recipe. Needs the package node-llama-cpp.",
    ),
    endpoint: open(endpoint, "With api: whom to ask."),
    instructions: open(
      anyText("text"),
      "System message that says what to do. Default: by kind of task; for tuned what training showed.",
    ),
    examples: set(
      amounts,
      0,
      "Solved training rows before each question; of several the best on the validation rows is taken. Default: 0.",
    ),
    choose: set(
      choice(["nearest", "fixed"]),
      "nearest",
      "Which rows are shown: those most alike to the question, or the same ones always. Default: nearest.",
    ),
    passages: set(
      amounts,
      0,
      "Passages of `retrieval.documents` before each question; of several the best is taken. Default: 0.",
    ),
    oracle: set(
      flag(),
      false,
      "Show the passages that hold the reference answer, as if retrieval never failed. Default: false.",
    ),
  },
  mapping,
);

/** The `arms` list. */
export const armsList: z.ZodType<RecipeFile["arms"]> = list(arm, "arms");

const embedding = z.strictObject(
  {
    model: open(
      text("a folder with an embedding model"),
      "Folder with an embedding model, from this recipe: model.onnx or a BERT-like model.safetensors, and tokenizer.json.",
    ),
    endpoint: open(endpoint, "An API that makes vectors (/v1/embeddings), in place of a folder."),
    query_prefix: open(
      anyText("text"),
      "What stands before a question. Default: what the model's folder says, else nothing.",
    ),
    passage_prefix: open(
      anyText("text"),
      "What stands before a passage. Default: what the model's folder says, else nothing.",
    ),
  },
  mapping,
);

const reranking = z.strictObject(
  {
    model: text("a folder with a cross-encoder").describe(
      "Folder with a cross-encoder of one score, from this recipe: files as of `embedding.model`.",
    ),
    passages: set(integer(2, 1000), 50, "So many of the first passages are put in order anew. Default: 50."),
  },
  mapping,
);

/** The `retrieval` section. */
export const retrievalSection: z.ZodType<RecipeFile["retrieval"]> = z.strictObject(
  {
    documents: set(
      list(text("a file, a folder or a pattern"), "files, folders or patterns"),
      [],
      "What passages come from: files, folders, or patterns with * below this recipe. Default: none.",
    ),
    method: set(
      choice(["lexical", "feedback", "dense", "hybrid"]),
      "lexical",
      "lexical: BM25 · feedback: BM25 with RM3 · dense: vectors of `embedding` · hybrid: words and vectors, fused. Default: lexical.",
    ),
    embedding: open(
      embedding,
      "What makes the vectors of dense and hybrid. Default: hidden states of the recipe's model.",
    ),
    rerank: open(reranking, "A model that puts the first passages in order anew. Default: none."),
    words: set(integer(20, 2000), 120, "Longest passage, in words. Default: 120."),
    overlap: set(integer(0, 500), 20, "Words that two passages of one paragraph share. Default: 20."),
  },
  mapping,
);

const range = either(
  decimal(0, 1e12),
  list(decimal(0, 1e12), "two numbers, low and high"),
  "a number, or two of them, low and high",
);

const judge = z.strictObject(
  {
    endpoint: endpoint.describe("Whom to ask."),
    criteria: open(
      text("a sentence"),
      "What makes an answer better. Default: right, complete, and no more than was asked.",
    ),
    decides: set(
      flag(),
      false,
      "Whether the decision rests on its verdicts in place of the headline metric. Default: false.",
    ),
  },
  mapping,
);

/** The `decision` section. */
export const decisionSection: z.ZodType<RecipeFile["decision"]> = z.strictObject(
  {
    answers_per_month: open(
      range,
      "How many answers a month the result shall give; two numbers are a range. Default: unknown.",
    ),
    months: set(positive(120), 12, "How long it shall serve before it is made anew. Default: 12."),
    target: open(decimal(0, 1), "Quality that is enough, in the headline metric. Default: none."),
    usd_per_right_answer: set(
      decimal(0, 1e6).nullable(),
      0.01,
      "What one more right answer is worth, in dollars; null: nobody can say, and then the cheapest arm that is not worse wins. Default: 0.01.",
    ),
    margin: set(
      decimal(0, 1),
      0.02,
      "Loss of quality that a cheaper way may have and still counts as good. Default: 0.02, 2 points.",
    ),
    facts_change: set(flag(), false, "Whether what must be known changes often. Default: false."),
    must_cite: set(flag(), false, "Whether answers must name their sources. Default: false."),
    tuning_rounds: set(integer(1, 100), 1, "How often training is repeated in those months. Default: 1."),
    judge_rows: set(
      integer(4, 1_000_000),
      100,
      "Validation rows on which numbers of examples and passages are chosen. Default: 100.",
    ),
    learning_curve: set(
      list(positive(0.99), "shares below 1"),
      [],
      "Shares of the training rows that are trained on as well, such as [0.25, 0.5], to see what more rows would bring. Default: none.",
    ),
    failing: set(
      list(choice(["form", "tone", "latency", "labels", "facts"]), "what fails"),
      [],
      "What is wrong with prompted answers, where that is known. Default: unknown.",
    ),
    judge: open(
      judge,
      "A model that compares every arm's answers with the test rows' completions, in both orders. Default: none.",
    ),
    latency_seconds: open(
      positive(3600),
      "Seconds that 19 of 20 answers may take; slower arms are not chosen. Default: any.",
    ),
  },
  mapping,
);
