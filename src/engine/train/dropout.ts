/**
 * @file Dropout masks for the adapters' inputs.
 */
import type { AdapterSettings } from "../../weights/index.ts";
import { type Architecture, projections } from "../models/architecture.ts";
import { createRandom } from "../random/random.ts";
import type { Feeds } from "../runtime/session.ts";

/** Masks are windows into a pool of so many values at most: drawing each anew would cost more than the adapter. */
const poolSize = 1 << 22;

/**
 * Masks of 0 and 1 / (1 - p), drawn per batch.
 *
 * The forward and the backward program of a layer, and a recomputation, are handed the same numbers.
 *
 * @source Srivastava et al. 2014 (JMLR 15), inverted scaling; placement as in Hu et al. 2021, section 4.1
 */
export class DropoutMasks {
  private readonly widths: readonly { readonly port: string; readonly width: number }[];
  private readonly keep: number;
  private readonly seed: number;
  private pool = new Float32Array(0);
  private offsets = createRandom(0);
  private batch: readonly number[] = [0, 0];

  constructor(model: Architecture, settings: AdapterSettings, seed: number) {
    this.widths = projections(model)
      .filter(({ name }) => settings.targets.includes(name))
      .map(({ name, inputWidth }) => ({ port: `${name}.mask`, width: inputWidth }));
    this.keep = 1 - settings.dropout;
    this.seed = seed;
  }

  /** New masks for a batch of a step. */
  draw(step: number, batch: number): void {
    this.batch = [step, batch];
    this.pool = new Float32Array(0);
  }

  /** Masks of a layer: the same ones each time within a batch. */
  layer(layer: number, tokens: number): Feeds {
    this.fill(tokens);
    this.offsets = createRandom(this.seed, ...this.batch, layer, 0x0ff5);
    return Object.fromEntries(
      this.widths.map(({ port, width }) => {
        const from = this.offsets.below(this.pool.length - tokens * width + 1);
        return [port, this.pool.subarray(from, from + tokens * width)];
      }),
    );
  }

  private fill(tokens: number): void {
    const widest = Math.max(...this.widths.map(({ width }) => width));
    const needed = Math.max(Math.min(poolSize, tokens * widest * 4), tokens * widest);
    if (this.pool.length >= needed) return;
    const random = createRandom(this.seed, ...this.batch, 0xd409);
    const kept = 1 / this.keep;
    this.pool = Float32Array.from({ length: needed }, () => (random.uniform() < this.keep ? kept : 0));
  }
}
