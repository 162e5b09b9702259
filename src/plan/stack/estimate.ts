/**
 * @file Peak memory of a training set-up on one GPU: its terms, the moment of the peak, and what three ways of
 * measuring would show.
 */
import { type Bytes, bytes, type Range, range } from "../../quantity/index.ts";
import { overheads as k } from "./overheads.ts";
import { phasesOf, type StackPhase } from "./phases.ts";
import type { StackSetting, StackTerm } from "./setting.ts";

/** What one GPU needs. */
export interface StackMemory {
  /** The moments, and the one of the peak. */
  readonly phases: readonly StackPhase[];
  readonly peak: StackPhase;
  /** What the program itself asks for at once. */
  readonly allocated: Range<Bytes>;
  /** With what its allocator holds back. */
  readonly reserved: Range<Bytes>;
  /** With the driver's context: what nvidia-smi shows, and what must fit. */
  readonly process: Range<Bytes>;
}

/**
 * Memory of a setting: the largest moment of a step, then the overheads.
 *
 * @source planning reference, section 1: peak = max over phases of what is alive + overhead
 */
export function estimateStackMemory(setting: StackSetting): StackMemory {
  const phases = phasesOf(setting);
  const peak = phases.reduce((a, b) => (sizeOf(b.terms) > sizeOf(a.terms) ? b : a));
  const size = sizeOf(peak.terms);
  const passing = sizeOf(peak.terms.filter(({ name }) => !isLasting(name)));
  const collective = setting.devices > 1 ? k.collectiveBytes : 0;
  const allocated = size + k.workspaceBytes;
  const most = k.high * allocated + k.slackShareMost * passing;
  const reserved = allocated + k.slackShare * passing;
  return {
    phases,
    peak,
    allocated: spread(k.low * allocated, allocated, k.high * allocated),
    reserved: spread(k.low * allocated, reserved, most),
    process: spread(
      k.low * allocated,
      reserved + k.contextBytes + collective,
      most + k.contextBytesMost + 2 * collective,
    ),
  };
}

/** Bytes of terms together. */
export function sizeOf(terms: readonly StackTerm[]): number {
  return terms.reduce((sum, term) => sum + term.bytes, 0);
}

function spread(low: number, expected: number, high: number): Range<Bytes> {
  return range(bytes(low), bytes(expected), bytes(high));
}

/** Terms that lie there from the first step to the last. */
function isLasting(name: StackTerm["name"]): boolean {
  return name === "weights" || name === "adapters" || name === "optimizer";
}
