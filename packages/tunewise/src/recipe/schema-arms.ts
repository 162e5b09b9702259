/** @file Keys of `comparison`, `retrieval` and `decision`: baselines, their retrieval, and the value of an answer. */
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
    input: decimal(0, 100_000).describe("Dollars per million prompt tokens."),
    output: decimal(0, 100_000).describe("Dollars per million answer tokens."),
  },
  mapping,
);

const endpoint = z.strictObject(
  {
    url: shaped(/^https?:\/\/[^\s@?#]{1,400}$/, "an address such as https://api.openai.com/v1").describe(
      "Base URL of the API, such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1.",
    ),
    model: text("the model's name there").describe("Name of the model at the endpoint."),
    key: open(
      shaped(/^[A-Z][A-Z0-9_]{0,80}$/, "the name of an environment variable, such as OPENAI_API_KEY"),
      "Environment variable with the API key. Default: no key is sent.",
    ),
    style: set(
      choice(["openai", "azure", "anthropic"]),
      "openai",
      "Request format. Default: openai, which most servers accept.",
    ),
    usd_per_million: open(prices, "Token prices. Default: from the price list; local servers are free."),
    concurrency: set(integer(1, 256), 4, "Concurrent requests."),
    timeout_seconds: set(positive(300), 120, "Inactivity timeout of a request, in seconds."),
    tries: set(integer(1, 20), 6, "Maximum attempts per request."),
  },
  mapping,
);

const arm = z.strictObject(
  {
    name: open(text("a name"), "Name in tables. Default: generated from its settings."),
    model: set(
      choice(["base", "tuned", "api", "local", "neighbours"]),
      "base",
      "base: the recipe's model · tuned: a run's model · api: a model behind an API · local: another .gguf file, with llama.cpp · neighbours: the most similar training rows (nearest neighbor). Default: base.",
    ),
    run: open(
      text("a run's id, or its beginning"),
      "tuned: the run. Default: the newest completed run of this recipe.",
    ),
    file: open(
      shaped(/^.{1,490}\.gguf$/, "a file that ends in .gguf"),
      "local: the .gguf file, relative to this recipe. Requires the package node-llama-cpp.",
    ),
    endpoint: open(endpoint, "api: the endpoint."),
    instructions: open(
      anyText("text"),
      "System message. Default: depends on the task; for tuned, that of the training rows.",
    ),
    examples: set(
      amounts,
      0,
      "Number of few-shot examples; from a list, the best is selected on the validation rows.",
    ),
    choose: set(
      choice(["nearest", "fixed"]),
      "nearest",
      "nearest: the training rows most similar to the question · fixed: always the same examples.",
    ),
    passages: set(
      amounts,
      0,
      "Number of retrieved passages; from a list, the best is selected on the validation rows.",
    ),
    oracle: set(
      flag(),
      false,
      "Use passages that contain the reference answer: an upper bound for retrieval.",
    ),
  },
  mapping,
);

/** The `comparison` list. */
export const comparisonList: z.ZodType<RecipeFile["comparison"]> = list(arm, "models to compare");

const embedding = z.strictObject(
  {
    model: open(
      text("a folder with an embedding model"),
      "Folder of an embedding model, relative to this recipe: model.onnx or model.safetensors (BERT architectures), and tokenizer.json.",
    ),
    endpoint: open(endpoint, "An embeddings API (/v1/embeddings), instead of a folder."),
    query_prefix: open(
      anyText("text"),
      "Prefix of queries. Default: as configured in the model's folder, otherwise none.",
    ),
    passage_prefix: open(
      anyText("text"),
      "Prefix of passages. Default: as configured in the model's folder, otherwise none.",
    ),
  },
  mapping,
);

const reranking = z.strictObject(
  {
    model: text("a folder with a cross-encoder").describe(
      "Folder of a cross-encoder with a single score output, relative to this recipe. Same files as `embedding.model`.",
    ),
    passages: set(integer(2, 1000), 50, "Number of passages to rerank."),
  },
  mapping,
);

/** The `retrieval` section. */
export const retrievalSection: z.ZodType<RecipeFile["retrieval"]> = z.strictObject(
  {
    documents: set(
      list(text("a file, a folder or a pattern"), "files, folders or patterns"),
      [],
      "Source documents: files, folders, or glob patterns below this recipe.",
    ),
    method: open(
      choice(["lexical", "feedback", "dense", "hybrid"]),
      "lexical: BM25 · feedback: BM25 with RM3 · dense: vectors of `embedding` · hybrid: fusion of BM25 with RM3 and vectors. Default: hybrid with an `embedding`, otherwise lexical.",
    ),
    embedding: open(
      embedding,
      "Embedding model of dense and hybrid. Default: hidden states of the recipe's model.",
    ),
    rerank: open(reranking, "Reranker of the top passages. Default: none."),
    words: set(integer(20, 2000), 120, "Maximum words per passage."),
    overlap: set(integer(0, 500), 20, "Overlap of adjacent passages, in words."),
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
    endpoint: endpoint.describe("The judge's endpoint."),
    criteria: open(
      text("a sentence"),
      "Criteria for a better answer. Default: correct, complete and nothing beyond the question.",
    ),
    decides: set(flag(), false, "Decide by the judge's verdicts instead of the primary metric."),
  },
  mapping,
);

/** The `decision` section. */
export const decisionSection: z.ZodType<RecipeFile["decision"]> = z.strictObject(
  {
    answers_per_month: open(
      range,
      "Expected answers per month, as a number or a range of two. Default: unknown.",
    ),
    months: set(positive(120), 12, "Months in service before the next training."),
    target: open(decimal(0, 1), "Sufficient value of the primary metric. Default: none."),
    usd_per_right_answer: set(
      decimal(0, 1e6).nullable(),
      0.01,
      "Value of one additional correct answer, in dollars; null: unknown, so that the cheapest non-inferior candidate wins. Default: 0.01.",
    ),
    margin: set(
      decimal(0, 1),
      0.02,
      "Non-inferiority margin of a cheaper candidate. Default: 0.02, which is 2 points.",
    ),
    facts_change: set(flag(), false, "Whether the required knowledge changes often."),
    must_cite: set(flag(), false, "Whether answers must cite their sources."),
    tuning_rounds: set(integer(1, 100), 1, "Number of training runs in those months."),
    judge_rows: set(
      integer(4, 1_000_000),
      100,
      "Number of validation rows for selecting the numbers of examples and passages.",
    ),
    learning_curve: set(
      list(positive(0.99), "shares below 1"),
      [],
      "Shares of the training rows for additional runs that measure the learning curve, such as [0.25, 0.5].",
    ),
    failing: set(
      list(choice(["form", "tone", "latency", "labels", "facts"]), "what fails"),
      [],
      "Known weaknesses of prompted answers. Default: unknown.",
    ),
    judge: open(
      judge,
      "LLM judge that compares the candidates' answers with the references, in both orders. Default: none.",
    ),
    latency_seconds: open(
      positive(3600),
      "Maximum P95 latency in seconds; slower candidates are not selected. Default: none.",
    ),
  },
  mapping,
);
