/** @file Phases of a training step that may have the peak, with their live memory. */
import { countOf } from "@tunewise/core/quantity";
import { doraTerm, recomputedDoraTerm } from "./dora.ts";
import { formatsOf } from "./formats.ts";
import type { LossKind, StackRules } from "./rules.ts";
import { savedInLayer, scoreBytes } from "./saved-activations.ts";
import { isCheckpointed, type StackSetting, type StackTerm, stackTerm, tokensOf } from "./setting.ts";
import { heldFormats, nf4Bytes, type States, statesPerDevice, stateTerms } from "./states.ts";

/** A phase of the step. */
export interface StackPhase {
  readonly name: "forward" | "loss" | "backward" | "update" | "evaluation";
  readonly terms: readonly StackTerm[];
}

/**
 * Returns the phases: the loss; the backward pass of the last layer, which comes first; that of the first layer, when
 * all gradients exist; the optimizer update; and evaluation.
 *
 * @source planning reference: peak = max over phases of weights, states, activations, overhead; the logits are freed
 *   before layers are recomputed, so they do not add
 */
export function phasesOf(setting: StackSetting): StackPhase[] {
  const states = statesPerDevice(setting);
  const resident = stateTerms(setting, states);
  const gradients = gradientTerm(setting, states);
  const base = setting.accumulates ? [...resident, gradients] : resident;
  const all = savedTerms(setting, setting.model.layers);
  const one = savedTerms(setting, 1);
  const held = logitsTerm(setting, heldLogitBytes(setting));
  const layers = [feedForwardTerms(setting), attentionTerms(setting)];
  const gathered = gatheredTerms(setting);
  return [
    ...doraPhases(setting, { base, last: [...resident, gradients], all, one, gathered: gathered.all }),
    phase("loss", [...base, ...all, ...lossTerms(setting), ...gathered.root]),
    ...layers.map((layer) => phase("backward", [...base, ...all, ...layer, held, ...gathered.all])),
    ...layers.map((layer) =>
      phase("backward", [...resident, gradients, ...one, ...layer, held, ...gathered.all]),
    ),
    phase("update", [...resident, gradients, updateTerm(setting, states)]),
    ...evaluationPhase(setting, resident, gathered.all),
  ];
}

/**
 * DoRA's norms at the end of the forward pass, or in the recomputation of the last and the first layer. All saved
 * activations are alive, in addition to full matrices.
 */
function doraPhases(
  setting: StackSetting,
  terms: Readonly<Record<"base" | "last" | "all" | "one" | "gathered", readonly StackTerm[]>>,
): StackPhase[] {
  const norms = doraTerm(setting, tokensOf(setting));
  if (norms.bytes === 0) return [];
  const { base, last, all, one, gathered } = terms;
  if (!isCheckpointed(setting)) return [phase("forward", [...base, ...all, norms, ...gathered])];
  const { attention, feedForward } = savedInLayer(setting);
  const again = [layerTerm(setting, attention + feedForward), recomputedDoraTerm(setting), norms];
  return [
    phase("backward", [...base, ...all, ...again, ...gathered]),
    phase("backward", [...last, ...one, ...again, ...gathered]),
  ];
}

/**
 * Evaluation between two steps: no gradients, one layer at a time, but often larger batches than in training. A
 * frequent cause of late out-of-memory errors.
 *
 * @source planning reference, section 1.6 and the threads of section 8; logits as given, as float32, and their
 *   log-probabilities
 */
function evaluationPhase(
  setting: StackSetting,
  resident: readonly StackTerm[],
  gathered: readonly StackTerm[],
): StackPhase[] {
  const { model, evaluation, stack } = setting;
  if (evaluation === null) return [];
  const tokens = evaluation.rows * evaluation.length;
  const { stream, result } = formatsOf(setting);
  const perLogit = stack.loss === "fused" ? 0 : stack.loss === "whole" ? stream + 8 : stream + 2;
  const flow = 4 * stream * model.hidden + 3 * result * model.feedForward * model.activeExperts;
  return [
    phase("evaluation", [
      ...resident,
      ...gathered,
      stackTerm("layer", flow * tokens, `forward pass of one layer, ${countOf(tokens, "token")}`),
      stackTerm(
        "logits",
        perLogit * tokens * model.vocabulary,
        `${countOf(evaluation.rows, "row")} x ${countOf(evaluation.length, "token")} x ${model.vocabulary} words, evaluation batch`,
      ),
      dequantizedTerm(setting),
      doraTerm(setting, tokens),
    ]),
  ];
}

function phase(name: StackPhase["name"], terms: readonly StackTerm[]): StackPhase {
  return { name, terms: terms.filter((term) => term.bytes > 0) };
}

/** Saved activations of a number of layers. */
function savedTerms(setting: StackSetting, layers: number): StackTerm[] {
  const { model, stack, rows, length } = setting;
  const tokens = tokensOf(setting);
  const saved = savedInLayer(setting);
  const isAgain = isCheckpointed(setting);
  const input = stack.checkpointStore === "device" ? formatsOf(setting).stream * model.hidden : 0;
  const perToken = isAgain ? input : saved.attention + saved.feedForward;
  const what = isAgain ? "the input of each, the rest is computed again" : "nothing is computed again";
  return [
    stackTerm(
      "kept",
      layers * (perToken * tokens + (isAgain ? 0 : saved.constant)),
      `${countOf(tokens, "token")} x ${countOf(layers, "layer")} x ${Math.round(perToken)} bytes; ${what}`,
    ),
    stackTerm(
      "scores",
      isAgain ? 0 : layers * saved.perScore * scoresOf(setting),
      `${countOf(rows, "row")} x ${model.heads} heads x ${length} x ${length} in ${countOf(layers, "layer")}`,
    ),
  ];
}

/** Backward pass of a feed-forward: its recomputed layer, and gradients of its outputs. */
function feedForwardTerms(setting: StackSetting): StackTerm[] {
  const { model } = setting;
  const { stream, result } = formatsOf(setting);
  const saved = savedInLayer(setting);
  const again = isCheckpointed(setting) ? saved.attention + saved.feedForward : 0;
  const flow = stream * model.hidden + 2 * result * model.feedForward * model.activeExperts;
  const scores = isCheckpointed(setting) ? saved.perScore * scoresOf(setting) : 0;
  return [
    layerTerm(setting, again + flow),
    scoresTerm(setting, scores),
    dequantizedTerm(setting),
    recomputedDoraTerm(setting),
  ];
}

/** Backward pass of attention, after that of the feed-forward. */
function attentionTerms(setting: StackSetting): StackTerm[] {
  const { model, attention } = setting;
  const formats = formatsOf(setting);
  const saved = savedInLayer(setting);
  const isAgain = isCheckpointed(setting);
  const flow = 2 * formats.stream * model.hidden + 3 * formats.attention * model.heads * model.headWidth;
  const scores = attention === "eager" ? scoreBytes.backward - (isAgain ? 0 : saved.perScore) : 0;
  return [
    layerTerm(setting, (isAgain ? saved.attention : -saved.feedForward) + flow),
    scoresTerm(setting, scores * scoresOf(setting)),
    dequantizedTerm(setting),
    recomputedDoraTerm(setting),
  ];
}

function layerTerm(setting: StackSetting, perToken: number): StackTerm {
  const tokens = tokensOf(setting);
  return stackTerm(
    "layer",
    Math.max(0, perToken) * tokens,
    `backward pass of one layer, ${countOf(tokens, "token")} x ${Math.round(perToken)} bytes`,
  );
}

function scoresTerm({ rows, length, model }: StackSetting, size: number): StackTerm {
  return stackTerm(
    "scores",
    size,
    `scores of one layer and their gradients, ${rows} x ${model.heads} x ${length} x ${length}`,
  );
}

function scoresOf({ rows, length, model }: StackSetting): number {
  return rows * model.heads * length * length;
}

/** A quantized matrix is dequantized while it is used. */
function dequantizedTerm({ model, trained, stack }: StackSetting): StackTerm {
  const sizes = model.projections.map(({ inputWidth, outputWidth }) => inputWidth * outputWidth);
  return stackTerm(
    "dequantized",
    trained.kind === "qlora" ? stack.computeBytes * Math.max(...sizes) : 0,
    `one matrix in ${8 * stack.computeBytes} bits while it multiplies`,
  );
}

function lossTerms(setting: StackSetting): StackTerm[] {
  const head = headGradientBytes(setting);
  return [
    logitsTerm(setting, lossPeakBytes(setting)),
    stackTerm("gradients", head, "of the head, first to be there"),
  ];
}

function logitsTerm(setting: StackSetting, size: number): StackTerm {
  const { model, stack } = setting;
  return stackTerm(
    "logits",
    size,
    `${countOf(tokensOf(setting), "token")} x ${model.vocabulary} words, loss "${stack.loss}"`,
  );
}

function gradientTerm(setting: StackSetting, states: States): StackTerm {
  const { stack, model } = setting;
  const part = stack.optimizerInBackward ? 1 / model.layers : 1;
  return stackTerm(
    "gradients",
    states.gradients * part,
    `${stack.optimizerInBackward ? "of one layer at a time, used at once" : "of everything that is trained"}, in ${heldFormats(setting).gradients}`,
  );
}

/** Temporaries of an unfused update: the square roots of the second moments. */
function updateTerm({ stack, trained }: StackSetting, states: States): StackTerm {
  const width = trained.kind === "full" ? stack.fullWeightBytes : stack.adapterBytes;
  return stackTerm(
    "copies",
    stack.fusedOptimizer || stack.optimizerInBackward ? 0 : width * states.trainedCount,
    "roots of the second moments, all at once",
  );
}

/**
 * Unsharded parameters on each GPU: embeddings and head permanently, and one layer at a time.
 *
 * @source Zhao et al. 2023 (arXiv 2304.11277), section 3.2; PyTorch's `fully_shard` does not reshard its root
 */
function gatheredTerms(setting: StackSetting): { root: StackTerm[]; all: StackTerm[] } {
  const { sharding, devices, model, trained, stack } = setting;
  if (devices < 2 || (sharding !== "zero-3" && sharding !== "fsdp")) return { root: [], all: [] };
  const { linear, total } = model.parameters;
  const layer =
    (linear * (trained.kind === "qlora" ? nf4Bytes(trained.doubleQuantization) : stack.computeBytes)) /
    model.layers;
  const rest = stack.computeBytes * (total - linear);
  return {
    root: [stackTerm("gathered", rest, "embeddings and head, whole on each GPU")],
    all: [
      stackTerm(
        "gathered",
        rest + layer,
        "embeddings, head and one layer, whole on each GPU while they are used",
      ),
    ],
  };
}

/** Bytes per logit at the peak of the loss, without those held by the caller. */
function lossBytes({ loss, computeBytes }: StackRules): number {
  const sizes: Readonly<Record<LossKind, number>> = {
    whole: 12,
    pieces: computeBytes + 4,
    "half-pieces": computeBytes,
    "compiled-pieces": computeBytes,
    "in-place": computeBytes,
    fused: 0,
  };
  return sizes[loss];
}

/**
 * Bytes at the peak of the loss; soft-capped logits are saved for their gradient.
 *
 * @source torch.nn.functional.cross_entropy under autograd, counted with bench/kept-tensors.py; linkedin/Liger-Kernel
 *   src/liger_kernel/ops/fused_linear_cross_entropy.py for `fused`: a chunk as large as the hidden states, in float32
 *   and with its gradient
 */
function lossPeakBytes(setting: StackSetting): number {
  const { model, stack } = setting;
  const { stream } = formatsOf(setting);
  const tokens = tokensOf(setting);
  if (stack.loss === "fused") return 3 * tokens * model.hidden * stream;
  const bounded = model.softCaps ? stream : 0;
  return tokens * model.vocabulary * (lossBytes(stack) + bounded) + heldLogitBytes(setting);
}

/** Gradient of a trained head during the loss; with a chunked loss also that of the current chunk. */
function headGradientBytes({ model, trained, stack }: StackSetting): number {
  if (trained.kind !== "full") return 0;
  const table = stack.fullWeightBytes * model.hidden * model.vocabulary;
  return stack.loss.endsWith("pieces") ? 2 * table : table;
}

/** Logits that remain during the backward pass. */
function heldLogitBytes(setting: StackSetting): number {
  const { model, stack } = setting;
  if (stack.heldLogits === "none") return 0;
  return (
    tokensOf(setting) * model.vocabulary * (stack.heldLogits === "given" ? formatsOf(setting).stream : 4)
  );
}
