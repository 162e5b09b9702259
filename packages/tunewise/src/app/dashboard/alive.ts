/** @file Reads what costs money now: active runs, and rented machines as recorded. */
import { join } from "node:path";
import { isRunId, type ProjectsAmong, runFolderAt, runsPath, silentMs } from "@tunewise/tracker";
import { executedSpec, leaseOf } from "../../executors/index.ts";
import type { AliveMachine, ReadAliveMachines } from "../rented/index.ts";
import { listRunsAtWork, type RunAtWork } from "../tracking/index.ts";
import type { DashboardContext } from "./dashboard-context.ts";

/** A rented machine and its run, if the store has the run. Money is in micro-dollars. */
export interface ShownMachine
  extends Pick<AliveMachine, "name" | "provider" | "offer" | "sinceMs" | "seenMs" | "leaseEndsMs"> {
  /** Id of the run on the machine; `null` if there is none, for example during setup. */
  readonly run: string | null;
  readonly microUsdPerHour: number;
  readonly spentMicroUsd: number;
  readonly capMicroUsd: number;
  /** Worst-case cost of all machines of the run. */
  readonly worstMicroUsd: number;
  readonly isEnding: boolean;
}

/**
 * An active run, with the lease of its worker on another machine. The lease is `null` if the run computes here or
 * belongs to another client.
 */
export interface ShownRun extends RunAtWork {
  readonly leaseEndsMs: number | null;
}

/** Everything that costs money now. */
export interface Alive {
  readonly runs: readonly ShownRun[];
  readonly machines: readonly ShownMachine[];
  /** Cost per hour of everything together. A run on a rented machine costs only the machine's price. */
  readonly microUsdPerHour: number;
  /** Number of runs without a known price. */
  readonly unpricedRuns: number;
  /** Number of runs that have not reported recently; see `silentMs`. */
  readonly silentRuns: number;
}

/**
 * Reads what costs money now.
 *
 * @param readable projects the reader may read; `null` means all, including machines without a run
 */
export async function readAlive(
  { database, now, price, output }: DashboardContext,
  readMachines: ReadAliveMachines | null,
  readable: ProjectsAmong | null,
): Promise<Alive> {
  const nowMs = now();
  const found = await listRunsAtWork(database, { nowMs, price, among: readable });
  const runs = await Promise.all(found.map((run) => withLease(run, output)));
  const known = readMachines === null ? [] : await readMachines(nowMs);
  const runOf = known.length === 0 ? new Map<string, string>() : await runsByMachine(runs, known, output);
  const machines = known
    .filter(({ name }) => readable === null || runOf.has(name))
    .map((machine) => shownMachine(machine, runOf.get(machine.name) ?? null));
  const rented = new Set(machines.map(({ run }) => run));
  const own = runs.filter(({ id }) => !rented.has(id));
  return {
    runs,
    machines,
    microUsdPerHour: [...own, ...machines].reduce((sum, one) => sum + (one.microUsdPerHour ?? 0), 0),
    unpricedRuns: own.filter(({ microUsdPerHour }) => microUsdPerHour === null).length,
    silentRuns: runs.filter(({ seenMs }) => silentMs({ status: "running", seenMs }, nowMs) !== null).length,
  };
}

async function withLease(run: RunAtWork, output: string | null): Promise<ShownRun> {
  const isHere = output !== null && isRunId(run.id);
  const lease = isHere ? await leaseOf(runFolderAt(join(runsPath(output), run.id)).path) : null;
  return { ...run, leaseEndsMs: lease?.getTime() ?? null };
}

/** Active runs by the names of their machines. A run's machine is recorded in the run's folder. */
async function runsByMachine(
  runs: readonly RunAtWork[],
  machines: readonly AliveMachine[],
  output: string | null,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { id } of runs) {
    if (output === null || !isRunId(id)) continue;
    const { placement } = (await executedSpec(runFolderAt(join(runsPath(output), id)).path)) ?? {};
    if (placement?.kind !== "torch") continue;
    const host = placement.host?.address.split("/").at(-1) ?? "";
    // a cluster's name starts with its machine's name
    const machine = machines.find(
      ({ name }) => host.startsWith(name) && !/^\d/.test(host.slice(name.length)),
    );
    if (machine) found.set(machine.name, id);
  }
  return found;
}

function shownMachine(machine: AliveMachine, run: string | null): ShownMachine {
  const { name, provider, offer, sinceMs, seenMs, leaseEndsMs, ending } = machine;
  return {
    name,
    provider,
    offer,
    sinceMs,
    seenMs,
    leaseEndsMs,
    run,
    isEnding: ending !== null,
    microUsdPerHour: machine.usdPerHour,
    spentMicroUsd: machine.spentUsd,
    capMicroUsd: machine.capUsd,
    worstMicroUsd: machine.worstUsd,
  };
}
