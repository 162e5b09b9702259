/**
 * @file The specification from which an executor computes a run: a JSON file without secrets, handles or tensors.
 * Executors resolve its paths.
 */
import type { ContractVersion } from "./event.ts";

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
