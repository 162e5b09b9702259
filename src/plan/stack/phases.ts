/**
 * @file Moments of a training step at which the peak may come, each with what is alive at once.
 */
import { bytes, countOf } from "../../quantity/index.ts";
import { formatsOf } from "./formats.ts";
import { keptInLayer, scoreBytes } from "./kept.ts";
import { headGradientBytes, heldLogitBytes, lossPeakBytes } from "./logits.ts";
import { isCheckpointed, type StackSetting, type StackTerm, tokensOf } from "./setting.ts";
import { nf4Bytes, type States, statesPerDevice, stateTerms } from "./states.ts";

/** A moment of the step. */
export interface StackPhase {
  readonly name: "loss" | "backward" | "update" | "evaluation";
  readonly terms: readonly StackTerm[];
}

/**
 * The moments: the loss over all tokens; the gradient of the last layer, first to be computed; that of the first
 * layer, when every gradient is there; the optimizer's update.
 *
 * @source planning reference: peak = max over phases of weights, states, activations, overhead; the logits are freed
 *   before a layer is computed again, so they do not add
 */
export function phasesOf(setting: StackSetting): StackPhase[] {
  const states = statesPerDevice(setting);
  const resident = stateTerms(setting, states);
  const gradients = gradientTerm(setting, states);
  const base = setting.accumulates ? [...resident, gradients] : resident;
  const all = keptTerms(setting, setting.model.layers);
  const one = keptTerms(setting, 1);
  const held = logitsTerm(setting, heldLogitBytes(setting));
  const layers = [feedForwardTerms(setting), attentionTerms(setting)];
  const gathered = gatheredTerms(setting);
  return [
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
 * A look at the validation rows between two steps: no gradients, one layer at a time, but often more rows together than
 * in training. Many runs that trained for hours have ended here.
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
      {
        name: "layer",
        bytes: bytes(flow * tokens),
        reason: `forward pass of one layer, ${countOf(tokens, "token")}`,
      },
      {
        name: "logits",
        bytes: bytes(perLogit * tokens * model.vocabulary),
        reason: `${countOf(evaluation.rows, "row")} x ${countOf(evaluation.length, "token")} x ${model.vocabulary} words, evaluation batch`,
      },
      dequantizedTerm(setting),
    ]),
  ];
}

function phase(name: StackPhase["name"], terms: readonly StackTerm[]): StackPhase {
  return { name, terms: terms.filter((term) => term.bytes > 0) };
}

/** What a number of layers keep until their backward pass. */
function keptTerms(setting: StackSetting, layers: number): StackTerm[] {
  const { model, stack, rows, length } = setting;
  const tokens = tokensOf(setting);
  const kept = keptInLayer(setting);
  const isAgain = isCheckpointed(setting);
  const input = stack.checkpointStore === "device" ? formatsOf(setting).stream * model.hidden : 0;
  const perToken = isAgain ? input : kept.attention + kept.feedForward;
  const what = isAgain ? "the input of each, the rest is computed again" : "nothing is computed again";
  return [
    {
      name: "kept",
      bytes: bytes(layers * perToken * tokens),
      reason: `${countOf(tokens, "token")} x ${countOf(layers, "layer")} x ${Math.round(perToken)} bytes; ${what}`,
    },
    {
      name: "scores",
      bytes: bytes(isAgain ? 0 : layers * kept.perScore * scoresOf(setting)),
      reason: `${countOf(rows, "row")} x ${model.heads} heads x ${length} x ${length} in ${countOf(layers, "layer")}`,
    },
  ];
}

/** The backward pass of a feed-forward: all its layer computed again, the gradients of its results. */
function feedForwardTerms(setting: StackSetting): StackTerm[] {
  const { model } = setting;
  const { stream, result } = formatsOf(setting);
  const kept = keptInLayer(setting);
  const again = isCheckpointed(setting) ? kept.attention + kept.feedForward : 0;
  const flow = stream * model.hidden + 2 * result * model.feedForward * model.activeExperts;
  const scores = isCheckpointed(setting) ? kept.perScore * scoresOf(setting) : 0;
  return [layerTerm(setting, again + flow), scoresTerm(setting, scores), dequantizedTerm(setting)];
}

/** The backward pass of attention, when the feed-forward of its layer is done with. */
function attentionTerms(setting: StackSetting): StackTerm[] {
  const { model, attention } = setting;
  const formats = formatsOf(setting);
  const kept = keptInLayer(setting);
  const isAgain = isCheckpointed(setting);
  const flow = 2 * formats.stream * model.hidden + 3 * formats.attention * model.heads * model.headWidth;
  const scores = attention === "eager" ? scoreBytes.backward - (isAgain ? 0 : kept.perScore) : 0;
  return [
    layerTerm(setting, (isAgain ? kept.attention : -kept.feedForward) + flow),
    scoresTerm(setting, scores * scoresOf(setting)),
    dequantizedTerm(setting),
  ];
}

function layerTerm(setting: StackSetting, perToken: number): StackTerm {
  const tokens = tokensOf(setting);
  return {
    name: "layer",
    bytes: bytes(Math.max(0, perToken) * tokens),
    reason: `backward pass of one layer, ${countOf(tokens, "token")} x ${Math.round(perToken)} bytes`,
  };
}

function scoresTerm({ rows, length, model }: StackSetting, size: number): StackTerm {
  return {
    name: "scores",
    bytes: bytes(size),
    reason: `scores of one layer and their gradients, ${rows} x ${model.heads} x ${length} x ${length}`,
  };
}

function scoresOf({ rows, length, model }: StackSetting): number {
  return rows * model.heads * length * length;
}

/** A quantized matrix exists in 16 bits while it multiplies. */
function dequantizedTerm({ model, trained }: StackSetting): StackTerm {
  const sizes = model.projections.map(({ inputWidth, outputWidth }) => inputWidth * outputWidth);
  return {
    name: "dequantized",
    bytes: bytes(trained.kind === "qlora" ? 2 * Math.max(...sizes) : 0),
    reason: "one matrix in 16 bits while it multiplies",
  };
}

function lossTerms(setting: StackSetting): StackTerm[] {
  const head = headGradientBytes(setting);
  return [
    logitsTerm(setting, lossPeakBytes(setting)),
    { name: "gradients", bytes: bytes(head), reason: "of the head, first to be there" },
  ];
}

function logitsTerm(setting: StackSetting, size: number): StackTerm {
  const { model, stack } = setting;
  return {
    name: "logits",
    bytes: bytes(size),
    reason: `${countOf(tokensOf(setting), "token")} x ${model.vocabulary} words, loss "${stack.loss}"`,
  };
}

function gradientTerm({ stack, model }: StackSetting, states: States): StackTerm {
  const part = stack.optimizerInBackward ? 1 / model.layers : 1;
  return {
    name: "gradients",
    bytes: bytes(states.gradients * part),
    reason: stack.optimizerInBackward
      ? "of one layer at a time, used at once"
      : "of everything that is trained",
  };
}

/** Temporaries of an update that is not one kernel: the roots of the second moments. */
function updateTerm({ stack, trained }: StackSetting, states: States): StackTerm {
  const width = trained.kind === "full" ? stack.fullWeightBytes : stack.adapterBytes;
  return {
    name: "copies",
    bytes: bytes(stack.fusedOptimizer || stack.optimizerInBackward ? 0 : width * states.trainedCount),
    reason: "roots of the second moments, all at once",
  };
}

/**
 * What is whole on each GPU while it is used: embeddings and head all the time, and one layer.
 *
 * @source Zhao et al. 2023 (arXiv 2304.11277), section 3.2; PyTorch's `fully_shard` does not reshard its root
 */
function gatheredTerms(setting: StackSetting): { root: StackTerm[]; all: StackTerm[] } {
  const { sharding, devices, model, trained } = setting;
  if (devices < 2 || (sharding !== "zero-3" && sharding !== "fsdp")) return { root: [], all: [] };
  const { linear, total } = model.parameters;
  const layer =
    (linear * (trained.kind === "qlora" ? nf4Bytes(trained.doubleQuantization) : 2)) / model.layers;
  const rest = 2 * (total - linear);
  const term = (size: number, reason: string): StackTerm => ({
    name: "gathered",
    bytes: bytes(size),
    reason,
  });
  return {
    root: [term(rest, "embeddings and head, whole on each GPU")],
    all: [term(rest + layer, "embeddings, head and one layer, whole on each GPU while they are used")],
  };
}
