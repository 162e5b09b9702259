/**
 * @file Notices a supervisor that is there and does not tick, because somebody has suspended it: a command whose meter
 * stands still has no budget.
 */
import type { Machine } from "./machine.ts";
import type { RunMeter } from "./meter/meter-file.ts";

/** Milliseconds without a tick that are silence; a busy machine delays a tick by less. */
export const silentMs = 3_000;
/** Ticks that are missing, at least. */
export const silentTicks = 3;
/** Whoever was woken and stays silent for so long is replaced; whoever has just been started may be for as long. */
const patientMs = 10_000;
/** A look that comes later than this was late itself: then it was this process that slept. */
const maxPollMs = 1_000;

/** Watches the ticks of one supervisor after the other. */
export class StallDetector {
  private readonly machine: Pick<Machine, "monotonicMs">;
  private readonly limitMs: number;
  private tickedMs: number | null = null;
  private lookedMs: number;
  private silent = 0;
  private isWoken = false;
  private hasTicked = false;

  constructor(machine: Pick<Machine, "monotonicMs">, tickMs: number) {
    this.machine = machine;
    this.limitMs = Math.max(silentMs, silentTicks * tickMs);
    this.lookedMs = machine.monotonicMs();
  }

  /** Another supervisor is at work from now on. */
  begin(): void {
    [this.silent, this.isWoken, this.hasTicked] = [0, false, false];
  }

  /**
   * What to send to the supervisor. To wake one that was suspended loses nothing, as its clock went on; one that cannot
   * be woken is ended, and its successor counts from the last tick that was written.
   */
  poll(meter: Pick<RunMeter, "tickedMs"> | null): "SIGCONT" | "SIGKILL" | null {
    const now = this.machine.monotonicMs();
    this.silent += Math.min(now - this.lookedMs, maxPollMs);
    this.lookedMs = now;
    const tickedMs = meter?.tickedMs ?? null;
    if (tickedMs !== this.tickedMs) {
      [this.hasTicked, this.tickedMs] = [this.tickedMs !== null, tickedMs];
      [this.silent, this.isWoken] = [0, false];
      return null;
    }
    if (!this.isWoken && this.silent >= (this.hasTicked ? this.limitMs : patientMs)) {
      [this.isWoken, this.silent] = [true, 0];
      return "SIGCONT";
    }
    if (!this.isWoken || this.silent < patientMs) return null;
    this.begin();
    return "SIGKILL";
  }
}
