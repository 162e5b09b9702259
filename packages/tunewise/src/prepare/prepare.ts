/** @file Prepares the inputs of all use cases: model files, tokenizer, and tokenized rows. */
import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { countOf } from "@tunewise/core/quantity";
import type { Example, Splits } from "@tunewise/core/rows";
import type { RunSpec } from "@tunewise/core/run";
import { clusterRows, type EmbedTexts, inspectRows, type Observation, repeatsIn } from "@tunewise/datacheck";
import {
  type BenchmarkRow,
  patternOf,
  readBenchmark,
  readSplits,
  type SplitResult,
} from "@tunewise/datacheck/dataset";
import { createTokenizer, learnToolCallSyntax, type Tokenizer } from "@tunewise/engine/tokenize";
import type { ModelFiles } from "@tunewise/engine/weights";
import { describeModel, type ModelDescription } from "../catalog/index.ts";
import { documentText, type EncodedExamples, encodeExamples, writesCalls } from "../encode/index.ts";
import { resolveDataset } from "../hub/index.ts";
import { type Finding, findingOf } from "../problem/index.ts";
import type { DataSection, MixSource, Recipe } from "../recipe/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { findRecipeModel, modelPath, type OnDownload } from "./find-model.ts";
import {
  encodeForgettingPrompts,
  type ForgettingPrompts,
  readForgettingPrompts,
} from "./forgetting-prompts.ts";
import { gradeFindings, gradeObservations, mergeFindings } from "./grade-findings.ts";
import { type LoadedRecipe, recipeFromConfiguration, settleRecipe } from "./load-recipe.ts";
import { inspectModelFolder } from "./model-pickles.ts";
import { type KeepReference, mixReplayRows, readReference } from "./reference-rows.ts";
import { readSafety, type SafetyPrompts } from "./safety-prompts.ts";
import { openScanners } from "./scanners/open-scanners.ts";
import { type ReadScoring, readScoring } from "./scoring-data.ts";

/** Model and rows of a recipe, before any computation. */
export interface Prepared {
  readonly loaded: LoadedRecipe;
  readonly recipe: Recipe;
  readonly model: ModelFiles;
  readonly tokenizer: Tokenizer;
  readonly examples: Splits<Example>;
  readonly encoded: {
    readonly train: EncodedExamples;
    readonly validation: EncodedExamples;
    readonly test: EncodedExamples;
  };
  /** Reference data for regularization or replay; `null` if the recipe uses none. */
  readonly reference: KeepReference | null;
  /** Data for measuring forgetting; `null` if it is not measured. */
  readonly forgetting: ForgettingPrompts | null;
  /** Prompts for measuring safety. */
  readonly safety: SafetyPrompts;
  /** Data that metrics need. */
  readonly scoring: ReadScoring["material"];
  readonly dataFingerprint: string;
  /** Findings about recipe, files, rows and encoding, with the recipe's severities. */
  readonly findings: readonly Finding[];
  /** Observations about the rows with all affected rows; their findings are included in `findings`. */
  readonly observations: readonly Observation[];
}

/** Called with the name of each phase before it begins. */
export type OnPhase = (name: string) => void;

/** Rows of a recipe as read from its files, with findings. */
export interface ReadRows {
  readonly examples: Splits<Example>;
  /** How often an epoch repeats each training row; `null`: each once. */
  readonly repeats: SplitResult["repeats"];
  readonly dataFingerprint: string;
  /** Findings of reading and of `observations`, with the recipe's severities. */
  readonly findings: readonly Finding[];
  readonly observations: readonly Observation[];
}

/** Finds the model, reads the rows and tokenizes them. */
export async function prepare(
  loaded: LoadedRecipe,
  runtime: Runtime,
  onDownload?: OnDownload,
  embed?: EmbedTexts,
  onPhase?: OnPhase,
): Promise<Prepared> {
  const model = await findRecipeModel(loaded, runtime, onDownload);
  return prepareWith(model, loaded, runtime, onDownload, embed, onPhase);
}

/**
 * Finds the model and reads the rows of a run for its executor. The rows were checked before the run was approved.
 *
 * @throws {TunewiseError} those of `prepare`
 */
export async function prepareToTrain({ recipe }: RunSpec, runtime: Runtime): Promise<Prepared> {
  const file = join(recipe.folder, "configuration.json");
  const loaded = recipeFromConfiguration(recipe.configuration, file, file);
  const checks = { ...loaded.recipe.checks, depth: "exact" as const, benchmarks: [] };
  const prepared = await prepare({ ...loaded, recipe: { ...loaded.recipe, checks } }, runtime);
  return { ...prepared, loaded, recipe: loaded.recipe };
}

async function prepareWith(
  model: ModelFiles,
  read: LoadedRecipe,
  runtime: Runtime,
  onDownload?: OnDownload,
  embed?: EmbedTexts,
  onPhase?: OnPhase,
): Promise<Prepared> {
  const scoring = await readScoring(read.recipe, read.folder);
  const tokenizer = createTokenizer(model.tokenizer);
  const { examples, repeats, dataFingerprint, findings, observations } = await readRows(
    read,
    runtime,
    onDownload,
    embed,
    onPhase,
  );
  onPhase?.("counting tokens");
  const loaded = settleFor(
    read,
    describeModel(model.config).model,
    rowsOfEpoch(epochRows(examples.train, repeats), read.recipe),
  );
  const { recipe } = loaded;
  const limits = limitsOf(model);
  const reference = await readReference(loaded, tokenizer, limits);
  const encoded = withReplayRows(
    withRepeats(encodeSplits(examples, tokenizer, recipe.data), repeats),
    reference,
    recipe,
  );
  const raw = await readForgettingPrompts(loaded);
  const forgetting = raw && encodeForgettingPrompts(raw, tokenizer, limits, recipe);
  const pickles = gradeObservations(
    await inspectModelFolder(modelPath(recipe.model.source, loaded.folder)),
    recipe.checks,
  );
  const safety = await readSafety(loaded, examples.train, tokenizer, limits);
  return {
    loaded,
    recipe,
    model,
    tokenizer,
    examples,
    encoded,
    reference,
    forgetting,
    safety,
    scoring: scoring.material,
    dataFingerprint: fingerprintWith(dataFingerprint, reference),
    observations: [...observations, ...pickles],
    findings: [
      ...loaded.findings,
      ...scoring.findings,
      ...findings,
      ...gradeFindings(
        mergeFindings([...encoded.train.findings, ...encoded.validation.findings, ...encoded.test.findings]),
        recipe.checks,
      ),
      ...quantizedTwice(recipe, model),
      ...unreadableCalls(recipe, tokenizer),
      ...(reference?.findings ?? []),
      ...(forgetting?.findings ?? []),
      ...safety.findings,
      ...pickles.map(({ finding }) => finding),
    ],
  };
}

/** `METRIC_CALLS_UNREADABLE` if the recipe scores calls, but the template does not show how the model writes them. */
export function unreadableCalls({ task, evaluation }: Recipe, tokenizer: Tokenizer): Finding[] {
  const isScored = task.metrics.includes("tool_calls") && evaluation.rows !== 0;
  if (!isScored || !writesCalls(tokenizer)) return []; // without calls: DATA_CALLS_IGNORED
  if (learnToolCallSyntax(tokenizer) !== null) return [];
  return [findingOf("METRIC_CALLS_UNREADABLE", "error", {}, [], 1)];
}

/**
 * Checks whether QLoRA would quantize a model that is already quantized.
 *
 * @returns `MODEL_QUANTIZED_TWICE` or nothing
 */
export function quantizedTwice(
  { method, model }: Recipe,
  { weights }: Pick<ModelFiles, "weights">,
): Finding[] {
  if (method.kind !== "qlora") return [];
  const stored = [...weights.weights.values()]
    .filter(({ name }) => name.endsWith("proj.weight"))
    .map((one) => one.stored);
  const whole = new Set(["F32", "F16", "BF16", "NF4"]);
  const quantized = [...new Set(stored.filter((type) => !whole.has(type)))];
  if (quantized.length === 0) return [];
  return [
    {
      code: "MODEL_QUANTIZED_TWICE",
      severity: "warning",
      title: "the model is quantized already",
      detail: `${model.source} holds ${quantized.join(", ")}. Quantizing it to NF4 again loses more precision.`,
      where: [],
      count: 1,
      fix: "Set method.kind to lora, or use the model's 16-bit weights.",
    },
  ];
}

/**
 * Derives settings that the recipe omits from the model and the number of rows. Unchanged without a model description.
 */
export function settleFor(
  loaded: LoadedRecipe,
  model: ModelDescription | null,
  trainRows: number,
): LoadedRecipe {
  if (model === null) return loaded;
  return settleRecipe(loaded, { hiddenSize: model.hidden, family: model.family, trainRows });
}

/** Bytes of UTF-8 text per token, see `estimateLengths`. */
const bytesPerToken = 4;

/** Number of rows of an epoch as batches hold them: rows, or for documents the estimated number of their blocks. */
export function rowsOfEpoch(rows: readonly Example[], { task, data, training }: Recipe): number {
  if (task.kind !== "language-modeling") return rows.length;
  const lengths = rows.map((row) => Buffer.byteLength(documentText(row), "utf8") / bytesPerToken);
  if (training.batching === "pack")
    return Math.max(1, Math.ceil(lengths.reduce((sum, one) => sum + one, 0) / data.maxLength));
  return lengths.reduce((sum, one) => sum + Math.max(1, Math.ceil(one / data.maxLength)), 0);
}

/** The training rows of an epoch: each as often as `data.mix` repeats it, in rounds. */
export function epochRows<Row>(rows: readonly Row[], repeats: ReadRows["repeats"]): readonly Row[] {
  if (repeats === null) return rows;
  const all: Row[] = [];
  for (let round = 0; ; round++) {
    const before = all.length;
    for (const [at, row] of rows.entries()) if ((repeats[at] ?? 1) > round) all.push(row);
    if (all.length === before) return all;
  }
}

/** Repeats encoded rows; rows that encoding dropped are not among them. */
export function withRepeats(encoded: Prepared["encoded"], repeats: ReadRows["repeats"]): Prepared["encoded"] {
  if (repeats === null) return encoded;
  const { train } = encoded;
  const own = Uint32Array.from(train.rows, ({ example }) => repeats[example] ?? 1);
  return { ...encoded, train: { ...train, rows: epochRows(train.rows, own) } };
}

/** Mixes the reference rows into the training rows for replay. */
function withReplayRows(
  encoded: Prepared["encoded"],
  reference: KeepReference | null,
  recipe: Recipe,
): Prepared["encoded"] {
  if (reference === null || recipe.regularization.method !== "replay") return encoded;
  const { train } = encoded;
  return { ...encoded, train: { ...train, rows: mixReplayRows(train.rows, reference.rows, recipe) } };
}

/** Fingerprint of a recipe's rows, without checking them. */
export async function dataFingerprintOf(
  { recipe, folder }: LoadedRecipe,
  runtime: Runtime,
  reference: KeepReference | null,
): Promise<string> {
  const { fingerprint } = await readUnchecked({ recipe, folder }, runtime);
  return fingerprintWith(fingerprint, reference);
}

/** Reads the rows of a recipe without checking them. */
export async function readUnchecked(
  { recipe, folder }: Pick<LoadedRecipe, "recipe" | "folder">,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<SplitResult> {
  const data = await localData(recipe.data, runtime, onDownload);
  return readSplits({ ...data, folder, cluster: clusterRows });
}

/** Adds the reference data to the fingerprint. */
function fingerprintWith(data: string, reference: KeepReference | null): string {
  return reference === null
    ? data
    : createHash("sha256").update(`${data} ${reference.dataKey}`).digest("hex");
}

/** Limits from the model's configuration. */
function limitsOf({ config }: ModelFiles): { contextLength: number; vocabulary: number } {
  const { model } = describeModel(config);
  return {
    contextLength: model?.contextLength ?? Number.POSITIVE_INFINITY,
    vocabulary: model?.vocabulary ?? Number.POSITIVE_INFINITY,
  };
}

/**
 * Reads and checks the rows.
 *
 * @param embed computes vectors of the rows for a check; without it, rows are compared by words only
 */
export async function readRows(
  loaded: LoadedRecipe,
  runtime: Runtime,
  onDownload?: OnDownload,
  embed?: EmbedTexts,
  onPhase?: OnPhase,
): Promise<ReadRows> {
  const { recipe, folder } = loaded;
  const data = await localData(recipe.data, runtime, onDownload);
  const { splits, repeats, findings, fingerprint } = await readSplits({
    ...data,
    folder,
    cluster: clusterRows,
  });
  const { depth } = recipe.checks;
  const benchmarks = await readBenchmarks(loaded);
  const scanTexts = openScanners(recipe.safety, folder, runtime);
  const labels = recipe.task.kind === "classify";
  const { train, validation, test } = splits;
  onPhase?.(`checking ${countOf(train.length + validation.length + test.length, "row")}`);
  const seen = await inspectRows(splits, { labels, depth, benchmarks, scanTexts, ...(embed && { embed }) });
  const observations = gradeObservations(seen, recipe.checks);
  return {
    examples: splits,
    repeats,
    dataFingerprint: fingerprint,
    observations,
    findings: [...gradeFindings(findings, recipe.checks), ...observations.map(({ finding }) => finding)],
  };
}

/** Observations of repeated and leaked rows only, with the recipe's severities. @param folder of the files */
export async function repeatedRows(loaded: LoadedRecipe, folder: string): Promise<Observation[]> {
  const { data, checks, task } = loaded.recipe;
  const { splits } = await readSplits({ ...data, badRows: "skip", folder, cluster: clusterRows });
  const benchmarks = await readBenchmarks(loaded);
  const labels = task.kind === "classify";
  return gradeObservations(repeatsIn(splits, { labels, depth: checks.depth, benchmarks }), checks);
}

async function readBenchmarks({ recipe, folder }: LoadedRecipe): Promise<Map<string, BenchmarkRow[]>> {
  const read = new Map<string, BenchmarkRow[]>();
  for (const file of recipe.checks.benchmarks)
    read.set(file, await readBenchmark(resolve(folder, file), file));
  return read;
}

/** Tokenizes the rows. */
export function encodeSplits(
  examples: Splits<Example>,
  tokenizer: Tokenizer,
  options: DataSection,
): Prepared["encoded"] {
  return {
    train: encodeExamples(examples.train, tokenizer, options),
    validation: encodeExamples(examples.validation, tokenizer, options),
    test: encodeExamples(examples.test, tokenizer, { ...options, isAsked: true }),
  };
}

/**
 * Resolves hub data sets to cached files: `hub:owner/name`, or `hub:owner/name#part` to select a part by file name. A
 * file of a numbered series stands for the series.
 */
export async function localData(
  data: DataSection,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<DataSection> {
  const fetchPart = async (source: string | null, part: string): Promise<string | null> => {
    if (source === null || !source.startsWith("hub:")) return source;
    const [id = "", wanted = part] = source.slice("hub:".length).split("#");
    const context = {
      ...runtime.sources,
      signal: runtime.signal,
      ...(onDownload ? { onProgress: onDownload } : {}),
    };
    const files = await resolveDataset(id, context);
    const found = files.find((file) => file.toLowerCase().includes(wanted)) ?? files[0];
    return found === undefined ? source : join(dirname(found), patternOf(basename(found)));
  };
  const mix: MixSource[] = [];
  for (const one of data.mix ?? [])
    mix.push({ ...one, file: (await fetchPart(one.file, "train")) ?? one.file });
  return {
    ...data,
    train: await fetchPart(data.train, "train"),
    mix: data.mix === null ? null : mix,
    validation: await fetchPart(data.validation, "validation"),
    test: await fetchPart(data.test, "test"),
  };
}
