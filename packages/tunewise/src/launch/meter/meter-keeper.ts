/** @file Holds a run's meter in memory and writes it in the background, so that a slow disk does not delay ticks. */
import type { Machine } from "../machine.ts";
import { type RunMeter, saveMeter, spentUsd } from "./meter-file.ts";

/** State of a meter that could not be written and is only in memory. */
export interface Unsaved {
  /** Milliseconds of metered time that are only in memory. */
  readonly ms: number;
  /** Error code of the system, such as `ENOSPC`. */
  readonly code: string;
}

/** Holds and saves the meter for the active supervisor. */
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

  /** `null` if the last write succeeded. */
  get unsaved(): Unsaved | null {
    if (this.failure === null) return null;
    return { ms: Math.max(0, this.meter.tickedMs - this.savedMs), code: codeOf(this.failure) };
  }

  /** Adds the time since the last tick, or the given time instead. */
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

  /** Schedules a write after any write in progress. After a failure, the next tick tries again. */
  saveSoon(): void {
    this.isStale = true;
    if (this.writing !== null) return;
    this.writing = this.writeWhileStale().finally(() => {
      this.writing = null;
    });
  }

  /** Resolves when the meter is on disk; throws the errors of writing. */
  async saveNow(part: Partial<RunMeter>): Promise<void> {
    this.change(part);
    this.isStale = false;
    await this.writing;
    await this.save();
  }

  /** Writes the meter if possible; otherwise keeps it in memory, as `unsaved` shows. */
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

/** System code such as `ENOSPC`, from the error or its causes. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ("code" in at && typeof at.code === "string" && /^E[A-Z]+$/.test(at.code)) return at.code;
  }
  return "unknown";
}
