/** @file Chooses this machine's implementation of blockwise attention, and the row length from which to use it. */

import { maxWidth, tileRows } from "../jit/flash-frame.ts";
import { machineAttention } from "../jit/flash-operators.ts";
import type { FlashNumbers } from "../jit/flash-products.ts";
import type { Architecture } from "../models/architecture.ts";
import type { Compute } from "../models/matrix-format.ts";
import type { Pointer } from "../native/library.ts";
import { blockAttentionOperators } from "./block-operators.ts";
import { attentionIsRight } from "./self-test.ts";

/** The operators, and the row length from which they are used. */
export interface AttentionChoice {
  readonly operators: Pointer;
  readonly from: number;
}

/**
 * Row lengths from which blocks pay off. From there on machine code is faster than a complete score matrix. Block
 * programs only save memory, which matters once scores take more memory than everything else.
 */
const from = { machine: 512, programs: 2048 } as const;

const machine = new Map<FlashNumbers, Promise<Pointer | null>>();
/** Head widths must be multiples of this: the numbers converted to bfloat16 at once, or the rows of a tile. */
const widthMultiple = { bfloat16: 32, float32: tileRows } as const;
const programs = new Map<number, Pointer>();

/**
 * The operators for a model. Machine code is used only if its results agree with plain loops; this is tested once per
 * process.
 *
 * @throws {TunewiseError} `ENGINE_RUNTIME_FAILED`
 */
export async function chooseAttention(
  { headWidth }: Pick<Architecture, "headWidth">,
  threads: number,
  compute: Compute = "fp32",
): Promise<AttentionChoice> {
  const ways = compute === "bf16" ? (["bfloat16", "float32"] as const) : (["float32"] as const);
  for (const numbers of ways) {
    if (headWidth % widthMultiple[numbers] !== 0 || headWidth > maxWidth) continue;
    const known = machine.get(numbers) ?? trustedMachine(threads, numbers);
    machine.set(numbers, known);
    const operators = await known;
    if (operators !== null) return { operators, from: from.machine };
  }
  const made = programs.get(threads) ?? blockAttentionOperators(threads);
  programs.set(threads, made);
  return { operators: made, from: from.programs };
}

async function trustedMachine(threads: number, numbers: FlashNumbers): Promise<Pointer | null> {
  const attention = machineAttention(numbers);
  const isRight = attention !== null && (await attentionIsRight({ threads, attention, numbers }));
  return isRight ? attention : null;
}
