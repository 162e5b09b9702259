/**
 * @file The specification from which an executor computes a run: a JSON file without secrets, handles or tensors.
 * Executors resolve its paths.
 */
import type { ContractVersion } from "./event.ts";
import type { LossName } from "./losses.ts";
import type { OptimizerName } from "./optimizers.ts";

/** The specification of a run for an executor. */
export interface RunSpec {
  readonly v: ContractVersion;
  readonly run: string;
  /** Folder of the run; checkpoints and the result are written to it. */
  readonly folder: string;
  readonly recipe: {
    /** The effective recipe, with every setting, as in `configuration.json`. */
    readonly configuration: string;
    /** Folder against which relative paths of the recipe are resolved. */
    readonly folder: string;
    /** SHA-256 of the configuration that the run began with; its checkpoints contain it. */
    readonly sha256: string;
  };
  readonly model: { readonly source: string; readonly revision: string };
  readonly data: {
    /** SHA-256 of the rows' content; an executor rejects other rows. */
    readonly fingerprint: string;
  };
  readonly placement: Placement;
  /**
   * Fraction of the steps at which to pause, rounded to a step. That step is evaluated and saved like the last one;
   * `null` to train to the end.
   */
  readonly until: number | null;
  /**
   * Learning rate range of a range test, whose steps are neither evaluated nor saved; `null` to follow the schedule.
   */
  readonly sweep: { readonly low: number; readonly high: number } | null;
  readonly limits: {
    /** Max. wall time of the execution, by its own clock; `null` for no limit. */
    readonly seconds: number | null;
  };
}

/** Where and how a run is computed, according to the plan. */
export type Placement = EnginePlacement | TorchPlacement;

/** On this machine, by the engine. */
export interface EnginePlacement {
  readonly kind: "this-machine";
  /** How the frozen weights are stored: format, and in memory or on disk. */
  readonly base: {
    readonly format: "float32" | "stored" | "nf4";
    readonly place: "memory" | "disk";
    /** Number format of matrix multiplications; default `fp32`. */
    readonly compute?: "fp32" | "bf16";
  };
  /** Which activations are recomputed in the backward pass. */
  readonly recompute: "none" | "layer";
}

/** By the worker on PyTorch, on this machine or on another one. */
export interface TorchPlacement {
  readonly kind: "torch";
  readonly device: "cpu" | "cuda" | "mps";
  /** Type of the frozen weights and the activations. Full fine-tuning always trains float32 weights. */
  readonly dtype: "float32" | "bfloat16" | "float16";
  readonly recompute: "none" | "layer";
  /** Processes that share the rows of each batch, one per GPU. */
  readonly processes: number;
  /** The GPUs of these processes, named as in `CUDA_VISIBLE_DEVICES`; absent: the first visible ones. */
  readonly cards?: readonly string[];
  /** Whether each process holds all weights (`none`) or a part of them (FSDP2); absent: `none`. */
  readonly sharding?: "none" | "fsdp";
  /** The remote machine that computes the run; absent for this one. */
  readonly host?: RemoteHost;
}

/** A machine reached by `ssh`, or a Ray cluster. */
export interface RemoteHost {
  /** For example `ssh://user@box:22` or `ray+http://head:8265`. */
  readonly address: string;
  /** Folder that all nodes of a cluster share; absent: the machine's cache. */
  readonly storage?: string;
  /**
   * Min. number of processes with which a cluster may continue if it lacks capacity for all; absent: all are required.
   */
  readonly minProcesses?: number;
  /** How long the remote execution continues without contact to its controller. Then it saves and stops. */
  readonly leaseSeconds: number;
  /** Shell command on the remote machine after the lease has ended, such as one that shuts it down; `null`: none. */
  readonly onLeaseEnd: string | null;
  /** Max. step events waiting for the controller while the next steps are computed; 0: the execution waits for each. */
  readonly eventsAhead: number;
}

/**
 * The specification for a worker that reads no recipe: `RunSpec` with the settings that recipe and rows determine, and
 * the input files that its controller has written beside it.
 */
export interface WorkerSpec extends RunSpec {
  readonly placement: TorchPlacement;
  /** `folder`: the model's files, on the machine that computes. */
  readonly model: RunSpec["model"] & { readonly folder: string };
  /** Threads of PyTorch on the CPU, shared by all processes. */
  readonly threads: number;
  readonly method: WorkerMethod;
  readonly training: WorkerTraining;
  readonly inputs: WorkerInputs;
}

/** What is trained. Keys and values are those of the recipe's section `method`. */
export interface WorkerMethod {
  readonly kind: "lora" | "qlora" | "full";
  readonly rank: number;
  readonly alpha: number;
  readonly dropout: number;
  readonly rslora: boolean;
  readonly dora: boolean;
  readonly rankPattern: Readonly<Record<string, number>>;
  readonly alphaPattern: Readonly<Record<string, number>>;
  readonly targets: "all-linear" | readonly string[];
  readonly doubleQuantization: boolean;
  readonly freeze: readonly string[];
}

/** How it is trained: the steps of the run, and the settings of each step. */
export interface WorkerTraining {
  readonly seed: number;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Step at which to end; less than `steps` for a run that pauses. */
  readonly lastStep: number;
  /** Steps between evaluations, forgetting samples and checkpoints; 0: never. */
  readonly every: { readonly evaluation: number; readonly forgetting: number; readonly checkpoint: number };
  readonly checkpointSelection: "best" | "last" | "best-tradeoff";
  readonly loss: LossName;
  readonly optimizer: OptimizerName;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 0: no clipping. */
  readonly maxGradNorm: number;
  readonly batching: "shuffle" | "length" | "pack";
  readonly masterDtype: "auto" | "float32" | "bfloat16";
  readonly penalty: WorkerPenalty | null;
}

/** Penalty on the distance from the base model, added to the loss. */
export type WorkerPenalty =
  | { readonly kind: "l2-sp"; readonly lambda: number }
  | {
      readonly kind: "ewc";
      readonly lambda: number;
      readonly estimator: "empirical" | "sampled";
      /** Importance of each weight, or factored into rows and columns. */
      readonly storage: "full" | "factored";
      /** Model and reference rows, as written into the importance file. */
      readonly modelKey: string;
      readonly dataKey: string;
      /** Whether the controller has the importance already, so that the worker need not estimate it. */
      readonly isKnown: boolean;
    };

/** Files in the execution's folder, in safetensors format; `null` for those that the run does not need. */
export interface WorkerInputs {
  /** Rows: `ids` and `labelled` of all rows, and `ends`, the offsets of each. */
  readonly train: string;
  readonly validation: string | null;
  /** Rows on which the importance is estimated. */
  readonly reference: string | null;
  /** Learning rate and rows of each step. */
  readonly steps: string;
  /** Initial adapter, with PEFT's names; `null`: PEFT initializes it. */
  readonly adapter: string | null;
}
