/**
 * @file Peak memory of a training setup on one GPU: its terms, the phase of the peak, and three ways of measuring it.
 */
import { type Bytes, bytes, type Range, range } from "../../quantity/index.ts";
import { phasesOf, type StackPhase } from "./phases.ts";
import type { StackSetting, StackTerm } from "./setting.ts";

/** Memory of one GPU. */
export interface StackMemory {
  /** All phases, and the one of the peak. */
  readonly phases: readonly StackPhase[];
  readonly peak: StackPhase;
  /** Memory allocated by the program (`max_memory_allocated`). */
  readonly allocated: Range<Bytes>;
  /** Plus the cache of the allocator (`max_memory_reserved`). */
  readonly reserved: Range<Bytes>;
  /** Plus the CUDA context: what nvidia-smi shows, and what must fit. */
  readonly process: Range<Bytes>;
}

/**
 * Estimates memory: the largest phase of a step plus overheads.
 *
 * @source planning reference, section 1: peak = max over phases of what is alive + overhead
 */
export function estimateStackMemory(setting: StackSetting): StackMemory {
  const phases = phasesOf(setting);
  const peak = phases.reduce((a, b) => (sizeOf(b.terms) > sizeOf(a.terms) ? b : a));
  const size = sizeOf(peak.terms);
  const passing = sizeOf(peak.terms.filter(({ name }) => !isLasting(name)));
  const collective = setting.devices > 1 ? overheads.collectiveBytes : 0;
  const allocated = size + overheads.workspaceBytes;
  const most = overheads.high * allocated + overheads.maxSlackShare * passing;
  const reserved = allocated + overheads.slackShare * passing;
  return {
    phases,
    peak,
    allocated: spread(overheads.low * allocated, allocated, overheads.high * allocated),
    reserved: spread(overheads.low * allocated, reserved, most),
    process: spread(
      overheads.low * allocated,
      reserved + overheads.contextBytes + collective,
      most + overheads.maxContextBytes + 2 * collective,
    ),
  };
}

/** Total bytes of terms. */
function sizeOf(terms: readonly StackTerm[]): number {
  return terms.reduce((sum, term) => sum + term.bytes, 0);
}

function spread(low: number, expected: number, high: number): Range<Bytes> {
  return range(bytes(low), bytes(expected), bytes(high));
}

/** Whether a term exists during the entire run. */
function isLasting(name: StackTerm["name"]): boolean {
  return name === "weights" || name === "adapters" || name === "optimizer";
}

/**
 * Overheads on a GPU: workspaces, the allocator's cache, the CUDA context, and the error of estimates.
 *
 * @source planning reference, section 1.4; `low` and `high` are the 5 % and 95 % points of measured over planned on 82
 *   published rows, and test/planner computes them again without the stack that it scores
 */
export const overheads = {
  /** cuBLAS workspaces, part of allocated memory: 8 MiB on a T4, 32 MiB on an H100. */
  workspaceBytes: 20e6,
  /** Cache of the allocator, as a share of temporary memory. Up to 0.5 was observed on a T4. */
  slackShare: 0.05,
  maxSlackShare: 0.15,
  /** CUDA context and kernels: 0.15e9 on a T4, up to 1.8e9 with many kernels. */
  contextBytes: 0.6e9,
  maxContextBytes: 1.2e9,
  /** Buffers of collective operations. */
  collectiveBytes: 1e9,
  /** Ratio of measured to planned. */
  low: 0.93,
  high: 1.12,
} as const;
