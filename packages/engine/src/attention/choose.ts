/** @file Chooses how attention in blocks is computed on this machine, and from which length on rows are given to it. */

import { maxWidth, tileRows } from "../jit/flash-frame.ts";
import { machineAttention } from "../jit/flash-operators.ts";
import type { FlashNumbers } from "../jit/flash-products.ts";
import type { Architecture } from "../models/architecture.ts";
import type { Compute } from "../models/matrix-format.ts";
import type { Pointer } from "../native/library.ts";
import { blockAttentionOperators } from "./block-operators.ts";
import { attentionIsRight } from "./self-test.ts";

/** The operators, and the length from which they are used. */
export interface AttentionChoice {
  readonly operators: Pointer;
  readonly from: number;
}

/**
 * Lengths from which blocks are worth it. Machine code is quicker than scores as a whole from there on;
 * programs for each block only save memory, which matters once scores outgrow everything else.
 */
const from = { machine: 512, programs: 2048 } as const;

const machine = new Map<FlashNumbers, Promise<Pointer | null>>();
/** Widths of heads are multiples of this: numbers that are narrowed at once, and rows of a tile. */
const widthMultiple = { bfloat16: 32, float32: tileRows } as const;
const programs = new Map<number, Pointer>();

/**
 * The operators for a model. Machine code is trusted after it has agreed with plain loops; the answer of a process
 * stays.
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
