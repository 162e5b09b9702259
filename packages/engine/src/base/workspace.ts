/**
 * @file Float32 matrices of one layer, overwritten for each layer.
 *
 * The memory belongs to the WebAssembly kernels, which write directly where the runtime reads:
 *
 *     matrix | matrix | ...      float32, each rounded up to complete blocks
 *     source, scales             of the matrix being converted
 */

import { createKernels, type KernelMemory, type Kernels, maxKernelMemoryBytes } from "../kernels/kernels.ts";
import { type Architecture, type Projection, projections } from "../models/architecture.ts";
import { nf4Block, type StoredWeight, writeScales } from "../weights/index.ts";

const floatBytes = 4;

/** Memory range of a projection's matrix. */
interface Slot {
  readonly offset: number;
  readonly count: number;
  /** Rounded up to complete blocks. */
  readonly bytes: number;
}

/** Converts stored matrices to float32. */
export class Workspace {
  private readonly slots: ReadonlyMap<string, Slot>;
  private readonly sourceOffset: number;
  private readonly scalesOffset: number;
  private readonly bytes: number;
  /** The weight that a slot holds as float32. */
  private readonly held = new Map<string, StoredWeight>();
  private opened: { readonly memory: KernelMemory; readonly kernels: Kernels } | null = null;

  constructor(model: Architecture) {
    let offset = 0;
    const slots = new Map<string, Slot>();
    for (const projection of projections(model)) {
      const count = sizeOf(projection);
      const bytes = Math.ceil(count / nf4Block) * nf4Block * floatBytes;
      slots.set(`${projection.path}.weight`, { offset, count, bytes });
      offset += bytes;
    }
    const largest = Math.max(...[...slots.values()].map(({ bytes }) => bytes));
    this.slots = slots;
    this.sourceOffset = offset;
    this.scalesOffset = offset + largest / 2;
    this.bytes = this.scalesOffset + largest / nf4Block;
    if (this.bytes > maxKernelMemoryBytes) throw new Error(`Internal: a layer of ${this.bytes} bytes`);
  }

  /**
   * The matrix as float32; valid until the same matrix of another layer is requested.
   *
   * @param name `self_attn.q_proj.weight`
   */
  widen(name: string, weight: StoredWeight): Float32Array {
    if (weight.stored === "F32") return weight.values;
    this.opened ??= createKernels(this.bytes);
    const { memory, kernels } = this.opened;
    const slot = this.slots.get(name);
    if (!slot) throw new Error(`Internal: no place for ${name}`);
    const { offset, bytes, count } = slot;
    const values = new Float32Array(memory.buffer, offset, count);
    if (this.held.get(name) === weight) return values;
    this.held.set(name, weight);
    const end = offset + bytes;
    if (weight.stored === "NF4") {
      const { codes, scales } = weight.tensor;
      new Uint8Array(memory.buffer).set(codes, this.sourceOffset);
      const blocks = bytes / (nf4Block * floatBytes);
      writeScales(scales, new Float32Array(memory.buffer, this.scalesOffset, blocks));
      kernels.dequantizeNf4(this.sourceOffset, this.scalesOffset, offset, end);
    } else {
      new Uint16Array(memory.buffer).set(weight.bits, this.sourceOffset / 2);
      const widen = weight.stored === "F16" ? kernels.widenHalf : kernels.widenBrain;
      widen(this.sourceOffset, offset, end);
    }
    return values;
  }
}

function sizeOf({ inputWidth, outputWidth }: Projection): number {
  return inputWidth * outputWidth;
}
