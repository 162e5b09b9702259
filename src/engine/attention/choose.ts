/** @file Chooses how attention in blocks is computed on this machine, and from which length on rows are given to it. */

import { maxWidth, tileRows } from "../jit/flash-frame.ts";
import { machineAttention } from "../jit/flash-operators.ts";
import type { Architecture } from "../models/architecture.ts";
import type { Pointer } from "../runtime/native-library.ts";
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

let machine: Promise<Pointer | null> | null = null;
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
): Promise<AttentionChoice> {
  machine ??= trustedMachine(threads);
  const operators = headWidth % tileRows === 0 && headWidth <= maxWidth ? await machine : null;
  if (operators !== null) return { operators, from: from.machine };
  const made = programs.get(threads) ?? blockAttentionOperators(threads);
  programs.set(threads, made);
  return { operators: made, from: from.programs };
}

async function trustedMachine(threads: number): Promise<Pointer | null> {
  const attention = machineAttention();
  return attention !== null && (await attentionIsRight({ threads, attention })) ? attention : null;
}
