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
export interface Placement {
  readonly kind: "this-machine";
  /** How the frozen weights are stored: format, and in memory or on disk. */
  readonly base: { readonly format: "float32" | "stored" | "nf4"; readonly place: "memory" | "disk" };
  /** Which activations are recomputed in the backward pass. */
  readonly recompute: "none" | "layer";
}
