/** @file Dropout masks for the inputs of LoRA adapters. */
import { randomBelow, xoshiro128From } from "@tunewise/core/math";
import { type Architecture, isTarget, projections } from "../models/architecture.ts";
import type { Feeds } from "../runtime/session.ts";
import type { AdapterSettings } from "../weights/index.ts";

/** Maximum size of the pool that masks are windows into; drawing every mask would cost more than the adapter. */
const poolSize = 1 << 22;

/**
 * Masks of 0 and 1 / (1 - p), drawn per batch.
 *
 * The forward and the backward program of a layer, and a recomputation, get the same numbers.
 *
 * @source Srivastava et al. 2014 (JMLR 15), inverted scaling; placement as in Hu et al. 2021, section 4.1
 */
export class DropoutMasks {
  private readonly widths: readonly { readonly port: string; readonly width: number }[];
  private readonly keep: number;
  private readonly seed: number;
  private pool = new Float32Array(0);
  private offsets = xoshiro128From(0);
  private batch: readonly number[] = [0, 0];

  constructor(model: Architecture, settings: AdapterSettings, seed: number) {
    this.widths = projections(model)
      .filter((one) => settings.targets.some((target) => isTarget(one, target)))
      .map(({ name, inputWidth }) => ({ port: `${name}.mask`, width: inputWidth }));
    this.keep = 1 - settings.dropout;
    this.seed = seed;
  }

  /** Draws new masks for a batch of a step. */
  draw(step: number, batch: number): void {
    this.batch = [step, batch];
    this.pool = new Float32Array(0);
  }

  /** Masks of a layer; the same ones on every call within a batch. */
  layer(layer: number, tokens: number): Feeds {
    this.fill(tokens);
    this.offsets = xoshiro128From(this.seed, ...this.batch, layer, 0x0ff5);
    return Object.fromEntries(
      this.widths.map(({ port, width }) => {
        const from = randomBelow(this.offsets, this.pool.length - tokens * width + 1);
        return [port, this.pool.subarray(from, from + tokens * width)];
      }),
    );
  }

  private fill(tokens: number): void {
    const widest = Math.max(...this.widths.map(({ width }) => width));
    const needed = Math.max(Math.min(poolSize, tokens * widest * 4), tokens * widest);
    if (this.pool.length >= needed) return;
    const random = xoshiro128From(this.seed, ...this.batch, 0xd409);
    const kept = 1 / this.keep;
    this.pool = Float32Array.from({ length: needed }, () => (random() < this.keep ? kept : 0));
  }
}
