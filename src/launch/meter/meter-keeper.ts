/**
 * @file Holds a run's meter in memory and writes it behind, so that a slow disk delays no tick.
 */
import type { Machine } from "../machine.ts";
import { type RunMeter, saveMeter } from "./meter-file.ts";

/** The meter of the supervisor at work. */
export class MeterKeeper {
  meter: RunMeter;
  private readonly folder: string;
  private readonly machine: Machine;
  private writing: Promise<unknown> | null = null;
  private isStale = false;

  constructor(folder: string, machine: Machine, found: RunMeter) {
    this.folder = folder;
    this.machine = machine;
    this.meter = found;
  }

  /** Counts the time since the last tick, or the given time in its place. */
  advance(ms?: number): void {
    const tickedMs = this.machine.monotonicMs();
    const passed = ms ?? Math.max(0, tickedMs - this.meter.tickedMs);
    const tickedAt = this.machine.now().toISOString();
    this.change({ meteredMs: this.meter.meteredMs + passed, tickedMs, tickedAt });
  }

  change(part: Partial<RunMeter>): void {
    this.meter = { ...this.meter, ...part };
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
    await saveMeter(this.folder, this.meter, this.machine);
  }

  private async writeWhileStale(): Promise<void> {
    while (this.isStale) {
      this.isStale = false;
      await saveMeter(this.folder, this.meter, this.machine).catch(() => undefined); // told by its old tick
    }
  }
}
