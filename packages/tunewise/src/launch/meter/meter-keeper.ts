/** @file Holds a run's meter in memory and writes it behind, so that a slow disk delays no tick. */
import type { Machine } from "../machine.ts";
import { type RunMeter, saveMeter, spentUsd } from "./meter-file.ts";

/** A meter that could not be written, and is held in memory. */
export interface Unsaved {
  /** Of metered time that is in memory alone. */
  readonly ms: number;
  /** As the system calls it, such as `ENOSPC`. */
  readonly code: string;
}

/** The meter of the supervisor at work. */
export class MeterKeeper {
  meter: RunMeter;
  private readonly folder: string;
  private readonly machine: Machine;
  private writing: Promise<unknown> | null = null;
  private isStale = false;
  private failure: unknown = null;
  private savedMs: number;

  constructor(folder: string, machine: Machine, found: RunMeter) {
    this.savedMs = found.tickedMs;
    this.folder = folder;
    this.machine = machine;
    this.meter = found;
  }

  /** `null`: the last writing succeeded. */
  get unsaved(): Unsaved | null {
    if (this.failure === null) return null;
    return { ms: Math.max(0, this.meter.tickedMs - this.savedMs), code: codeOf(this.failure) };
  }

  /** Counts the time since the last tick, or the given time in its place. */
  advance(ms?: number): void {
    const tickedMs = this.machine.monotonicMs();
    const passed = ms ?? Math.max(0, tickedMs - this.meter.tickedMs);
    const tickedAt = this.machine.now().toISOString();
    this.change({ meteredMs: this.meter.meteredMs + passed, tickedMs, tickedAt });
  }

  change(part: Partial<RunMeter>): void {
    const changed = { ...this.meter, ...part };
    this.meter = { ...changed, spentMicroUsd: spentUsd(changed) };
  }

  /** Writes once whatever is being written is done; a failure is made good by the next tick. */
  saveSoon(): void {
    this.isStale = true;
    if (this.writing !== null) return;
    this.writing = this.writeWhileStale().finally(() => {
      this.writing = null;
    });
  }

  /** Returns when it is on the disk; throws what writing throws. */
  async saveNow(part: Partial<RunMeter>): Promise<void> {
    this.change(part);
    this.isStale = false;
    await this.writing;
    await this.save();
  }

  /** Writes where that is possible, and holds the meter in memory where it is not: `unsaved` tells. */
  async saveOrHold(part: Partial<RunMeter>): Promise<void> {
    await this.saveNow(part).catch(() => undefined);
  }

  private async save(): Promise<void> {
    const { tickedMs } = this.meter;
    try {
      await saveMeter(this.folder, this.meter, this.machine);
      this.savedMs = tickedMs;
      this.failure = null;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  private async writeWhileStale(): Promise<void> {
    while (this.isStale) {
      this.isStale = false;
      await this.save().catch(() => undefined);
    }
  }
}

/** `ENOSPC` and its like, from the error or from what caused it. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ("code" in at && typeof at.code === "string" && /^E[A-Z]+$/.test(at.code)) return at.code;
  }
  return "unknown";
}
