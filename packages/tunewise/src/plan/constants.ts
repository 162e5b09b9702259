/**
 * @file Empirical constants of the planner, with their reasons, so that they can be fitted to measurements.
 *
 * Three points each: low, expected, high. Properties of the engine (saved activations, number of products) are exact
 * for the current engine; speeds and overheads are priors.
 */
import { type Range, range } from "@tunewise/core/quantity";

/** Bytes of a float32. */
export const floatBytes = 4;

/**
 * Memory of the local engine. Measured on Linux x64 with `bench/memory-here.mjs`: complete runs, and the resident
 * memory of single programs before and after their first execution.
 */
export const memoryConstants = {
  /**
   * Node, the native runtime, the run's data and garbage. A run with half a million parameters starts training at 150
   * MB; fitted over all settings: 150 MB.
   */
  runtimeBytes: range(135e6, 150e6, 185e6) as Range<number>,
  /**
   * Heap growth if the model is evaluated before training, to measure forgetting or the importance of weights.
   * Measured: 25 to 45 MB with a million parameters.
   */
  askedBytes: range(5e6, 25e6, 45e6) as Range<number>,
  /**
   * Products in bfloat16: tests of the operators at start, and activations converted to 16 bits. Measured with
   * SmolLM2-135M: 15 MB for the tests; without this term, two runs on TREC's questions exceeded their plans by 90 and
   * 120 MB.
   */
  bf16Bytes: range(20e6, 70e6, 150e6) as Range<number>,
  /**
   * Memory of a tokenizer per vocabulary entry. Measured: 40 MB at the start of a run for SmolLM2's 49,152 entries,
   * part of which is collected before the peak.
   */
  wordBytes: range(350, 700, 1200) as Range<number>,
  /** Frozen weights as float32; the reader holds two copies of a tensor during conversion. */
  weightFactor: range(1, 1, 1.02) as Range<number>,
  /** Activations of width D saved per token and layer: the layer's input and the residual stream after attention. */
  savedHidden: 2,
  /** Outputs of attention and feed-forward before post-norms, if the family has them. */
  savedBeforePostNorms: 2,
  /** Gate and up. */
  savedFeedForward: 2,
  /** The last layer's output and two arrays for its gradient, in addition to each layer's activations. */
  streamArrays: 3,
  /**
   * Arrays `[N, F]` of every expert in the current layer: gate, up, their product and a gradient. Counted in its
   * programs, not measured.
   */
  expertArrays: 4,
  /** Attention weights are saved in as many layers as fit into this number of bytes. */
  maxSavedScores: 3e8,
  /** Min. row lengths for splitting a row into blocks of queries. */
  blocksFrom: [
    { from: 1024, count: 8 },
    { from: 320, count: 4 },
    { from: 192, count: 2 },
  ],
  /**
   * Row length from which attention works in blocks and holds no scores, on any machine. Native code does so from
   * shorter lengths, and then needs less memory than planned.
   */
  flatFrom: 2048,
  /** Batches grouped by length are drawn from windows of this many batches. */
  windowBatches: 50,
  /** Layouts whose programs stay loaded, for training and for evaluation each. */
  cachedLayouts: 2,
  /**
   * Ratio of a program's memory pool to its peak of live values, due to fragmentation. First executions of 240 programs
   * of four families: median 1.27, 80 % from 1.08 to 1.45; fitted on complete runs with batches of several sizes: 1.4.
   */
  poolFactor: range(1.15, 1.4, 1.65) as Range<number>,
  /** Evaluation: two arrays of the residual stream, keys and values, in addition to the programs. */
  evaluationStreams: 3,
  /** Uncertainty of saved activations: the largest batch of a shuffle is only estimated. */
  savedFactor: range(0.9, 1, 1.05) as Range<number>,
  /** The LM head works in chunks of tokens: about this many logits at once, ... */
  headLogitsAtOnce: 16_777_216,
  /** ... limited to this range of tokens. */
  minHeadChunk: 64,
  maxHeadChunk: 512,
  /** Logits and probabilities. Measured: 2.1 to 2.2 arrays for 16 to 128 tokens and three vocabularies. */
  headCopies: 2,
  /** With logit soft-capping also its derivative. Measured: 4.2. */
  headCopiesCapped: 4,
  headFactor: range(1, 1.05, 1.15) as Range<number>,
  /** Batches whose masks are in memory: the current one, and those not yet garbage collected. */
  pendingBatches: range(1, 3, 6) as Range<number>,
  /** Garbage collection runs after about this many allocated bytes. */
  maxPendingBytes: 1e8,
  /** Share of the KV cache that is written: answers usually end before the limit. */
  cacheFactor: range(0.6, 0.9, 1.2) as Range<number>,
  /** Share of the machine's memory available to a run; the rest is for the system and other programs. */
  usableShare: 0.9,
} as const;

/** Rule of thumb for full fine-tuning in bytes per parameter: 2 weights + 2 gradients + 8 moments. */
export const ruleBytesPerParameter = 12;

/** Frozen weights that are not stored as float32. */
export const holdingConstants = {
  /** Streamed layers in memory: the current and the next one. */
  layersAhead: 2,
  /** Largest matrix as a share of a layer; in most families one of the feed-forward. */
  largestMatrixShare: 0.3,
  /** Conversion of one weight to float32. Measured: 0.2 ns (NF4), 0.3 ns (16 bits), plus writing memory. */
  widenSecondsPerWeight: range(0.2e-9, 0.4e-9, 1e-9) as Range<number>,
  /** Streaming weights layer by layer, from the page cache if they fit, else from disk. */
  readBytesPerSecond: range(0.2e9, 1.5e9, 6e9) as Range<number>,
} as const;

/** Estimation of the importance of weights (Fisher information). */
export const importanceConstants = {
  /** Mean sequence length as a share of the limit: the shipped texts have about 110 of 128 tokens. */
  filledShare: 0.85,
  /** Squaring and accumulating one value. Measured on one thread: 2 to 4 ns, factored into rows and columns. */
  secondsPerSquare: range(1.5e-9, 3e-9, 8e-9) as Range<number>,
} as const;

/** Speed of this machine. */
export const speedConstants = {
  /** Prior for matrix products per thread in FLOP/s: recent cores from SSE to AVX-512 and NEON. */
  priorFlopsPerThread: range(15e9, 50e9, 95e9) as Range<number>,
  /** Share of the matrix product rate that a step reaches; the rest is elementwise work. */
  shareOfRate: range(0.45, 0.62, 0.85) as Range<number>,
  /** Prior for memory bandwidth in bytes/s: one DDR4 channel to two DDR5 channels. */
  priorBytesPerSecond: range(6e9, 14e9, 40e9) as Range<number>,
  /** One call into the native runtime, including input binding. */
  secondsPerCall: range(0.05e-3, 0.15e-3, 0.5e-3) as Range<number>,
  /** One AdamW update of one value in TypeScript. */
  secondsPerUpdate: range(2e-9, 5e-9, 15e-9) as Range<number>,
  /**
   * Comparison of one logit of two models in TypeScript. Measured: 45 to 50 ns for vocabularies of 49,152 and 152,000.
   */
  secondsPerComparedWord: range(20e-9, 45e-9, 90e-9) as Range<number>,
  /**
   * Additional passes of the weights through memory for a few tokens: a product packs them in its kernel's order and
   * reads the result. Measured: 0.12 to 0.17 s for 13 to 18 tokens of SmolLM2-135M, whose weights are 0.54 GB.
   */
  packedReads: 2,
  /** Loading and converting weights, in bytes of float32 per second. */
  loadBytesPerSecond: range(0.15e9, 0.6e9, 2e9) as Range<number>,
  /** Startup without weights: tokenizer, data, programs. */
  startSeconds: range(1, 3, 10) as Range<number>,
  /** Saving and syncing a checkpoint, in bytes per second. */
  saveBytesPerSecond: range(30e6, 150e6, 800e6) as Range<number>,
} as const;

/** Arithmetic of the engine. */
export const workConstants = {
  /** FLOP per weight and token of a linear layer: one multiplication and one addition. */
  perWeight: 2,
  /** Products of T x T scores in a forward pass: queries with keys, weights with values. */
  attentionForward: 2,
  /** In a backward pass: four gradients, and the recomputed scores. */
  attentionBackward: 5,
  /** The same with recomputation: the product with the values is also repeated. */
  attentionBackwardRecomputed: 6,
  /** Min. length of a shared prefix that is computed only once. */
  shortestSharedPrefix: 8,
  /** Max. rows x longest of a batch for computing losses. */
  evaluationCells: 2048,
} as const;

/** Assumptions about the length of generated answers. */
export const answerConstants = {
  /** Length of the tuned model's answers relative to the reference answers. */
  tunedFactor: range(0.8, 1, 1.5) as Range<number>,
  /** An untuned model writes longer answers: between the reference's length (0) and the limit (1). */
  baseReach: range(0, 0.5, 1) as Range<number>,
} as const;

/** Thresholds of the advice. */
export const adviceConstants = {
  /** Share of the cap above which a run may be stopped, although the expected time fits. */
  tightShare: 0.8,
  /** Warning if the minimum detectable effect is larger. */
  coarseEffect: 0.1,
  /** Warning if the machine is this many times slower than when idle. */
  busySlower: 1.3,
  /** Max. share of the dense peak that any device reaches. */
  maxPeakShare: 0.95,
  /** Note if a larger share of attention is padding. */
  wastefulPadding: 0.35,
  /** Note if measuring forgetting takes a larger share of the run. */
  expensiveForgetting: 0.2,
  /** ... and warning above this share. */
  halfForgetting: 0.4,
  /** Below this number of validation rows, checkpoint selection is mostly chance. */
  fewValidationRows: 50,
} as const;
