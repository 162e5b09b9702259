/** @file Schema of the recipe file: every key with its type, default and description. */
import * as z from "zod";
import type { RecipeFile } from "./draft.ts";
import {
  anyText,
  choice,
  decimal,
  either,
  facts,
  flag,
  integer,
  list,
  mapping,
  open,
  optionalSection,
  positive,
  set,
  shaped,
  text,
} from "./field.ts";
import { armsList, decisionSection, retrievalSection } from "./schema-arms.ts";
import { checksSection, dataSection } from "./schema-data.ts";
import { forgettingSection, safetySection } from "./schema-forgetting.ts";
import { keepSection } from "./schema-keep.ts";
import { planSection } from "./schema-plan.ts";
import { searchSection } from "./schema-search.ts";
import { trackingSection } from "./schema-tracking.ts";
import { guardsSection, methodSection, trainingSection } from "./schema-training.ts";

const modelSource = text("a hub id such as owner/name, a folder, or a .gguf file");

const modelSection = z.strictObject(
  {
    source: modelSource.describe("Hub id, local folder or .gguf file."),
    revision: set(text("a branch, tag or commit of the hub"), "main", "Revision on the hub. Default: main."),
    architecture: open(
      facts("keys of a config.json, such as hidden_size: 4096"),
      "Keys of a config.json, to plan with a model whose files are not at hand. Default: the model's own.",
    ),
  },
  mapping,
);

const taskSection = z.strictObject(
  {
    kind: set(
      choice(["classify", "json", "text"]),
      "text",
      "classify: the answer is one of the labels · json: a JSON value · text: anything. Default: text.",
    ),
    metrics: open(
      list(
        choice([
          ...([
            "perplexity",
            "exact_match",
            "accuracy",
            "macro_f1",
            "json_valid",
            "json_match",
            "rouge_l",
          ] as const),
          ...(["contains", "regex", "json_schema", "sql_match", "sql_execution", "assertions"] as const),
        ]),
        "metric names",
      ),
      "Judged on the test rows; the first is the headline. Default: by kind.",
    ),
    labels: set(
      list(text("a label"), "labels"),
      [],
      "Allowed answers of classify. Default: those that occur in the training rows.",
    ),
    pattern: open(
      text("a regular expression"),
      "With the metric regex: what every answer must match. Default: none.",
    ),
    schema: open(
      text("a file"),
      "With the metric json_schema: the JSON Schema that every answer must fit. Default: none.",
    ),
    database: open(
      text("a SQLite file"),
      "With the metric sql_execution: what statements are run on, which is only read. Default: none.",
    ),
    assertions: open(
      text("a file"),
      "With the metric assertions: tests in promptfoo's format, YAML or JSON. Default: none.",
    ),
  },
  mapping,
);

const evaluationSection = z.strictObject(
  {
    rows: open(integer(1, 1_000_000_000), "Judge at most so many test rows. Default: all."),
    max_new_tokens: open(
      integer(1, 32_768),
      "Longest answer, in tokens. Default: 32 for classify, 256 otherwise.",
    ),
    decoding: open(
      choice(["constrained", "free"]),
      "constrained: the likeliest of the labels, as whole answers · free: token by token, whatever comes. Default: constrained for classify at temperature 0, else free.",
    ),
    temperature: set(decimal(0, 10), 0, "0 always takes the likeliest token. Default: 0."),
    top_p: set(positive(1), 1, "Sample from the likeliest tokens up to this probability. Default: 1."),
    batch_size: set(integer(1, 4096), 8, "Rows answered together. Default: 8."),
    base: set(flag(), true, "Judge the base model on the same rows, to show the gain. Default: true."),
    by_heart: set(
      integer(0, 100_000),
      32,
      "Training rows and held-out rows whose losses are compared after a run, to see what was learned by heart; 0: none. Default: 32.",
    ),
  },
  mapping,
);

const budgetSection = z.strictObject(
  {
    usd: open(positive(10_000_000), "Cap of the whole run, in dollars. Default: none."),
    minutes: open(positive(10_000_000), "Cap of the whole run, in minutes. Default: none."),
  },
  mapping,
);

const machineSection = z.strictObject(
  {
    usd_per_hour: set(decimal(0, 100_000), 0, "What this machine costs, in dollars per hour. Default: 0."),
    source: set(anyText("text"), "", "Where the price comes from, for the record."),
    threads: open(integer(1, 1024), "Threads that compute. Default: one per core."),
    weights: set(
      choice(["auto", "memory", "disk"]),
      "auto",
      "Where frozen weights lie: disk reads them layer by layer, for models larger than memory. Default: auto.",
    ),
  },
  mapping,
);

/** The recipe file with fixed defaults. Private to this room; others call `readRecipe`. */
export const recipeFileSchema: z.ZodType<RecipeFile> = z.strictObject(
  {
    name: open(
      shaped(/^[a-z0-9]+(-[a-z0-9]+){0,20}$/, "lower-case words joined by hyphens, such as ticket-triage"),
      "Short name of the experiment. Default: the folder's name.",
    ),
    model: either(
      modelSource,
      modelSection,
      "a hub id such as owner/name, a folder, a .gguf file, or a section with `source`",
    ).describe("The model to start from: hub id, local folder or .gguf file."),
    data: dataSection.describe("Rows to learn from and to judge with."),
    checks: optionalSection(checksSection, "What is looked for in the rows before a run."),
    task: optionalSection(taskSection, "What the model shall do, which decides metrics and decoding."),
    method: optionalSection(methodSection, "What is trained."),
    training: optionalSection(trainingSection, "How it is trained."),
    keep: set<RecipeFile["keep"]>(
      keepSection,
      "none",
      "What holds old skills: none, ewc, l2-sp, replay, or a section with `method`. Default: none.",
    ),
    guards: optionalSection(
      guardsSection,
      "What guards of the run's curves may do: off, warn or stop for all, or a section. Default: divergence rolls back, the others warn.",
    ),
    evaluation: optionalSection(evaluationSection, "How the result is judged."),
    forgetting: optionalSection(
      forgettingSection,
      "What the model could do before: measured before and after, with limits.",
    ),
    safety: optionalSection(
      safetySection,
      "Whether the result became less safe: insecure code, harmful requests.",
    ),
    arms: set<RecipeFile["arms"]>(
      armsList,
      [],
      "Ways of answering that are tried on the same rows. Default: prompting, examples, neighbours, passages where there are documents, and the tuned model.",
    ),
    retrieval: optionalSection(retrievalSection, "What passages are looked up in."),
    decision: optionalSection(decisionSection, "What the decision between the arms rests on."),
    budget: optionalSection(budgetSection, "The first cap reached saves and stops the run."),
    machine: optionalSection(machineSection, "The machine that trains, and its price."),
    plan: optionalSection(planSection, "What a plan assumes about everything around one training run."),
    tracking: optionalSection(
      trackingSection,
      "Tracking servers that runs are logged to while they work, beside the record here.",
    ),
    search: optionalSection(searchSection, "Which settings `tunewise search` tries, and for how much."),
    output: set(
      text("a folder"),
      ".tunewise",
      "Folder for runs and their record, relative to this recipe. Default: .tunewise.",
    ),
  },
  mapping,
);
