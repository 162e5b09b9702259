/**
 * @file Where commands in a budget are noted down: let in or refused before they start, paid for while they go on.
 */
import type { MachinePrice, MeterReading, TrackedStatus } from "../../../track/index.ts";

/** A command that wants to start. */
export interface LaunchRequest {
  readonly id: string;
  /** For people: without secrets. */
  readonly command: string;
  readonly host: string;
  /** `null`: the default one. */
  readonly project: string | null;
  readonly person: string;
  /** `null`: not known. */
  readonly fingerprint: string | null;
  readonly family: string | null;
  /** Why it shall run although the same ran before; `null`: then it shall not. */
  readonly forced: string | null;
  readonly price: MachinePrice;
  readonly capMicroUsd: number | null;
}

/** A command that may start, and what is worth knowing first. */
export interface AcceptedLaunch {
  /** Earlier commands that differ in what is only chance, with what they gave and cost. */
  readonly similar: string | null;
  /** Of a budget that is nearly spent. */
  readonly warning: string | null;
}

/** How a command stands. */
export interface LaunchReport extends MeterReading {
  /** `null`: it goes on. */
  readonly ended: Extract<TrackedStatus, "completed" | "failed" | "stopped" | "interrupted"> | null;
}

/** A place where commands are noted down: a store, or a server. */
export interface Registrar {
  /** @throws {TunewiseError} `RUN_DUPLICATE`, `SHARED_BUDGET_SPENT` */
  begin(request: LaunchRequest): Promise<AcceptedLaunch>;
  /** Gives why the command is to stop; `null`: it may go on, or is not known there. */
  report(id: string, report: LaunchReport): Promise<string | null>;
  close(): Promise<void>;
}
