/** @file `tunewise model export`: exports a finished run in formats that other programs read. */

import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isTaken, writeFolderAtomically } from "@tunewise/core/files";
import { bytes, bytesText } from "@tunewise/core/quantity";
import {
  asTrained,
  checkExportType,
  type ExportFormat,
  type ExportPlan,
  type ExportRequest,
  mergedModel,
  type PlannedFile,
  planExport,
  planPeft,
  readFullResult,
  replacedModel,
  textFile,
  withTemplateFiles,
} from "@tunewise/engine";
import { type ModelFiles, readAdapter, writeFileAtomically, writeProblem } from "@tunewise/engine/weights";
import { z } from "zod";
import {
  baseOptions,
  defaultStorage,
  findRecipeModel,
  findTokenizerFiles,
  type OnDownload,
  withoutResult,
} from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import { modelCard } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type FoundRun, findRun, recipeOfRun, requireEngine, withStore } from "../runs/index.ts";

/** Options of an export. */
export interface ExportOptions {
  readonly format: ExportFormat;
  readonly dtype?: NonNullable<ExportRequest["dtype"]>;
  /** Target folder; defaults to a folder inside the run folder. */
  readonly target?: string;
  /** Output folder that contains the runs. */
  readonly output?: string;
  /** Whether to replace existing files. */
  readonly force?: boolean;
  readonly onDownload?: OnDownload;
  readonly onBytes?: OnBytes;
}

/** Result of an export. */
export interface ExportedRun {
  readonly runId: string;
  readonly format: ExportFormat;
  readonly dtype: string;
  readonly folder: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Sentences that describe differences from the trained model. */
  readonly notes: readonly string[];
}

/**
 * Writes a run's model or adapter in a format that other programs read.
 *
 * @param word a run: its id, a prefix of it, or `latest`
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `RUN_WITHOUT_ADAPTER`, `RUN_AT_WORK`,
 *   `EXPORT_FOLDER_NOT_EMPTY`, `EXPORT_BASE_CHANGED`, `RUN_MODEL_UNSUPPORTED`,
 *   `EXPORT_TYPE_UNKNOWN`, `EXPORT_UNSUPPORTED`, `EXPORT_DISK_FULL`, `MODEL_FILE_WRITE_FAILED`
 */
export async function exportRun(
  word: string,
  runtime: Runtime,
  options: ExportOptions,
): Promise<ExportedRun> {
  const { format, dtype, target, force = false, onBytes } = options;
  checkExportType(format, dtype);
  const found = await findRun(word, runtime, options.output);
  const { run } = found;
  const folder =
    target === undefined ? join(found.folder.path, "export", format) : resolve(runtime.cwd, target);
  if (!force && (await isTaken(folder))) {
    throw problem("EXPORT_FOLDER_NOT_EMPTY", { folder, run: run.id, format });
  }
  const { plan, close } = await planOf(found, runtime, options);
  try {
    const all = [...plan.files, await cardOf(found, plan, options, runtime)];
    await checkSpace(folder, { ...plan, files: all }, runtime, options);
    await writeFolder(folder, all, { signal: runtime.signal, ...(onBytes ? { onBytes } : {}) });
    const files = all.map(({ path, bytes: size }) => ({ path, bytes: size }));
    return { runId: run.id, format, dtype: plan.dtype, folder, files, notes: plan.notes };
  } finally {
    await close();
  }
}

/** The model card, `README.md`. */
async function cardOf(
  { run, output }: FoundRun,
  { dtype, notes }: ExportPlan,
  { format }: ExportOptions,
  runtime: Runtime,
): Promise<PlannedFile> {
  const scores = await withStore(runtime, output, (store) => store.scores(run.id));
  const summary = cardSummary.parse(jsonOf(run.summary));
  const { tunewise = "unknown" } = versions.parse(jsonOf(run.versions));
  const text = modelCard({
    name: run.name,
    runId: run.id,
    format,
    dtype,
    base: isHubId(run.model) ? run.model : null,
    revision: run.modelRevision.slice(0, 12),
    endedAt: run.endedAt ?? run.createdAt,
    version: tunewise,
    dataFingerprint: run.dataFingerprint,
    verdict: summary.judgement?.title ?? null,
    scores,
    seenRows: summary.seen_rows ?? 0,
    forgetting: summary.forgetting ?? null,
    wallSeconds: run.wallSeconds,
    spentMicroUsd: run.spentMicroUsd,
    notes,
  });
  return textFile("README.md", text);
}

const figure = z.number().nullish();

/** What a card reads of a run's summary. A summary of another form is left out. */
const cardSummary = z
  .object({
    judgement: z.object({ title: z.string() }).nullish(),
    seen_rows: z.number().nullish(),
    forgetting: z
      .object({
        verdict: z.string(),
        perplexity_base: figure,
        perplexity_tuned: figure,
        task_base: figure,
        task_tuned: figure,
        kl: figure,
        regression_prompts_passed_before: figure,
        regression_prompts_passed_after: figure,
      })
      .nullish(),
  })
  .catch({});

const versions = z.object({ tunewise: z.string().optional() }).catch({});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A path of this machine is not published. */
function isHubId(model: string): boolean {
  return /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(model) && !model.endsWith(".gguf");
}

/** Plans the files to write. The base model stays open until they are written; a PEFT adapter does not need it. */
async function planOf(
  found: FoundRun,
  runtime: Runtime,
  { format, dtype, onDownload }: ExportOptions,
): Promise<{ plan: ExportPlan; close: () => Promise<void> }> {
  const { run, folder } = found;
  const { recipe, folder: recipeFolder } = await recipeOfRun(found);
  const missing = (cause: unknown): never => {
    throw withoutResult(run, cause);
  };
  const isFull = recipe.method.kind === "full";
  requireEngine(found, null, recipe.method); // adapters that this refuses are already in PEFT format
  const adapter = isFull ? null : await readAdapter(folder.adapter).catch(missing);
  const hasOwnTemplate = recipe.model.chatTemplate !== null || recipe.model.chatTemplateKwargs !== null;
  // A branch may have moved since the run; a commit cannot.
  const revision = /^[0-9a-f]{40}$/.test(run.modelRevision) ? run.modelRevision : recipe.model.revision;
  const model = { ...recipe.model, revision };
  const where = { recipe: { ...recipe, model }, folder: recipeFolder };
  if (adapter && format === "peft") {
    const plan = planPeft(adapter);
    const tokenizer = hasOwnTemplate ? await findTokenizerFiles(where, runtime, onDownload) : null;
    return {
      plan: tokenizer ? withTemplateFiles(plan, format, tokenizer) : plan,
      close: async () => undefined,
    };
  }
  const trained = isFull ? await readFullResult(folder.weights).catch(missing) : null;
  const files = await findRecipeModel(where, runtime, onDownload);
  const close = async (): Promise<void> => {
    await files.weights.close();
    await trained?.files.close();
  };
  try {
    checkBase(found, files);
    requireEngine(found, files, recipe.method);
    const request = { format, name: run.name, ...(dtype === undefined ? {} : { dtype }) };
    if (trained) return { plan: planExport(replacedModel(files, trained.files), request), close };
    // an adapter trained on 4-bit weights is only valid for their dequantized values
    const base = await asTrained(
      files,
      baseOptions(files, recipe, defaultStorage(recipe, "fp32"), runtime, run.dataFingerprint),
    );
    const plan = planExport(mergedModel(base, adapter), request);
    return {
      plan: hasOwnTemplate ? withTemplateFiles(plan, format, files.tokenizer) : plan,
      close: () => base.weights.close(),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function checkBase({ run }: FoundRun, { revision }: ModelFiles): void {
  if (revision === run.modelRevision) return;
  const about = { run: run.id, model: run.model, before: run.modelRevision, now: revision };
  throw problem("EXPORT_BASE_CHANGED", about);
}

async function checkSpace(
  folder: string,
  { files, dtype }: ExportPlan,
  runtime: Runtime,
  { format }: ExportOptions,
): Promise<void> {
  const needed = files.reduce((sum, file) => sum + file.bytes, 0);
  const free = await runtime.freeDiskBytes(await nearestFolder(folder));
  if (needed <= free) return;
  const smaller = format === "gguf" && dtype !== "q8_0" ? "--dtype q8_0" : dtype === "f32" && "--dtype f16";
  const isModel = format === "gguf" || format === "merged" || format === "onnx";
  const fix =
    isModel && smaller
      ? `add ${smaller}, or -o with a folder on another disk`
      : "give -o a folder on another disk";
  throw problem("EXPORT_DISK_FULL", {
    needed: bytesText(bytes(needed)),
    free: bytesText(bytes(free)),
    folder,
    fix,
  });
}

/** Called with the number of bytes written so far. */
export type OnBytes = (done: number, total: number) => void;

/** Options of `writeFolder`. */
export interface WriteOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: OnBytes;
}

/** Returns the nearest existing folder at or above a path, which is on the target disk. */
export async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() || dirname(path) === path) return path;
  return nearestFolder(dirname(path));
}

/**
 * Writes the files into a hidden folder beside the target, then moves them into place.
 *
 * A missing or empty target is replaced by one rename. With files in the target (`--force`), each file is moved once
 * all are complete. A failure or interruption before that leaves the target unchanged.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`, and those of producing the files
 */
export async function writeFolder(
  folder: string,
  files: readonly PlannedFile[],
  { signal, onBytes }: WriteOptions,
): Promise<void> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const counted = async function* (file: PlannedFile): AsyncGenerator<Uint8Array> {
    let own = 0;
    for await (const chunk of file.chunks()) {
      signal.throwIfAborted();
      own += chunk.length;
      done += chunk.length;
      yield chunk;
      onBytes?.(done, total);
    }
    if (own !== file.bytes) throw new Error(`Internal: ${file.path} has ${own} bytes, not ${file.bytes}`);
  };
  try {
    await writeFolderAtomically(folder, { present: "merge" }, async (draft) => {
      for (const file of files) await writeFileAtomically(join(draft, file.path), counted(file));
    });
  } catch (error) {
    throw writeProblem(folder, error);
  }
}
