/** @file Entry point to a model: opens and checks its files, and offers training, evaluation and generation. */
import type { EncodedRow } from "@tunewise/core/rows";
import { createFull, loadFull, storedTensor } from "./adapters/full.ts";
import { writeFullResult } from "./adapters/full-result.ts";
import { createLora, loadLora } from "./adapters/lora.ts";
import type { TrainedAdapter } from "./adapters/tuned.ts";
import { chooseAttention } from "./attention/choose.ts";
import { openBase } from "./base/base.ts";
import { type BaseOptions, wideBase } from "./base/options.ts";
import { layOut } from "./batch/batch.ts";
import type { Adapter, LanguageModel, LossOptions, LossSum } from "./engine.ts";
import { createAnswerPool } from "./generate/answer-pool.ts";
import { chooseAnswers } from "./generate/choose-answers.ts";
import { CachedConversation } from "./generate/conversation.ts";
import { generate } from "./generate/generate.ts";
import { fitsPagedAttention } from "./jit/operator-kinds.ts";
import type { Architecture } from "./models/architecture.ts";
import { ModelPrograms } from "./models/programs.ts";
import { readArchitecture } from "./models/read-architecture.ts";
import { parameterCount } from "./models/weight-names.ts";
import { Buffers } from "./pass/buffers.ts";
import { estimateFisher } from "./pass/estimate-fisher.ts";
import { runForward } from "./pass/forward.ts";
import { headLogits, headLoss } from "./pass/head.ts";
import { type LoadedModel, rootOf } from "./pass/loaded-model.ts";
import { meanHidden } from "./pass/mean-hidden.ts";
import { problem } from "./problem/index.ts";
import type { RuntimeOptions } from "./runtime/session.ts";
import { createTrainer } from "./train/trainer.ts";
import { type ModelFiles, type WeightFiles, writeAdapter } from "./weights/index.ts";

/** Maximum tokens per evaluation pass. */
const tokensAtOnce = 2048;

/**
 * Reads a model into memory and starts the runtime.
 *
 * @throws {TunewiseError} `MODEL_FAMILY_UNKNOWN`, `MODEL_CONFIG_INVALID`, `MODEL_WEIGHT_MISMATCH`,
 *   `ENGINE_RUNTIME_FAILED`
 */
export async function openModel(
  files: Pick<ModelFiles, "config" | "weights">,
  options: OpenOptions,
): Promise<LanguageModel> {
  return openArchitecture(readArchitecture(files.config), files.weights, options);
}

/** Number of threads, and how weights are stored; by default they are widened once. */
type OpenOptions = RuntimeOptions & { readonly base?: BaseOptions };

/** The same as `openModel`, for an architecture that has already been read. */
export async function openArchitecture(
  architecture: Architecture,
  weights: WeightFiles,
  options: OpenOptions,
): Promise<LanguageModel> {
  const base = await openBase(weights, architecture, options.base ?? wideBase);
  const attention = await chooseAttention(architecture, options.threads, options.base?.compute);
  const programs = new ModelPrograms(architecture, {
    ...options,
    matrices: base.inputs,
    attention: attention.operators,
  });
  const hasPagedAttention = options.base?.compute === "bf16" && fitsPagedAttention(architecture);
  const model: LoadedModel = { architecture, base, programs, flatFrom: attention.from, hasPagedAttention };
  return {
    parameterCount: parameterCount(architecture),
    vocabularySize: architecture.vocabulary,
    contextLength: architecture.contextLength,
    layerCount: architecture.layers,
    hiddenSize: architecture.hidden,
    family: architecture.family,
    createAdapter: (settings, seed) => createLora(architecture, settings, seed),
    loadAdapter: (settings, tensors) => loadLora(architecture, settings, tensors),
    createFull: (settings) => createFull(architecture, base, settings),
    loadFull: (settings, weights) => loadFull(architecture, weights, settings),
    estimateFisher: (adapter, rows, options) => estimateFisher(model, own(adapter), rows, options),
    saveResult: async (adapter, folder) => {
      if (adapter.kind === "lora") return writeAdapter(folder, adapter.settings, adapter.tensors());
      return writeFullResult(folder, adapter, (tensor) => storedTensor(architecture, tensor));
    },
    createTrainer: (adapter, rows, plan) => createTrainer(model, own(adapter), rows, plan),
    loss: async (adapter, rows, options) =>
      total(await losses(model, adapter && own(adapter), rows, options)),
    losses: (adapter, rows, options) => losses(model, adapter && own(adapter), rows, options),
    logits: async (adapter, ids) => {
      const row = { ids, labelled: new Uint8Array(ids.length), promptLength: ids.length, example: 0 };
      const batch = layOut([row], architecture, false, model.flatFrom);
      const buffers = new Buffers();
      const tuned = adapter && own(adapter);
      const hidden = await runForward(model, tuned, batch, buffers);
      return headLogits(model, rootOf(model, tuned), hidden, Int32Array.from(ids.keys()), buffers);
    },
    meanHidden: (texts, reading) => meanHidden(model, texts, reading),
    generate: (adapter, prompts, decoding) => generate(model, adapter && own(adapter), prompts, decoding),
    choose: (adapter, prompts, choices, choosing) =>
      chooseAnswers(model, adapter && own(adapter), prompts, choices, choosing),
    createPool: (adapters, slots) =>
      createAnswerPool(
        model,
        adapters.map((adapter) => adapter && own(adapter)),
        slots,
      ),
    createConversation: (adapter) => new CachedConversation(model, adapter && own(adapter)),
    close: async () => {
      await model.programs.close();
      await base.close();
    },
  };
}

/** Narrows an adapter to its internal type: only the model creates adapters. */
function own(adapter: Adapter): TrainedAdapter {
  if (!("layers" in adapter)) throw new Error("Internal: an adapter of another maker");
  return adapter as TrainedAdapter;
}

/** Loss sums in the order of the rows; rows of similar length are evaluated together. */
async function losses(
  model: LoadedModel,
  adapter: TrainedAdapter | null,
  rows: readonly EncodedRow[],
  { onRows, signal }: LossOptions = {},
): Promise<LossSum[]> {
  const limit = model.architecture.contextLength;
  const order = [...rows.keys()].sort((a, b) => lengthOf(rows, a) - lengthOf(rows, b));
  const longest = lengthOf(rows, order.at(-1) ?? 0);
  if (longest > limit) throw problem("ENGINE_ROW_TOO_LONG", { found: longest, limit });
  const buffers = new Buffers();
  const sums = rows.map(() => ({ nll: 0, labelledTokens: 0 }));
  for (let from = 0; from < order.length; ) {
    signal?.throwIfAborted();
    let until = from + 1;
    while (until < order.length && (until + 1 - from) * lengthOf(rows, order[until] ?? 0) <= tokensAtOnce)
      until++;
    const chosen = order.slice(from, until);
    const batch = layOut(
      chosen.map((at) => rows[at] as EncodedRow),
      model.architecture,
      true,
      model.flatFrom,
    );
    const hidden = await runForward(model, adapter, batch, buffers);
    const nll = await headLoss(model, rootOf(model, adapter), hidden, batch, buffers);
    for (const [label, value] of nll.entries()) {
      const sum = sums[chosen[batch.owners[label] ?? 0] ?? 0];
      if (!sum) continue;
      sum.nll += value;
      sum.labelledTokens++;
    }
    from = until;
    onRows?.(from);
  }
  return sums;
}

function lengthOf(rows: readonly EncodedRow[], at: number): number {
  return rows[at]?.ids.length ?? 0;
}

function total(sums: readonly LossSum[]): LossSum {
  return {
    nll: sums.reduce((sum, { nll }) => sum + nll, 0),
    labelledTokens: sums.reduce((sum, { labelledTokens }) => sum + labelledTokens, 0),
  };
}
