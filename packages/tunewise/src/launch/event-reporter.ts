/** @file Turns polled states of a run into events, each reported once. */
import type { Machine } from "./machine.ts";
import type { RunMeter } from "./meter/meter-file.ts";
import type { Unsaved } from "./meter/meter-keeper.ts";
import type { Standing } from "./supervise.ts";

/** An event during a launch. */
export interface LaunchEvent {
  readonly kind:
    | "warning"
    | "stop-asked"
    | "supervisor-lost"
    /** The supervisor does not tick because it was suspended. */
    | "supervisor-silent"
    /** The command has ended, but processes that it started have not. */
    | "outlived"
    /** The meter cannot be written; reported again every minute. */
    | "unsaved"
    /** The meter could be written again. */
    | "saved";
  readonly meter: RunMeter;
  readonly unsaved: Unsaved | null;
}

/** Interval between two reports that the meter cannot be written. */
const againMs = 60_000;

/** Reports each event once, except `unsaved` and `saved`. */
export class EventReporter {
  private readonly machine: Pick<Machine, "monotonicMs">;
  private readonly tell: (event: LaunchEvent) => void;
  private readonly told = new Set<LaunchEvent["kind"]>();
  private unsavedMs: number | null = null;

  constructor(machine: Pick<Machine, "monotonicMs">, tell: (event: LaunchEvent) => void) {
    this.machine = machine;
    this.tell = tell;
  }

  update(standing: Standing): void {
    const { meter } = standing;
    if (meter.warned) this.once("warning", standing);
    if (meter.outlived !== null) this.once("outlived", standing);
    if (meter.stop !== null) this.once("stop-asked", standing);
    this.lookAtFile(standing);
  }

  private lookAtFile(standing: Standing): void {
    const now = this.machine.monotonicMs();
    if (standing.unsaved !== null) {
      if (this.unsavedMs !== null && now - this.unsavedMs < againMs) return;
      this.unsavedMs = now;
      this.tell({ ...standing, kind: "unsaved" });
    } else if (this.unsavedMs !== null) {
      this.unsavedMs = null;
      this.tell({ ...standing, kind: "saved" });
    }
  }

  private once(kind: LaunchEvent["kind"], standing: Standing): void {
    if (this.told.has(kind)) return;
    this.told.add(kind);
    this.tell({ ...standing, kind });
  }
}
