/**
 * @file Runs the language model head over labelled tokens in chunks, so that logits of a complete batch never exist.
 */
import { copyRows, tableFormat } from "../base/table.ts";
import type { HeadKind } from "../models/programs.ts";
import type { Feeds, Session } from "../runtime/session.ts";
import { addInto } from "./add-into.ts";
import type { Buffers } from "./buffers.ts";
import type { LoadedModel, RootWeights } from "./loaded-model.ts";

/** Maximum logits in memory at once: 64 MB. */
const logitsAtOnce = 1 << 24;

/**
 * Tokens per chunk, equal for all but the last. Smaller chunks would make the product with the vocabulary
 * memory-bound.
 */
export function chunkSize(vocabulary: number, tokens: number): number {
  const most = Math.min(512, Math.max(64, Math.floor(logitsAtOnce / vocabulary)));
  return Math.ceil(tokens / Math.max(1, Math.ceil(tokens / most)));
}

/** Accumulators for the head's gradients. */
export interface HeadGradients {
  /** `[N, D]`, of the hidden states */
  readonly hidden: Float32Array;
  /** `[D]` of the norm's weight and bias and `[V, D]` of the embedding table, if they are trained */
  readonly norm: Float32Array | null;
  readonly normBias: Float32Array | null;
  readonly table: Float32Array | null;
}

/**
 * Cross-entropy: the negative log likelihood of each label.
 *
 * @param hidden `[N, D]` states before the final norm
 * @param batch flat positions (`sources`) whose successors are predicted, and the successors (`labels`)
 * @param gradients if given, the gradients of the summed loss are added to them
 * @returns nats per label, in the order of `sources`
 */
export async function headLoss(
  model: LoadedModel,
  root: RootWeights,
  hidden: Float32Array,
  { sources, labels }: { readonly sources: Int32Array; readonly labels: Int32Array },
  buffers: Buffers,
  gradients?: HeadGradients,
): Promise<Float32Array> {
  const kind = !gradients ? "loss" : trainsHead(gradients) ? "train" : "gradient";
  return headPass(kind, model, root, hidden, { sources, labels }, buffers, gradients);
}

/** Whether the final norm or the table of the head is trained. */
export function trainsHead({ norm, normBias, table }: HeadGradients): boolean {
  return (norm ?? normBias ?? table) !== null;
}

/**
 * Runs a head program over all labels; arguments and result as in `headLoss`.
 *
 * @param factors `[N]`, by which the gradients of each label are multiplied, for `second-pass`
 */
export async function headPass(
  kind: Exclude<HeadKind, "logits">,
  model: LoadedModel,
  root: RootWeights,
  hidden: Float32Array,
  { sources, labels }: { readonly sources: Int32Array; readonly labels: Int32Array },
  buffers: Buffers,
  gradients?: HeadGradients,
  factors?: Float32Array,
): Promise<Float32Array> {
  const { hidden: width, vocabulary } = model.architecture;
  const isTrained = gradients && trainsHead(gradients);
  const session = await model.programs.head(kind, tableFormat(root.head));
  const size = chunkSize(vocabulary, sources.length);
  const all = new Float32Array(sources.length);
  for (let from = 0; from < sources.length; from += size) {
    const chunk = sources.subarray(from, from + size);
    const chunkLabels = labels.subarray(from, from + size);
    const x = copyRows(hidden, chunk, width, buffers.take("head.x", chunk.length * width));
    const outputs: Record<string, Float32Array> = { nll: all.subarray(from, from + size) };
    if (gradients) outputs["gx"] = buffers.take("head.gx", chunk.length * width);
    if (isTrained) {
      outputs["g.norm.weight"] = buffers.take("head.norm", width);
      if (root.normBias) outputs["g.norm.bias"] = buffers.take("head.norm.bias", width);
      outputs["g.head.pull"] = buffers.take("head.pull", vocabulary * width);
      outputs["g.head.push"] = buffers.take("head.push", chunk.length * width);
    }
    const labelled = { labels: chunkLabels, factors: factors?.subarray(from, from + size), buffers };
    await runHead(model, root, session, x, labelled, outputs);
    if (gradients) addGradients(gradients, outputs, chunk, chunkLabels, width);
  }
  return all;
}

function addGradients(
  { hidden, norm, normBias, table }: HeadGradients,
  outputs: Readonly<Record<string, Float32Array>>,
  places: Int32Array,
  labels: Int32Array,
  width: number,
): void {
  const of = (name: string): Float32Array => outputs[name] as Float32Array;
  addRows(of("gx"), places, width, hidden, 1);
  if (norm) addInto(norm, of("g.norm.weight"));
  if (normBias) addInto(normBias, of("g.norm.bias"));
  if (!table) return;
  addInto(table, of("g.head.pull"));
  addRows(of("g.head.push"), labels, width, table, -1);
}

/**
 * Logits at the given positions: `[positions, V]`.
 *
 * @param all array for the result; a new array by default
 */
export async function headLogits(
  model: LoadedModel,
  root: RootWeights,
  hidden: Float32Array,
  sources: Int32Array,
  buffers: Buffers,
  all: Float32Array = new Float32Array(sources.length * model.architecture.vocabulary),
): Promise<Float32Array> {
  const { hidden: width, vocabulary } = model.architecture;
  const session = await model.programs.head("logits", tableFormat(root.head));
  const size = chunkSize(vocabulary, sources.length);
  for (let from = 0; from < sources.length; from += size) {
    const chunk = sources.subarray(from, from + size);
    const x = copyRows(hidden, chunk, width, buffers.take("head.x", chunk.length * width));
    const logits = all.subarray(from * vocabulary, (from + chunk.length) * vocabulary);
    await runHead(model, root, session, x, null, { logits });
  }
  return all;
}

async function runHead(
  { architecture }: LoadedModel,
  root: RootWeights,
  session: Session,
  x: Float32Array,
  labelled: LabelledChunk | null,
  outputs: Readonly<Record<string, Float32Array>>,
): Promise<void> {
  const bias = root.normBias ? { "norm.bias": root.normBias } : {};
  const inputs: Feeds = { x, "norm.weight": root.norm, ...bias, "head.weight": root.head };
  const labels = labelled && labelInputs(labelled, root, architecture.hidden);
  await session.run({ C: x.length / architecture.hidden }, { ...inputs, ...labels }, outputs);
}

/** The labels of a chunk, and the factors of their gradients. */
interface LabelledChunk {
  readonly labels: Int32Array;
  readonly factors: Float32Array | undefined;
  readonly buffers: Buffers;
}

/** Labels, their rows of the head's table, and the factors of their gradients. */
function labelInputs(
  { labels, factors, buffers }: LabelledChunk,
  { head }: RootWeights,
  width: number,
): Feeds {
  const rows = copyRows(head, labels, width, buffers.take("head.labels", labels.length * width));
  const inputs = { labels: BigInt64Array.from(labels, BigInt), "labels.rows": rows };
  return factors ? { ...inputs, factors } : inputs;
}

/** Adds rows of `from` in order, multiplied by `times`, to the rows of `into` at `places`. */
export function addRows(
  from: Float32Array,
  places: Int32Array,
  width: number,
  into: Float32Array,
  times: number,
): void {
  for (let row = 0; row < places.length; row++) {
    const base = (places[row] as number) * width;
    for (let at = 0; at < width; at++) {
      into[base + at] = (into[base + at] as number) + times * (from[row * width + at] as number);
    }
  }
}
