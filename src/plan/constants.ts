/**
 * @file Every number of the planner that no formula gives, with its reason, so that it can be fitted to
 *   measurements.
 *
 * Three points each: low, expected, high. The engine's own structure (what it keeps, how often it
 * multiplies) is
 * exact as long as the engine is built that way; speeds and slack are priors.
 */
import { type Range, range } from "../quantity/index.ts";

/** Bytes of a float32. */
export const floatBytes = 4;

/** Memory of the engine on this machine. */
export const memoryConstants = {
  /**
   * Node, the native runtime and its arenas before any weight is read. Measured on Linux x64: 150 to 250 MB.
   */
  runtimeBytes: range(150e6, 180e6, 300e6) as Range<number>,
  /** Frozen weights as float32; the reader holds one tensor twice while it converts. */
  weightFactor: range(1, 1, 1.03) as Range<number>,
  /** Adapter, gradient, two moments of AdamW; all float32. */
  adapterArrays: 4,
  /** SGD keeps a momentum, no second moment. */
  adapterArraysSgd: 3,
  /**
   * Kept per token and layer for the backward pass: the layer's input and the middle of the residual stream.
   */
  keptHidden: 2,
  /** Outputs of attention and feed-forward before their norms, where a family has such norms. */
  keptBeforePostNorms: 2,
  /** Gate and up. */
  keptFeedForward: 2,
  /** Attention's weights are kept in as many layers as fit into so many bytes. */
  keptScoresMost: 3e8,
  /** Share of the T x T grid whose weights exist: queries come in blocks, one block to eight of them. */
  keptScoresShare: range(0.55, 0.65, 1) as Range<number>,
  /** Alive at once in one layer's backward pass, per token: residual and norm gradients. */
  backwardHidden: 8,
  /** Activation, product, and the gradients of gate and up. */
  backwardFeedForward: 5,
  /** Gradients of q, k, v and their rotated or regrouped copies, in widths of q and k. */
  backwardAttention: 3,
  /** Gradients of weights and scores, `[B, H, T, T]` each. */
  backwardScores: 2,
  /** Scores and weights of a forward pass. */
  forwardScores: 2,
  /** The head works in chunks of tokens: about so many logits at once, ... */
  headLogitsAtOnce: 16_777_216,
  /** ... but no fewer tokens than this, and no more than that. */
  headChunkLeast: 64,
  headChunkMost: 512,
  /** Logits, probabilities and one product of the same size. */
  headCopies: 3,
  /** How far kept values may be off: arrays are reused between batches of different size. */
  keptFactor: range(0.9, 1, 1.25) as Range<number>,
  /** How far the peak inside a program may be off: the runtime chooses the order and frees in pools. */
  transientFactor: range(0.6, 1, 1.8) as Range<number>,
  /** Share of the machine's memory a run can use; the rest belongs to the system and to other programs. */
  usableShare: 0.9,
} as const;

/**
 * The original brief's rule for full fine-tuning: 2 weights + 2 gradients + 8 moments, in bytes per
 * parameter.
 */
export const ruleBytesPerParameter = 12;

/** Speed of this machine. */
export const speedConstants = {
  /**
   * Matrix products per thread in FLOP/s where nothing was measured: SSE to AVX-512 and NEON cores of the
   * last years.
   */
  priorFlopsPerThread: range(15e9, 50e9, 95e9) as Range<number>,
  /** Share of the bare matrix-product rate that a step reaches; the rest goes to elementwise work. */
  shareOfRate: range(0.45, 0.62, 0.85) as Range<number>,
  /**
   * Memory traffic in bytes/s where it was not measured: one DDR4 channel to a desktop's two DDR5 channels.
   */
  priorBytesPerSecond: range(6e9, 14e9, 40e9) as Range<number>,
  /** One call into the native runtime, with its inputs bound. */
  secondsPerCall: range(0.05e-3, 0.15e-3, 0.5e-3) as Range<number>,
  /** One AdamW update of one value in TypeScript. */
  secondsPerUpdate: range(2e-9, 5e-9, 15e-9) as Range<number>,
  /** Finding the model, reading and converting weights, in bytes of float32 per second. */
  loadBytesPerSecond: range(0.15e9, 0.6e9, 2e9) as Range<number>,
  /** Start-up apart from weights: tokenizer, data, programs. */
  startSeconds: range(1, 3, 10) as Range<number>,
  /** Saving and syncing a checkpoint, in bytes per second. */
  saveBytesPerSecond: range(30e6, 150e6, 800e6) as Range<number>,
} as const;

/** How often the engine multiplies. */
export const workConstants = {
  /** FLOP per weight and token of a linear layer: one product and one sum. */
  perWeight: 2,
  /** Products of T x T scores in a forward pass: queries with keys, weights with values. */
  attentionForward: 2,
  /** In a backward pass: four gradients, and the scores again because they are not kept. */
  attentionBackward: 5,
  /** The same where the layer is recomputed: the product with the values comes again as well. */
  attentionBackwardRecomputed: 6,
  /** A beginning shorter than this is not computed once for all rows. */
  shortestSharedPrefix: 8,
  /** Rows x longest of a batch whose loss is computed. */
  judgingPlaces: 2048,
} as const;

/** What is assumed about answers that nobody has generated yet. */
export const answerConstants = {
  /** Length of the tuned model's answers, as a share of the reference answers'. */
  tunedFactor: range(0.8, 1, 1.5) as Range<number>,
  /**
   * An untuned model talks on: where its answers end between the reference's length (0) and the limit (1).
   */
  baseReach: range(0, 0.5, 1) as Range<number>,
} as const;

/** When to give advice. */
export const adviceConstants = {
  /** A run that needs more than this share of the cap may be cut: said although the expected time fits. */
  tightShare: 0.8,
  /** Evaluation rows cannot show less than this difference: said as a warning. */
  coarseEffect: 0.1,
  /** No device computes faster than this share of its dense peak. */
  mostOfPeak: 0.95,
  /** Attention work on padding above this share: said as a note. */
  wastefulPadding: 0.35,
  /** Validation rows below this make the choice of a checkpoint a matter of chance. */
  fewValidationRows: 50,
} as const;
