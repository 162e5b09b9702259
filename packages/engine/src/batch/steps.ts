/** @file Which batches each optimizer step trains on: a pure function of rows, plan and seed. */
import type { TrainPlan } from "../engine.ts";
import { epochBatches, type SizedRow } from "./batches.ts";

/** Settings that steps depend on. */
export type StepSettings = Pick<
  TrainPlan,
  "batching" | "batchSize" | "maxLength" | "seed" | "gradientAccumulationSteps" | "steps" | "epochs"
>;

/** Batches of a step, as indices into the rows. */
export type StepBatches = readonly (readonly number[])[];

/** The optimizer steps of a training run. */
export class StepPlan {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly #rows: readonly SizedRow[];
  readonly #settings: StepSettings;
  #epoch: { readonly number: number; readonly batches: StepBatches };

  constructor(rows: readonly SizedRow[], settings: StepSettings) {
    this.#rows = rows;
    this.#settings = settings;
    this.#epoch = { number: 0, batches: epochBatches(rows, settings, 0) };
    this.stepsPerEpoch = Math.ceil(this.#epoch.batches.length / settings.gradientAccumulationSteps);
    this.steps = settings.steps ?? Math.max(1, Math.round(this.stepsPerEpoch * settings.epochs));
  }

  /** Batches of the first epoch. */
  get firstEpoch(): StepBatches {
    return this.#epoch.number === 0 ? this.#epoch.batches : epochBatches(this.#rows, this.#settings, 0);
  }

  /**
   * Batches of a step, in order. They depend on seed and step only, so a resumed run needs no other state.
   *
   * @param step counts from 1
   */
  batchesOf(step: number): StepBatches {
    const { gradientAccumulationSteps } = this.#settings;
    const number = Math.floor((step - 1) / this.stepsPerEpoch);
    if (this.#epoch.number !== number)
      this.#epoch = { number, batches: epochBatches(this.#rows, this.#settings, number) };
    const from = ((step - 1) % this.stepsPerEpoch) * gradientAccumulationSteps;
    return this.#epoch.batches.slice(from, from + gradientAccumulationSteps);
  }
}
