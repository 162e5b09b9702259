/**
 * @file Detects a supervisor that is running but does not tick because it was suspended. Without ticks, the command's
 * budget is not enforced.
 */
import type { Machine } from "./machine.ts";
import type { RunMeter } from "./meter/meter-file.ts";

/** Min. milliseconds without a tick that count as silence; a busy machine delays a tick by less. */
export const silentMs = 3_000;
/** Min. number of missing ticks that count as silence. */
export const silentTicks = 3;
/** Max. silence of a supervisor that was just woken or just started. */
const patientMs = 10_000;
/** Max. time counted per poll: if polls are further apart, this process itself was suspended. */
const maxPollMs = 1_000;

/** Watches the ticks of consecutive supervisors. */
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

  /** Call when a new supervisor was started. */
  begin(): void {
    [this.silent, this.isWoken, this.hasTicked] = [0, false, false];
  }

  /**
   * Returns the signal to send to the supervisor. Waking a suspended supervisor loses no time, because its clock kept
   * running. One that cannot be woken is killed, and its successor meters from the last saved tick.
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
