/**
 * @file Peak memory of a training setup on one GPU: its terms, the phase of the peak, and three ways of measuring it.
 */
import { type Bytes, bytes, type Range, range } from "../../quantity/index.ts";
import { measuredPrograms } from "../grounds.ts";
import { likenessesOf } from "./likenesses.ts";
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
 * The range of a program that was compared with measurements is that of its own rules. One that never was spans what
 * the measured programs would take in its place.
 *
 * @source planning reference, section 1: peak = max over phases of what is alive + overhead
 */
export function estimateStackMemory(setting: StackSetting): StackMemory {
  const phases = phasesOf(setting);
  const own = peakOf(phases);
  const isMeasured = measuredPrograms.includes(setting.stack.name);
  const others = isMeasured ? [] : likenessesOf(setting, measuredPrograms);
  const peaks = [own, ...others.map((other) => peakOf(phasesOf(other)))];
  const factor = isMeasured ? rangeFactors.measured : rangeFactors.unmeasured;
  const least = factor.low * Math.min(...peaks.map(({ allocated }) => allocated));
  const largest = factor.high * Math.max(...peaks.map(({ allocated }) => allocated));
  const most = Math.max(
    ...peaks.map(({ allocated, passing }) => factor.high * allocated + overheads.maxSlackShare * passing),
  );
  const collective = setting.devices > 1 ? overheads.collectiveBytes : 0;
  const reserved = own.allocated + overheads.slackShare * own.passing;
  return {
    phases,
    peak: own.phase,
    allocated: spread(least, own.allocated, largest),
    reserved: spread(least, reserved, most),
    process: spread(
      least,
      reserved + overheads.contextBytes + collective,
      most + overheads.maxContextBytes + 2 * collective,
    ),
  };
}

/** The largest phase: bytes allocated, and those of them that do not last. */
function peakOf(phases: readonly StackPhase[]): {
  readonly phase: StackPhase;
  readonly allocated: number;
  readonly passing: number;
} {
  const phase = phases.reduce((a, b) => (sizeOf(b.terms) > sizeOf(a.terms) ? b : a));
  return {
    phase,
    allocated: sizeOf(phase.terms) + overheads.workspaceBytes,
    passing: sizeOf(phase.terms.filter(({ name }) => !isLasting(name))),
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
 * Overheads on a GPU: workspaces, the allocator's cache, the CUDA context.
 *
 * @source planning reference, section 1.4
 */
export const overheads = {
  /** cuBLAS workspaces, part of allocated memory: 8 MiB on a T4, 32 MiB on an H100. */
  workspaceBytes: 20e6,
  /** Cache of the allocator, as a share of temporary memory. Up to 0.5 was observed on a T4. */
  slackShare: 0.05,
  maxSlackShare: 0.15,
  /** CUDA context and kernels: 0.15e9 on a T4, up to 1.8e9 with many kernels. */
  minContextBytes: 0.15e9,
  contextBytes: 0.6e9,
  maxContextBytes: 1.2e9,
  /** Buffers of collective operations. */
  collectiveBytes: 1e9,
} as const;

/**
 * Bounds of measured memory in units of the estimate (`measured`: of the program's own rules; `unmeasured`: of the
 * least and the most that the measured programs would take).
 *
 * Each is the smallest range that holds nine in ten rows of every source, with the source left out: for a program that
 * other documents measured too, the document; else the whole repository, and with it the rules of its programs.
 * Rules do not depend on the card, so one that was measured and one that was not share a range; rows on a card of
 * another document were nearer, but those are the rows that the rules were written beside.
 *
 * @source bench/plan/ranges.mjs, 2026-11-28
 */
export const rangeFactors = {
  measured: { low: 0.75, high: 1.78 },
  unmeasured: { low: 0.73, high: 1.52 },
} as const;
