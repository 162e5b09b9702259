/**
 * @file Registry of commands in a budget: admits or refuses them before they start, and records their costs while
 * they run.
 */
import type { MachinePrice, MeterReading, TrackedStatus } from "../../../track/index.ts";

/** A command that requests to start. */
export interface LaunchRequest {
  readonly id: string;
  /** For display, without secrets. */
  readonly command: string;
  readonly host: string;
  /** `null` for the default project. */
  readonly project: string | null;
  readonly person: string;
  /** `null` if unknown. */
  readonly fingerprint: string | null;
  readonly family: string | null;
  /** Reason to run a duplicate; `null` to refuse duplicates. */
  readonly forced: string | null;
  readonly price: MachinePrice;
  readonly capMicroUsd: number | null;
}

/** An admitted command, with remarks. */
export interface AcceptedLaunch {
  /** Similar earlier commands, which differ only in seeds, with results and costs. */
  readonly similar: string | null;
  /** Warning about a nearly spent budget. */
  readonly warning: string | null;
}

/** State of a command. */
export interface LaunchReport extends MeterReading {
  /** `null` while it runs. */
  readonly ended: Extract<TrackedStatus, "completed" | "failed" | "stopped" | "interrupted"> | null;
}

/** A registry of launches: a store or a server. */
export interface LaunchRegistry {
  /** @throws {TunewiseError} `RUN_DUPLICATE`, `SHARED_BUDGET_SPENT` */
  begin(request: LaunchRequest): Promise<AcceptedLaunch>;
  /** Records the state and returns why the command must stop, or `null` if it may continue or is unknown. */
  report(id: string, report: LaunchReport): Promise<string | null>;
  close(): Promise<void>;
}
