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

/**
 * Memory of the engine on this machine. Measured on Linux x64 with `bench/memory-here.mjs`, whole runs, and with
 * single programs: resident memory before and after their first run.
 */
export const memoryConstants = {
  /**
   * Node, the native runtime, the run's own data and what waits for the collector. A run of a model of half a million
   * parameters starts training at 150 MB; fitted on all settings together: 150 MB.
   */
  runtimeBytes: range(135e6, 150e6, 185e6) as Range<number>,
  /**
   * What the heap grows by where the model is asked before training, about forgetting or the importance of weights.
   * Measured: 25 to 45 MB on a model of a million parameters.
   */
  askedBytes: range(5e6, 25e6, 45e6) as Range<number>,
  /**
   * A tokenizer's memory per word. Measured: 40 MB at the start of a run for SmolLM2's 49,152 words, part of which the
   * collector gives back by the time of the peak.
   */
  wordBytes: range(350, 700, 1200) as Range<number>,
  /** Frozen weights as float32; the reader holds one tensor twice while it converts. */
  weightFactor: range(1, 1, 1.02) as Range<number>,
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
  /** The last layer's result and two arrays for its gradient, beside what each layer keeps. */
  streamArrays: 3,
  /** Attention's weights are kept in as many layers as fit into so many bytes. */
  keptScoresMost: 3e8,
  /** Lengths from which on a row is cut into so many blocks of queries. */
  blocksFrom: [
    { from: 1024, count: 8 },
    { from: 320, count: 4 },
    { from: 192, count: 2 },
  ],
  /** Batches of like length are drawn from windows of so many batches. */
  windowBatches: 50,
  /** Layouts whose programs stay loaded, of training and of judging each. */
  layoutsKept: 2,
  /**
   * A program's pool over the values alive in it at the worst point: pieces of many sizes break it up. 240 first runs
   * of single programs of four families: median 1.27, 80 % of them from 1.08 to 1.45; fitted on whole runs, where
   * batches of several sizes follow each other: 1.4.
   */
  poolFactor: range(1.15, 1.4, 1.65) as Range<number>,
  /** Judging: two arrays of the residual stream, keys and values beside the programs. */
  judgingStreams: 3,
  /** How far kept values may be off: the largest batch of a shuffle is known only roughly. */
  keptFactor: range(0.9, 1, 1.05) as Range<number>,
  /** The head works in chunks of tokens: about so many logits at once, ... */
  headLogitsAtOnce: 16_777_216,
  /** ... but no fewer tokens than this, and no more than that. */
  headChunkLeast: 64,
  headChunkMost: 512,
  /** Logits and probabilities. Measured: 2.1 to 2.2 arrays for 16 to 128 tokens and three vocabularies. */
  headCopies: 2,
  /** With a cap on the logits also its slope, for the gradient. Measured: 4.2. */
  headCopiesCapped: 4,
  headFactor: range(1, 1.05, 1.15) as Range<number>,
  /** Masks of so many batches lie in memory: this one's, and those that the collector has not taken yet. */
  batchesWaiting: range(1, 3, 6) as Range<number>,
  /** The collector comes by when about so many bytes have been made. */
  waitingBytesMost: 1e8,
  /** Share of the cache that is written to: answers end before the longest one may. */
  cacheFactor: range(0.6, 0.9, 1.2) as Range<number>,
  /** Share of the machine's memory a run can use; the rest belongs to the system and to other programs. */
  usableShare: 0.9,
} as const;

/**
 * The original brief's rule for full fine-tuning: 2 weights + 2 gradients + 8 moments, in bytes per
 * parameter.
 */
export const ruleBytesPerParameter = 12;

/** Frozen weights that are not held as float32. */
export const holdingConstants = {
  /** Layers read from disk that lie in memory: the one at work and the next. */
  layersAhead: 2,
  /** The largest matrix of a layer, as a share of it: a feed-forward's in most families. */
  largestMatrixShare: 0.3,
  /** Widening one weight to float32. Measured: 0.2 ns (NF4), 0.3 ns (16 bits), and memory that is written. */
  widenSecondsPerWeight: range(0.2e-9, 0.4e-9, 1e-9) as Range<number>,
  /** Reading weights layer by layer: from the system's cache where they fit there, from the disk where not. */
  readBytesPerSecond: range(0.2e9, 1.5e9, 6e9) as Range<number>,
} as const;

/** Taking the importance of weights. */
export const importanceConstants = {
  /** Tokens of a sequence as a share of the longest allowed: the shipped texts have about 110 of 128. */
  filledShare: 0.85,
  /** Squaring and adding one value. Measured on one thread: 2 to 4 ns with rows and columns apart. */
  secondsPerSquare: range(1.5e-9, 3e-9, 8e-9) as Range<number>,
} as const;

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
  /**
   * One word of the vocabulary at one place, compared between two models in TypeScript. Measured: 45 to 50 ns for
   * vocabularies of 49,152 and 152,000.
   */
  secondsPerComparedWord: range(20e-9, 45e-9, 90e-9) as Range<number>,
  /**
   * Times the weights go through memory in a pass over a few tokens, beyond the once that any pass counts: a product
   * writes them in the order of its kernel and reads that. Measured: 0.12 to 0.17 s for 13 to 18 tokens of
   * SmolLM2-135M, whose weights are 0.54 GB.
   */
  packedReads: 2,
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
  /** A machine so many times slower than when quiet is busy: said as a warning. */
  busySlower: 1.3,
  /** No device computes faster than this share of its dense peak. */
  mostOfPeak: 0.95,
  /** Attention work on padding above this share: said as a note. */
  wastefulPadding: 0.35,
  /** Measuring what is forgotten takes more than this share of the run: said as a note. */
  dearForgetting: 0.2,
  /** ... and above this: said as a warning. */
  halfForgetting: 0.4,
  /** Validation rows below this make the choice of a checkpoint a matter of chance. */
  fewValidationRows: 50,
} as const;
