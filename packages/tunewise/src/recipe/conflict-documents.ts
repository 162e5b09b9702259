/** @file Conflicts of settings about prompts and answers with documents, which have neither. */
import type { RecipeDraft } from "./draft.ts";
import type { MetricName } from "./metrics.ts";
import type { Objection } from "./objection.ts";
import { shown } from "./wording.ts";

/** Metrics that need no answers. */
const documentMetrics: readonly MetricName[] = ["perplexity", "bits_per_byte"];

/** Finds settings about answers in a recipe for documents, and settings about documents in other recipes. */
export function documentConflicts(draft: RecipeDraft): Objection[] {
  return draft.task.kind === "language-modeling" ? answerSettings(draft) : documentSettings(draft);
}

/** A setting of `data` that concerns prompts or answers: whether it is set, and why it has no effect. */
const dataSettings: readonly {
  readonly key: string;
  readonly isSet: (data: RecipeDraft["data"]) => boolean;
  readonly detail: string;
  readonly fix: string;
}[] = [
  {
    key: "format",
    isSet: ({ format }) => format !== "auto" && format !== "text",
    detail: "Rows in this format have answers, and `language-modeling` trains on documents without any",
    fix: "remove the line, or write `kind: text` below `task`",
  },
  {
    key: "columns",
    isSet: ({ columns }) => columns !== null,
    detail: "`columns` names a prompt and an answer, and documents have one column",
    fix: "name it as `text_column: NAME`, or write `kind: text` below `task`",
  },
  {
    key: "answers",
    isSet: ({ answers }) => answers !== null,
    detail: "Documents have no answers to choose from",
    fix: "remove the line, or write `kind: text` below `task`",
  },
  {
    key: "system",
    isSet: ({ system }) => system !== null,
    detail: "Documents are trained without a chat template, so a system message would be in none of them",
    fix: "remove the line",
  },
  {
    key: "prompt_template",
    isSet: ({ promptTemplate }) => promptTemplate !== "{prompt}",
    detail: "Documents have no prompt to put into a template",
    fix: "remove the line, and write what should surround a text into the documents",
  },
  {
    key: "overflow",
    isSet: ({ overflow }) => overflow !== "truncate",
    detail: "Documents longer than `max_length` are divided into blocks, and nothing is cut or dropped",
    fix: "remove the line",
  },
  {
    key: "train_on",
    isSet: ({ trainOn }) => trainOn !== "all",
    detail: "Documents have no turns: every token is trained",
    fix: "remove the line",
  },
  {
    key: "reasoning",
    isSet: ({ reasoning }) => reasoning !== "train",
    detail: "Documents have no answers with reasoning in front: every token is trained",
    fix: "remove the line",
  },
];

function answerSettings({ data, task, comparison, evaluation }: RecipeDraft): Objection[] {
  const objections: Objection[] = dataSettings
    .filter(({ isSet }) => isSet(data))
    .map(({ key, detail, fix }) => ({ path: ["data", key], detail, fix }));
  for (const [at, metric] of (task.metrics ?? []).entries()) {
    if (documentMetrics.includes(metric)) continue;
    objections.push({
      path: ["task", "metrics", at],
      detail: `\`${metric}\` scores answers, and documents have none`,
      fix: "write `metrics: [perplexity, bits_per_byte]`, or remove the line for the same",
    });
  }
  if (comparison.length > 0) {
    objections.push({
      path: ["comparison"],
      detail: "The alternatives answer questions, and documents ask none",
      fix: "remove the section: a run compares the tuned with the base model; compare answers with a recipe whose test rows have some",
    });
  }
  if (evaluation.decoding === "constrained") {
    objections.push({
      path: ["evaluation", "decoding"],
      detail: "Nothing is decoded: documents are scored by the probability of their tokens",
      fix: "remove the line",
    });
  }
  return objections;
}

function documentSettings({ data, task }: RecipeDraft): Objection[] {
  const fix = "write `kind: language-modeling` below `task`, or remove the line";
  const objections: Objection[] = [];
  if (data.format === "text") {
    const detail = `Rows of the format \`text\` have no answers, and the kind is \`${task.kind}\``;
    objections.push({ path: ["data", "format"], detail, fix });
  }
  if (data.textColumn !== null) {
    const detail = `\`text_column\` (${shown(data.textColumn)}) names documents, and the kind \`${task.kind}\` trains on answers`;
    objections.push({ path: ["data", "text_column"], detail, fix });
  }
  if (data.sampleBy !== "document") {
    const detail = `\`sample_by\` divides documents, and the kind \`${task.kind}\` trains on answers`;
    objections.push({ path: ["data", "sample_by"], detail, fix });
  }
  return objections;
}
