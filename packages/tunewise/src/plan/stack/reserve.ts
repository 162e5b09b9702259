/**
 * @file Memory that PyTorch's allocator reserves beyond what a program allocates: cached blocks that are too small for
 * later tensors.
 *
 * Rows of different lengths make tensors of different sizes, so blocks of one batch are too small for the next. The
 * steps of a few batches are replayed, tensor by tensor, through a model of the allocator. Nothing here is fitted.
 */
import { mean, mulberry32, randomBelow, shuffled } from "@tunewise/core/math";
import { type Block, CachingAllocator } from "./allocator.ts";
import { formatsOf } from "./formats.ts";
import { savedInLayer } from "./saved-activations.ts";
import { isCheckpointed, type StackSetting } from "./setting.ts";
import { statesPerDevice } from "./states.ts";

/**
 * Max. replayed layers. In deeper models, each replayed layer stands for a group, with lasting tensors of the group's
 * size.
 */
const maxGroups = 8;

/** Sizes of the tensors of one layer and of the loss, in bytes. */
interface Tensors {
  /** The residual stream. */
  readonly stream: number;
  /** One array of the feed-forward's width. */
  readonly wide: number;
  /** Inputs of a group of layers. */
  readonly input: number;
  /** Tensors that a layer saves for the backward pass. */
  readonly attention: readonly number[];
  readonly feedForward: readonly number[];
  /** The same of a group of layers. */
  readonly keptAttention: readonly number[];
  readonly keptFeedForward: readonly number[];
  /** Logits in the computed format and in float32; 0 if the loss does not materialize them. */
  readonly logits: number;
  readonly logits32: number;
  /** Gradients of the matrices of a group of layers, and of the embedding or the head; none with adapters. */
  readonly gradients: readonly number[];
  readonly table: number;
}

/** Bytes reserved beyond the peak of allocated bytes: min, mean and max over batch orders. */
export interface ReserveSlack {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** Slack of an allocator without a cache. */
export const noSlack: ReserveSlack = { low: 0, expected: 0, high: 0 };

/** Number of batch orders to replay, and batches of each: most segments are allocated in the first few. */
const replayed = { orders: 4, batches: 16 } as const;

/**
 * Slack of a setting over batch orders. If a long batch comes first, all others fit into its segments; if lengths grow,
 * each batch allocates new ones.
 */
export function slackOf(setting: StackSetting): ReserveSlack {
  const { length, lengths = [] } = setting;
  // of two equal steps, the second one reuses the first one's segments
  if (!lengths.some((one) => one !== length)) return alike(reserveSlack(setting, [length, length]));
  const random = mulberry32(1);
  const slacks = Array.from({ length: replayed.orders }, () => {
    const order = shuffled(lengths, (limit) => randomBelow(random, limit)).slice(0, replayed.batches - 1);
    order.splice(randomBelow(random, order.length + 1), 0, length); // the longest batch comes at a random position
    return reserveSlack(setting, order);
  });
  return { low: Math.min(...slacks), expected: mean(slacks), high: Math.max(...slacks) };
}

function alike(bytes: number): ReserveSlack {
  return { low: bytes, expected: bytes, high: bytes };
}

/**
 * Bytes reserved beyond the peak of allocated bytes, for batches of the given padded lengths in this order.
 *
 * @param lengths tokens of a row of each batch, padding included
 * @returns at least 0
 */
function reserveSlack(setting: StackSetting, lengths: readonly number[]): number {
  const allocator = new CachingAllocator();
  for (const length of lengths) replayStep(allocator, { ...setting, length });
  return allocator.peakReserved - allocator.peakAllocated;
}

function replayStep(allocator: CachingAllocator, setting: StackSetting): void {
  const sizes = tensorsOf(setting);
  const isAgain = isCheckpointed(setting);
  const groups = Math.min(maxGroups, setting.model.layers);
  const gradients: (Block | null)[] = [];
  const all = (list: readonly number[]): (Block | null)[] => list.map((size) => allocator.allocate(size));
  const release = (blocks: readonly (Block | null)[]): void => {
    for (const block of blocks) allocator.free(block);
  };
  let stream = allocator.allocate(sizes.input);
  const kept: (readonly (Block | null)[])[] = [];
  for (let layer = 0; layer < groups; layer += 1) {
    const half = all(isAgain ? sizes.attention.slice(0, 4) : sizes.keptAttention);
    const middle = allocator.allocate(sizes.stream);
    if (isAgain) release(half);
    const wide = all(isAgain ? [sizes.wide, sizes.wide, sizes.wide] : sizes.keptFeedForward);
    const output = allocator.allocate(sizes.input);
    if (isAgain) release(wide);
    allocator.free(middle);
    kept.push(isAgain ? [stream] : [stream, ...half, ...wide]);
    stream = output;
  }
  let gradient = replayLoss(allocator, sizes, gradients);
  allocator.free(stream);
  for (const own of kept.toReversed()) {
    const again = isAgain ? all([...sizes.attention, ...sizes.feedForward]) : [];
    const wide = all([sizes.wide, sizes.wide]);
    const next = allocator.allocate(sizes.stream);
    release(wide);
    gradients.push(...all(sizes.gradients));
    allocator.free(gradient);
    gradient = next;
    release([...again, ...own]);
  }
  allocator.free(gradient);
  gradients.push(allocator.allocate(sizes.table));
  replayUpdate(allocator, setting, sizes);
  release(gradients);
}

/**
 * Head and loss: logits, their float32 copy, the copy without the last token, log-probabilities, and gradients of each.
 *
 * @returns the gradient of the residual stream
 */
function replayLoss(
  allocator: CachingAllocator,
  { stream, logits, logits32, table }: Tensors,
  gradients: (Block | null)[],
): Block | null {
  const given = allocator.allocate(logits);
  const whole = allocator.allocate(logits32);
  allocator.free(given);
  const shifted = allocator.allocate(logits32);
  const logProbabilities = allocator.allocate(logits32);
  const gradient = allocator.allocate(logits32);
  allocator.free(logProbabilities);
  allocator.free(shifted);
  const unshifted = allocator.allocate(logits32);
  allocator.free(gradient);
  const narrowed = allocator.allocate(logits);
  allocator.free(unshifted);
  gradients.push(allocator.allocate(table));
  const before = allocator.allocate(stream);
  allocator.free(narrowed);
  allocator.free(whole);
  return before;
}

/** An update that is not fused makes temporaries of the size of all gradients. */
function replayUpdate(allocator: CachingAllocator, { stack, model }: StackSetting, sizes: Tensors): void {
  if (stack.fusedOptimizer || stack.optimizerInBackward) return;
  const groups = Math.min(maxGroups, model.layers);
  const inLayers = Array.from({ length: groups }, () => sizes.gradients).flat();
  const copies = [...inLayers, sizes.table, sizes.table].map((size) => allocator.allocate(size));
  for (const block of copies) allocator.free(block);
}

function tensorsOf(setting: StackSetting): Tensors {
  const { model, rows, length, stack, trained } = setting;
  const { stream, result } = formatsOf(setting);
  const saved = savedInLayer(setting);
  const tokens = rows * length;
  const width = model.feedForward * model.activeExperts * result;
  const scores = saved.perScore * rows * model.heads * length * length;
  const isFull = trained.kind === "full";
  const { gradients } = statesPerDevice(setting);
  const part = isFull && !stack.optimizerInBackward ? gradients / model.parameters.total : 0;
  const attention = [
    ...pieces(saved.attention * tokens, model.heads * model.headWidth * result * tokens),
    scores,
  ];
  const feedForward = pieces(saved.feedForward * tokens, width * tokens);
  const inGroup = model.layers / Math.min(maxGroups, model.layers);
  const grouped = (sizes: readonly number[]): number[] => sizes.map((size) => inGroup * size);
  return {
    stream: stream * model.hidden * tokens,
    input: inGroup * stream * model.hidden * tokens,
    wide: width * tokens,
    attention,
    feedForward,
    keptAttention: grouped(attention),
    keptFeedForward: grouped(feedForward),
    logits: stack.loss === "fused" ? 0 : stream * model.vocabulary * tokens,
    logits32: stack.loss === "whole" ? 4 * model.vocabulary * tokens : 0,
    gradients: model.projections.map(
      ({ copies, inputWidth, outputWidth }) => inGroup * part * copies * inputWidth * outputWidth,
    ),
    table: part * model.hidden * model.vocabulary,
  };
}

/** Splits a number of bytes into equal pieces of roughly a given size. */
function pieces(bytes: number, size: number): number[] {
  const count = Math.max(1, Math.round(bytes / size));
  return Array.from({ length: count }, () => bytes / count);
}
