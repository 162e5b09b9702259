/** @file Converts zod issues into findings with a source location and a fix. */
import type { core } from "zod";
import { type Finding, nearest } from "../problem/index.ts";
import { describedAt, keysAt, sectionsWith, typesAt, wordsAt } from "./described.ts";
import { oneOf } from "./field.ts";
import { foundText, keyName, recipeFinding, shown } from "./wording.ts";
import type { Path, YamlReading } from "./yaml.ts";

/**
 * Converts one issue; several unknown keys yield several findings.
 *
 * @returns findings `RECIPE_KEY_UNKNOWN`, `RECIPE_KEY_MISSING`, `RECIPE_VALUE_INVALID`, `RECIPE_CHOICE_UNKNOWN`
 */
export function findingsOf(issue: core.$ZodIssue, yaml: YamlReading, above: Path = []): Finding[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, yaml));
  if (issue.code === "invalid_union") {
    const form = issue.errors.find(
      (issues) => !issues.some((inner) => inner.path.length === 0 && isKind(inner)),
    );
    if (form) return form.flatMap((inner) => findingsOf(inner, yaml, path));
  }
  const missing = path.length > 0 && valueAt(yaml.value, path) === undefined;
  if (!missing) return [wrongValue(path, issue.message, yaml)];
  // A mistyped key has its own finding; reporting the correct one as missing would be redundant.
  return isMistyped(path, yaml) ? [] : [missingKey(path, issue.message, yaml)];
}

/** Whether the section has an unknown key that probably means the one at `path`. */
function isMistyped(path: Path, yaml: YamlReading): boolean {
  const section = path.slice(0, -1);
  const known = keysAt(section);
  const written = Object.keys(valueAt(yaml.value, section) ?? {});
  const unknown = written.filter((key) => !known.includes(key));
  return unknown.some((key) => nearest(key, known) === path[path.length - 1]);
}

/** Whether the value has another type, which shows that this member of a union was not intended. */
function isKind(issue: core.$ZodIssue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

function unknownKey(section: Path, key: string, yaml: YamlReading): Finding {
  const params = {
    section: section.length === 0 ? "A recipe" : `\`${keyName(section)}\``,
    key: shown(key),
    fix: unknownKeyFix(section, key),
  };
  return recipeFinding("RECIPE_KEY_UNKNOWN", params, yaml.placeOfKey([...section, key]));
}

function unknownKeyFix(section: Path, key: string): string {
  if (/(^|_)(token|secret|password|api_?key)$/i.test(key)) {
    return "remove the line: credentials come from the environment (HF_TOKEN), never from a recipe";
  }
  const names = section.filter((part) => typeof part !== "number"); // an item of a list has its list's keys
  const ours = synonymOf(keyName([...names, key])) ?? synonymOf(key);
  if (ours) return `here it is called \`${ours}\``;
  const known = keysAt(section);
  const near = nearest(key, known);
  if (near) return `did you mean \`${near}\`?`;
  const elsewhere = sectionsWith(key)[0];
  if (elsewhere)
    return `move it to ${elsewhere.length === 0 ? "the top level" : `\`${keyName(elsewhere)}\``}`;
  return `remove it; keys allowed here: ${known.join(", ")}`;
}

function wrongValue(path: Path, expected: string, yaml: YamlReading): Finding {
  const found = valueAt(yaml.value, path);
  const key = path.length === 0 ? "A recipe" : `\`${keyName(path)}\``;
  const words = wordsAt(path);
  const params = { key, expected, found: foundText(found), fix: valueFix(path, found, expected) };
  const code =
    words.length > 0 && typeof found === "string" ? "RECIPE_CHOICE_UNKNOWN" : "RECIPE_VALUE_INVALID";
  const worded =
    words.length > 0 && /^Invalid/.test(expected) ? { ...params, expected: oneOf(words) } : params;
  return recipeFinding(code, worded, yaml.placeOfValue(path));
}

/** Lines to paste for keys without a default. */
const EXAMPLES: Readonly<Record<string, string>> = {
  model: "`model: HuggingFaceTB/SmolLM2-135M-Instruct`",
  "model.source": "`source: HuggingFaceTB/SmolLM2-135M-Instruct` below `model:`",
  data: "`data:` and below it `  train: train.jsonl`",
  "data.train": "`train: train.jsonl` below `data:`",
  "data.columns.prompt": "`prompt: NAME_OF_THE_COLUMN` below `columns:`",
  "data.columns.completion": "`completion: NAME_OF_THE_COLUMN` below `columns:`",
};

function missingKey(path: Path, expected: string, yaml: YamlReading): Finding {
  const key = keyName(path);
  const params = { key, expected, fix: `add ${EXAMPLES[key] ?? `\`${key}\``}` };
  return recipeFinding("RECIPE_KEY_MISSING", params, yaml.placeOfKey(path.slice(0, -1)));
}

function valueFix(path: Path, found: unknown, expected: string): string {
  const last = path[path.length - 1];
  const line = (value: string): string =>
    typeof last === "string" ? `write \`${last}: ${value}\`` : `write \`${value}\``;
  if (path.length === 0) return "tunewise init";
  if (found === null && typesAt(path).includes("object")) return "remove the line, or put keys below it";
  if (typeof found === "string") {
    const meant = meantValue(path, found);
    if (meant !== undefined) return line(meant);
  }
  const example = EXAMPLES[keyName(path)];
  if (example) return `write ${example}`;
  const fallback = describedAt(path)?.default;
  const fixed = typeof fallback === "number" || typeof fallback === "string" || typeof fallback === "boolean";
  if (fixed && fallback !== "") return `${line(String(fallback))}, the default`;
  return found === null ? "remove the line, or give it a value" : `write ${expected}`;
}

/** Guesses the intended value of a text: a similar word, a formatted number, a list with one item. */
function meantValue(path: Path, found: string): string | undefined {
  const words = wordsAt(path);
  const near = nearest(found, words) ?? sameStem(found, words) ?? meantKinds.get(`${keyName(path)} ${found}`);
  if (near) return near;
  const types = typesAt(path);
  if (types.includes("array") && found !== "") return `[${shown(found)}]`;
  if (types.includes("boolean")) return BOOLEANS.get(found.trim().toLowerCase());
  if (types.includes("number") || types.includes("integer")) return meantNumber(found);
  return undefined;
}

/** Alternative names of tasks. @source pipeline names of huggingface/transformers; stages and formats of LLaMA-Factory, Axolotl and TRL */
const kindNames: Readonly<Record<string, string>> = {
  classify: "label labels labelling labeling sentiment categorize category intent routing",
  json: "extract extraction structured structured-output object",
  tools: "tool tool-calls tool_calls function-calling functions agent",
  "language-modeling":
    "documents document pretraining pre-training pretrain pt cpt continued-pretraining continued-pre-training causal-lm clm lm completion raw plain-text corpus",
  text: "generate generation text-generation chat qa question-answering summarize summarization translation",
};
const meantKinds: ReadonlyMap<string, string> = new Map(
  Object.entries(kindNames).flatMap(([kind, names]) =>
    names.split(" ").map((name): [string, string] => [`task.kind ${name}`, kind]),
  ),
);

/** The only word that shares its stem with the text: `classify` for `classification`. */
function sameStem(found: string, words: readonly string[]): string | undefined {
  const text = found.trim().toLowerCase();
  const alike = words.filter((word) => {
    const stem = word.slice(0, Math.max(4, Math.ceil(0.75 * word.length)));
    return word.length >= stem.length && text.startsWith(stem);
  });
  return alike.length === 1 ? alike[0] : undefined;
}

const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ["yes", "true"],
  ["on", "true"],
  ["1", "true"],
  ["true", "true"],
  ["no", "false"],
  ["off", "false"],
  ["0", "false"],
  ["false", "false"],
]);

function meantNumber(found: string): string | undefined {
  const text = found.trim().slice(0, 40);
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)\s?%$/.exec(text)?.[1];
  if (percent !== undefined) return String(Number((Number(percent) / 100).toPrecision(6)));
  const thousands = /^(\d{1,9})\s?k$/i.exec(text)?.[1];
  if (thousands !== undefined) return `${thousands}000`;
  const plain = text.replace(/^\$\s?/, "").replace(/(?<=\d)[_,](?=\d{3})/g, "");
  return plain !== "" && Number.isFinite(Number(plain)) ? plain : undefined;
}

function valueAt(value: unknown, path: Path): unknown {
  let inner = value;
  for (const part of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, part)) return undefined;
    inner = (inner as Record<PropertyKey, unknown>)[part];
  }
  return inner;
}

/**
 * Maps former keys, and keys of other trainers, to paths in the recipe.
 *
 * @source huggingface/transformers `TrainingArguments`, huggingface/peft `LoraConfig`, huggingface/trl `SFTConfig`,
 *   axolotl-ai-cloud/axolotl configuration reference
 */
const SYNONYMS: Readonly<Record<string, string>> = {
  "comparison.who": "model",
  accumulation: "training.gradient_accumulation_steps",
  arms: "comparison",
  by_heart: "evaluation.memorization",
  clip_norm: "training.max_grad_norm",
  doomed: "guards.futility",
  keep: "regularization",
  learning: "guards.no_progress",
  must_still_work: "forgetting.regression_prompts",
  recompute: "training.gradient_checkpointing",
  too_good: "guards.leakage_suspected",
  "training.keep": "training.checkpoint_selection",
  adapter: "method.kind",
  base_model: "model",
  bf16: "training.precision",
  dataset: "data.train",
  datasets: "data.train",
  eval_steps: "training.evaluate_every",
  gradient_accumulation: "training.gradient_accumulation_steps",
  gradient_accumulation_steps: "training.gradient_accumulation_steps",
  gradient_checkpointing: "training.gradient_checkpointing",
  grad_clip: "training.max_grad_norm",
  load_best_model_at_end: "training.checkpoint_selection",
  loss_type: "training.loss",
  lora: "method",
  lora_alpha: "method.alpha",
  lora_dropout: "method.dropout",
  lora_r: "method.rank",
  lora_rank: "method.rank",
  lora_target_modules: "method.targets",
  lr: "training.learning_rate",
  lr_scheduler: "training.schedule",
  lr_scheduler_type: "training.schedule",
  max_grad_norm: "training.max_grad_norm",
  max_seq_length: "data.max_length",
  max_steps: "training.steps",
  micro_batch_size: "training.batch_size",
  model_id: "model",
  model_name: "model",
  model_name_or_path: "model",
  num_epochs: "training.epochs",
  num_train_epochs: "training.epochs",
  output_dir: "output",
  packing: "training.batching",
  per_device_train_batch_size: "training.batch_size",
  r: "method.rank",
  sample_packing: "training.batching",
  save_steps: "training.checkpoint_every",
  scheduler: "training.schedule",
  sequence_len: "data.max_length",
  target_modules: "method.targets",
  train_file: "data.train",
  use_rslora: "method.rslora",
  warmup_ratio: "training.warmup",
  warmup_steps: "training.warmup",
};

/** Returns the recipe's path for another trainer's key, or `undefined`. */
export function synonymOf(key: string): string | undefined {
  return Object.hasOwn(SYNONYMS, key) ? SYNONYMS[key] : undefined;
}

/** Returns all pairs, for the test that every path exists. */
export function synonyms(): readonly (readonly [theirs: string, ours: string])[] {
  return Object.entries(SYNONYMS);
}
