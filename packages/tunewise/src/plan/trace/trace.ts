/** @file A training step traced by the worker: request and answer. Plain data. */

/** A penalty on the distance from the base; with EWC, the importance of weights is estimated before the first step. */
export type TracedPenalty =
  | { readonly kind: "l2-sp" }
  | {
      readonly kind: "ewc";
      readonly storage: "full" | "factored";
      readonly estimator: "empirical" | "sampled";
      /** Tokens of the longest row that importance is estimated on. */
      readonly tokens: number;
    };

/**
 * A step to trace on one card: everything that determines its memory and work, except the model's configuration. Its
 * JSON is the key of the answer.
 */
export interface TraceRequest {
  /** `worker`: tunewise's own step; `peft`: a plain loop over transformers and PEFT. */
  readonly program: "worker" | "peft";
  readonly dtype: "bfloat16" | "float16" | "float32";
  readonly method: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly training: {
    readonly recompute: "none" | "layer";
    readonly batching: "pad" | "pack";
    /** Absent: trained weights are float32. */
    readonly masterDtype?: "bfloat16";
    /** Absent: none. */
    readonly penalty?: TracedPenalty;
  };
  /** Tokens of each row of each micro-batch; if there are many, only those of different size. */
  readonly batches: readonly (readonly number[])[];
  /** Rows of the largest evaluation batch. */
  readonly evaluation: readonly number[];
  /** Whether a step consists of several micro-batches. */
  readonly accumulates: boolean;
  readonly labelledShare: number;
  readonly card: { readonly capability: string };
  readonly world: { readonly size: number; readonly sharding: "none" | "fsdp" };
}

/** Work of one kind of kernel in a step. */
export interface TracedWork {
  readonly calls: number;
  readonly flops: number;
  readonly bytes: number;
}

/** A step traced without weights and without a card. */
export interface TracedStep {
  readonly peakAllocatedBytes: number;
  /** Bytes reserved by a model of PyTorch's caching allocator after steps of the batches. */
  readonly peakReservedBytes: number;
  readonly moments: readonly TracedMoment[];
  /** Work of a step by kind of kernel, for each traced shape of its batches. */
  readonly shapes: readonly {
    readonly lengths: readonly number[];
    readonly work: Readonly<Record<string, TracedWork>>;
  }[];
  /** Micro-batches of the traced step. */
  readonly batchesOfStep: number;
}

/** The peak of a part of the step, with its terms. */
export interface TracedMoment {
  /** `load`, `importance`, `forward`, `backward`, `penalty`, `step`, `evaluation` */
  readonly name: string;
  readonly peakBytes: number;
  /** For example `frozen weights`, `activations`, `logits`. */
  readonly terms: readonly { readonly name: string; readonly bytes: number }[];
}

/** Answers by request. */
export type Traces = ReadonlyMap<string, TracedStep>;

/** The key of a request's answer. */
export function traceKey(request: TraceRequest): string {
  return JSON.stringify(request);
}
