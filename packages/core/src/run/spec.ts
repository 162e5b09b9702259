/**
 * @file All that an executor needs to compute a run: a JSON file without secrets, handles or tensors. Executors resolve
 * its paths.
 */
import type { ContractVersion } from "./event.ts";

/** A run, as an executor is given it. */
export interface RunSpec {
  readonly v: ContractVersion;
  readonly run: string;
  /** Folder of the run; checkpoints and the result are written to it. */
  readonly folder: string;
  readonly recipe: {
    /** The effective recipe, with every setting, as `configuration.json` holds it. */
    readonly configuration: string;
    /** Folder that relative paths of the recipe start from. */
    readonly folder: string;
    /** SHA-256 of the configuration that the run began with; its checkpoints carry it. */
    readonly sha256: string;
  };
  readonly model: { readonly source: string; readonly revision: string };
  readonly data: {
    /** SHA-256 of the rows' content; an executor refuses others. */
    readonly fingerprint: string;
  };
  readonly placement: Placement;
  /**
   * Fraction of the steps to pause at, rounded to a step, which is evaluated and saved like the last one; `null` to
   * train to the end.
   */
  readonly until: number | null;
  /** Learning rates of a range test, whose steps are neither evaluated nor saved; `null` to follow the schedule. */
  readonly sweep: { readonly low: number; readonly high: number } | null;
  readonly limits: {
    /** Wall time that the execution may take in all, by its own clock; `null` for no limit. */
    readonly seconds: number | null;
  };
}

/** Where and how a run is computed, as planned. */
export type Placement = EnginePlacement | TorchPlacement;

/** On this machine, by the engine. */
export interface EnginePlacement {
  readonly kind: "this-machine";
  /** How the frozen weights are stored: format, and in memory or on disk. */
  readonly base: {
    readonly format: "float32" | "stored" | "nf4";
    readonly place: "memory" | "disk";
    /** Numbers that matrices are multiplied in; `fp32` if left out. */
    readonly compute?: "fp32" | "bf16";
  };
  /** Which activations are recomputed in the backward pass. */
  readonly recompute: "none" | "layer";
}

/** By the worker on PyTorch, on this machine or on another one. */
export interface TorchPlacement {
  readonly kind: "torch";
  readonly device: "cpu" | "cuda" | "mps";
  /** Type that the frozen weights and the activations have; full fine-tuning trains float32 weights in any case. */
  readonly dtype: "float32" | "bfloat16" | "float16";
  readonly recompute: "none" | "layer";
  /** Processes that share the rows of each batch, one per card. */
  readonly processes: number;
  /** The cards of these processes, named as in `CUDA_VISIBLE_DEVICES`; absent: the first ones that are visible. */
  readonly cards?: readonly string[];
  /** Whether each process holds all weights, or a part of them (FSDP2); absent: `none`. */
  readonly sharding?: "none" | "fsdp";
  /** The other machine that computes the run; absent for this one. */
  readonly host?: RemoteHost;
}

/** A machine that is reached by `ssh`, or a Ray cluster. */
export interface RemoteHost {
  /** Such as `ssh://user@box:22` or `ray+http://head:8265`. */
  readonly address: string;
  /** Folder that all nodes of a cluster share; absent: the cache of the machine. */
  readonly storage?: string;
  /** With how few processes a cluster may go on where it has no room for all; absent: none may be missing. */
  readonly leastProcesses?: number;
  /** How long the execution goes on there without hearing from its controller. Then it saves and stops. */
  readonly leaseSeconds: number;
  /** Command for the shell there once the lease is over, such as one that switches off; `null`: none. */
  readonly onLeaseEnd: string | null;
  /** Events of steps that may wait for the controller while the next steps are computed; 0: each is awaited. */
  readonly eventsAhead: number;
}
