/** @file The commented recipe that `init` writes: required lines, and the defaults as comments. */
import type { DataSection } from "./data-section.ts";
import type { TaskSection } from "./recipe.ts";
import type { RowColumns } from "./row-columns.ts";

/** Values detected by `init` or given by the user. */
export interface RecipeChoices {
  /** Hub id, folder or `.gguf` file. */
  readonly model: string;
  /** File of training rows, or `hub:owner/name`. */
  readonly train: string;
  /** Files of the other splits; `null`: shares of `train`. */
  readonly validation: string | null;
  readonly test: string | null;
  /** Columns of prompt and completion; `null`: detected by name, or the rows are conversations. */
  readonly columns: RowColumns | null;
  /** `chosen`: the rows are preference data. */
  readonly answers: DataSection["answers"];
  /** Column of documents; `null`: detected, or the rows are no documents. */
  readonly textColumn: DataSection["textColumn"];
  /** Unless a text file is one document; `null`: the default. */
  readonly sampleBy: DataSection["sampleBy"] | null;
  readonly promptTemplate: string | null;
  /** Max. tokens of a row; `null`: the default. */
  readonly maxLength: number | null;
  readonly badRows: "skip" | null;
  /** Trained turns of conversations; `null`: the rows are not conversations. */
  readonly trainOn: DataSection["trainOn"] | null;
  /** Whether the rows are calls that `tunewise record` wrote: split by time, and never within a user. */
  readonly recorded: boolean;
  readonly kind: TaskSection["kind"];
  /** Price of the machine in dollars per hour; `null`: the price recorded for the machine that it runs on. */

  readonly usdPerHour: number | null;
  /** Cap in dollars; `null`: none. */
  readonly budgetUsd: number | null;
  /** Cap in minutes; `null`: none. */
  readonly budgetMinutes: number | null;
  /** Path of the JSON Schema for editors, relative to the recipe. */
  readonly schema: string;
  /** Where the data come from, as comments; default: none. */
  readonly origin?: readonly string[];
}

/**
 * Creates the text of a new `tunewise.yaml`. It parses without problems and contains the choices exactly; derived
 * defaults are omitted.
 *
 * @param choices values; any characters are escaped
 */
export function recipeTemplate(choices: RecipeChoices): string {
  return `# yaml-language-server: $schema=${choices.schema.replace(/[\r\n]/g, "")}
#
# One fine-tune. Lines with a # in front show defaults; take the # away to change them.
#   tunewise check    checks the data            tunewise plan    estimates time and cost
#   tunewise run      trains inside the budget   tunewise runs show    tells what came out
${originLines(choices)}
# Hub id (owner/name), a folder, or a .gguf file.
model: ${scalar(choices.model)}

data:
${dataLines(choices)
  .map((line) => `  ${line}`)
  .join("\n")}
${section("task", [`kind: ${choices.kind}`], TASK_NOTES[choices.kind])}
# method:
#   kind: lora              # or: qlora (weights in 4 bits, least memory), full (all weights)
#   rank: 16                # more holds more and costs memory
#   targets: all-linear     # or names: [q_proj, v_proj]

# Left out, learning_rate and epochs follow from the model, the method and the number of rows; \`tunewise plan\` shows
# them with their reasons. To set them:
${trainingLines(choices)}

# What the model could do before: measured in every run, and held on request.
# regularization: none                # or: ewc; replay with old rows is better, where there are some
# forgetting:
#   gate: warn              # or: fail
${section("budget", budgetLines(choices), capNotes(choices))}
${section("machine", priceLines(choices), priceNotes).trimStart()}`;
}

function originLines({ origin = [] }: RecipeChoices): string {
  const lines = origin.map((line) => `# ${line.replace(/[\r\n]+/g, " ")}\n`);
  return lines.length === 0 ? "" : `#\n${lines.join("")}`;
}

function columnTexts({ prompt, completion, reasoning }: RowColumns): string[] {
  const texts = [`prompt: ${quoted(prompt)}`, `completion: ${quoted(completion)}`];
  return reasoning === undefined ? texts : [...texts, `reasoning: ${quoted(reasoning)}`];
}

/** The training section, as comments; documents are packed, since most of a batch would be padding otherwise. */
function trainingLines({ kind }: RecipeChoices): string {
  const others = `#   batch_size: 8           # rows per forward pass; memory grows with it
#   seed: 17                # same recipe, data and seed: same run`;
  if (kind !== "language-modeling") return `# training:\n${others}`;
  return `training:
  batching: pack            # documents share a block; attention does not cross them
${others}`;
}

/** Lines of `data`; a key that is not chosen becomes a comment with its default. */
function dataLines({
  train,
  validation,
  test,
  columns,
  answers,
  promptTemplate,
  maxLength,
  badRows,
  trainOn,
  textColumn,
  sampleBy,
  kind,
  recorded,
}: RecipeChoices): string[] {
  const areDocuments = kind === "language-modeling";
  const [divided, cut] = ["documents become several blocks", "rows are cut"];
  const shares = [validation === null ? "validation: 0.1" : null, test === null ? "test: 0.1" : null];
  const parts = shares.filter((share) => share !== null);
  return [
    "# A file relative to this one, or hub:owner/name.",
    `train: ${scalar(train)}`,
    "# Rows that are never trained on. Without files, shares of `train` are set aside.",
    validation === null ? "# validation: validation.jsonl" : `validation: ${scalar(validation)}`,
    test === null ? "# test: test.jsonl" : `test: ${scalar(test)}`,
    ...splitLines(parts, recorded),
    ...(columns === null ? [] : [`columns: { ${columnTexts(columns).join(", ")} }`]),
    ...(textColumn === null ? [] : [`text_column: ${quoted(textColumn)}`]),
    ...(sampleBy === null
      ? []
      : [
          "# What a text file contains: document (the whole file), paragraph or line.",
          `sample_by: ${sampleBy}`,
        ]),
    ...(answers === null
      ? []
      : [
          "# Preference data. Training on preferences (DPO, KTO) is not available yet: the chosen answers are imitated (SFT).",
          `answers: ${answers}`,
        ]),
    ...(promptTemplate === null ? [] : [`prompt_template: ${JSON.stringify(promptTemplate)}`]),
    maxLength === null
      ? `# max_length: 1024        # tokens; longer ${areDocuments ? divided : cut}, memory grows with it`
      : `max_length: ${maxLength}`,
    ...(badRows === null
      ? []
      : ["# Rows that cannot be used are left out and listed by `tunewise check`.", `bad_rows: ${badRows}`]),
    ...(trainOn === null
      ? []
      : [
          "# Answers of a conversation that are trained: all, or the last only. Messages with weight: 0 never are.",
          `train_on: ${trainOn}`,
        ]),
    ...(areDocuments ? [] : ["# loss: completion        # or: all, to learn the prompt too"]),
  ];
}

/** @param shares keys of the shares that no file replaces, with their defaults */
function splitLines(shares: readonly string[], recorded: boolean): string[] {
  if (shares.length === 0) return [];
  if (!recorded) return [`# split: { ${[...shares, "seed: 17"].join(", ")} }`];
  return [
    "# Recorded calls: the latest are tested, and no user or conversation is in two splits.",
    `split: { ${[...shares, "by: time"].join(", ")} }`,
    "time: time",
    "group: group",
  ];
}

const TASK_NOTES: Readonly<Record<TaskSection["kind"], readonly string[]>> = {
  classify: ["The answer is one of the labels, which are those in the training rows unless listed here."],
  json: ["The answer is a JSON value: scored by validity and equal fields."],
  tools: ["The answer calls tools: scored by their names and arguments (tool_calls)."],
  text: ["The answer is free text: scored by overlap (rouge_l) and perplexity."],
  "language-modeling": [
    "Continued pre-training: every token of the documents is trained. It teaches vocabulary, style and facts of a",
    "domain, not how to answer; an instruct model may lose some of its ability to follow instructions.",
  ],
};

function budgetLines({ budgetUsd, budgetMinutes }: RecipeChoices): string[] {
  const usd = budgetUsd === null ? "# usd: 5" : `usd: ${budgetUsd}`;
  const minutes = budgetMinutes === null ? "# minutes: 60" : `minutes: ${budgetMinutes}`;
  return [usd, minutes];
}

const priceNotes = ["In dollars; 0: it costs nothing more. Left out, it is that of the machine, asked once."];

function priceLines({ usdPerHour }: RecipeChoices): string[] {
  return [usdPerHour === null ? "# usd_per_hour: 0" : `usd_per_hour: ${usdPerHour}`];
}

function capNotes({ budgetUsd, usdPerHour }: RecipeChoices): string[] {
  const idle =
    "Without usd_per_hour only APIs cost dollars: arms, a judge, vectors. Minutes cap the training.";
  return [
    "The run saves and stops at the first cap reached.",
    ...(budgetUsd !== null && !usdPerHour ? [idle] : []),
  ];
}

/** A section. If all keys are comments, so is its own line, because an empty section is an error. */
function section(name: string, lines: readonly string[], notes: readonly string[]): string {
  const empty = lines.every((line) => line.startsWith("#"));
  const body = lines.map((line) => (empty ? `#   ${line.slice(2)}` : `  ${line}`));
  const head = `${empty ? "# " : ""}${name}:`;
  return `\n${[head, ...notes.map((note) => `${empty ? "#  " : "  #"} ${note}`), ...body].join("\n")}\n`;
}

/** Quotes a column name unless it is a plain word, since `a, b` or `1` would mean something else in a flow mapping. */
function quoted(name: string): string {
  return /^[A-Za-z_][\w.-]{0,200}$/.test(name) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(name)
    ? name
    : JSON.stringify(name);
}

/** Formats text as a YAML scalar: plain if that is safe, else in double quotes with JSON escapes. */
function scalar(value: string): string {
  const bare = /^[A-Za-z./][\w./-]{0,200}$/.test(value) && !/^(true|false|null)$/i.test(value);
  return bare ? value : JSON.stringify(value);
}
