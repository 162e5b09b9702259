/** @file Schema of the recipe file: every key with its type, default and description. */
import * as z from "zod";
import type { RecipeFile } from "./draft.ts";
import {
  anyText,
  chatTemplate,
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
  variables,
} from "./field.ts";
import { metricNames, taskKinds } from "./metrics.ts";
import { comparisonList, decisionSection, retrievalSection } from "./schema-arms.ts";
import { checksSection, dataSection } from "./schema-data.ts";
import { forgettingSection, safetySection } from "./schema-forgetting.ts";
import { planSection } from "./schema-plan.ts";
import { regularizationSection } from "./schema-regularization.ts";
import { searchSection } from "./schema-search.ts";
import { trackingSection } from "./schema-tracking.ts";
import { guardsSection, methodSection, trainingSection } from "./schema-training.ts";

const modelSource = text("a hub id such as owner/name, a folder, or a .gguf file");

const modelSection = z.strictObject(
  {
    source: modelSource.describe("Hub id, local folder or .gguf file."),
    revision: set(text("a branch, tag or commit of the hub"), "main", "Hub revision."),
    architecture: open(
      facts("keys of a config.json, such as hidden_size: 4096"),
      "Keys of a config.json, to plan without the model's files. Default: the model's own.",
    ),
    chat_template: open(
      chatTemplate("`tools`, a file of a Jinja template, or its text"),
      "Chat template: tools (ChatML that writes tools and calls), a Jinja file relative to this recipe, or the template itself. Default: the model's own.",
    ),
    chat_template_kwargs: open(
      variables("variables of the chat template by name, such as enable_thinking: false"),
      "Variables of the chat template, such as enable_thinking: false or documents: [...]. Default: none.",
    ),
  },
  mapping,
);

const taskSection = z.strictObject(
  {
    kind: set(
      choice(taskKinds),
      "text",
      "classify: one of the labels · json: a JSON value · tools: calls of tools · text: free text.",
    ),
    metrics: open(
      list(choice(metricNames), "metric names"),
      "Metrics on the test rows; the first is the primary metric. Default: depends on `kind`.",
    ),
    labels: set(
      list(text("a label"), "labels"),
      [],
      "Labels of classify. Default: those in the training rows.",
    ),
    pattern: open(
      text("a regular expression"),
      "regex: pattern that every answer must match. Default: none.",
    ),
    schema: open(text("a file"), "json_schema: JSON Schema of the answers. Default: none."),
    database: open(
      text("a SQLite file"),
      "sql_execution: read-only database to run statements on. Default: none.",
    ),
    assertions: open(text("a file"), "assertions: tests in promptfoo's format, YAML or JSON. Default: none."),
  },
  mapping,
);

const evaluationSection = z.strictObject(
  {
    rows: open(integer(1, 1_000_000_000), "Maximum number of test rows to evaluate. Default: all."),
    max_new_tokens: open(
      integer(1, 32_768),
      "Maximum tokens per answer. Default: 32 for classify, otherwise 256.",
    ),
    decoding: open(
      choice(["constrained", "free"]),
      "constrained: the most likely label, JSON that matches the schema, or calls that match the offered tools · free: unconstrained decoding. Default: constrained for classify at temperature 0, otherwise free.",
    ),
    temperature: set(decimal(0, 10), 0, "Sampling temperature; 0: greedy decoding."),
    top_p: set(
      positive(1),
      1,
      "Nucleus sampling: sample from the smallest set of tokens with this total probability.",
    ),
    batch_size: set(integer(1, 4096), 8, "Rows per generation batch."),
    base: set(flag(), true, "Also evaluate the base model on the same rows."),
    memorization: set(
      integer(0, 100_000),
      32,
      "Number of training and held-out rows whose losses are compared to detect memorization; 0: no check.",
    ),
  },
  mapping,
);

const budgetSection = z.strictObject(
  {
    usd: open(positive(10_000_000), "Cap of the run, in dollars. Default: none."),
    minutes: open(positive(10_000_000), "Cap of the run, in minutes. Default: none."),
  },
  mapping,
);

const machineSection = z.strictObject(
  {
    usd_per_hour: set(decimal(0, 100_000), 0, "Hourly price of this machine, in dollars."),
    source: set(anyText("text"), "", "Source of the price, stored with the run."),
    threads: open(integer(1, 1024), "Compute threads. Default: one per core."),
    weights: set(
      choice(["auto", "memory", "disk"]),
      "auto",
      "Location of frozen weights. disk streams them layer by layer, for models larger than memory.",
    ),
  },
  mapping,
);

/** The recipe file with fixed defaults. Private to this module; others call `readRecipe`. */
export const recipeFileSchema: z.ZodType<RecipeFile> = z.strictObject(
  {
    name: open(
      shaped(/^[a-z0-9]+(-[a-z0-9]+){0,20}$/, "lower-case words joined by hyphens, such as ticket-triage"),
      "Name of the experiment. Default: the folder's name.",
    ),
    model: either(
      modelSource,
      modelSection,
      "a hub id such as owner/name, a folder, a .gguf file, or a section with `source`",
    ).describe("The model to start from: hub id, local folder or .gguf file."),
    data: dataSection.describe("Training, validation and test rows."),
    checks: optionalSection(checksSection, "Data checks before training."),
    task: optionalSection(taskSection, "The task; determines metrics and decoding."),
    method: optionalSection(methodSection, "What is trained: an adapter or all weights."),
    training: optionalSection(trainingSection, "Hyperparameters of training."),
    regularization: set<RecipeFile["regularization"]>(
      regularizationSection,
      "none",
      "Regularization against forgetting: none, ewc, l2-sp, replay, or a section with `method`.",
    ),
    guards: optionalSection(
      guardsSection,
      "Guards on training curves: off, warn or stop for all, or a section. Default: divergence rolls back, the others warn.",
    ),
    evaluation: optionalSection(evaluationSection, "How the result is evaluated."),
    forgetting: optionalSection(
      forgettingSection,
      "Forgetting: general skills measured before and after training, with limits.",
    ),
    safety: optionalSection(
      safetySection,
      "Safety: insecure code and answers to harmful requests, measured before and after training.",
    ),
    comparison: set<RecipeFile["comparison"]>(
      comparisonList,
      [],
      "Candidates compared on the same rows. Default: prompting, few-shot examples, nearest neighbor, retrieval if there are documents, and the tuned model.",
    ),
    retrieval: optionalSection(
      retrievalSection,
      "Documents and retrieval method of candidates with passages.",
    ),
    decision: optionalSection(decisionSection, "Objective of the decision between the candidates."),
    budget: optionalSection(
      budgetSection,
      "Caps of a run. At the first cap reached, it saves a checkpoint and stops.",
    ),
    machine: optionalSection(machineSection, "This machine and its price."),
    plan: optionalSection(planSection, "Assumptions of a plan beyond the training run."),
    tracking: optionalSection(
      trackingSection,
      "Tracking servers to which runs are logged live, in addition to the store.",
    ),
    search: optionalSection(searchSection, "Search space and budget of `tunewise search`."),
    output: set(text("a folder"), ".tunewise", "Folder of the runs and the store, relative to this recipe."),
  },
  mapping,
);
