/** @file What costs money now: runs at work, and rented machines by their records. */
import { join } from "node:path";
import { isRunId, type ProjectsAmong, runFolderAt, runsPath, silentMs } from "@tunewise/tracker";
import { executedSpec, leaseOf } from "../../executors/index.ts";
import type { AliveMachine, ReadAliveMachines } from "../rented/index.ts";
import { listRunsAtWork, type RunAtWork } from "../tracking/index.ts";
import type { DashboardContext } from "./dashboard-context.ts";

/** A rented machine and its run, where the store has that. Money is in micro-dollars. */
export interface ShownMachine
  extends Pick<AliveMachine, "name" | "provider" | "offer" | "sinceMs" | "seenMs" | "leaseEndsMs"> {
  /** Id of the run that works on it; `null`: none does, as while it is made ready. */
  readonly run: string | null;
  readonly microUsdPerHour: number;
  readonly spentMicroUsd: number;
  readonly capMicroUsd: number;
  /** What all machines of the run cost at most. */
  readonly worstMicroUsd: number;
  readonly isEnding: boolean;
}

/** A run at work, with the lease of its worker on another machine; `null`: it works here, or is of another client. */
export interface ShownRun extends RunAtWork {
  readonly leaseEndsMs: number | null;
}

/** See the file. */
export interface Alive {
  readonly runs: readonly ShownRun[];
  readonly machines: readonly ShownMachine[];
  /** What an hour of all of it costs; a run on a rented machine is paid with that. */
  readonly microUsdPerHour: number;
  /** Runs whose price nobody said. */
  readonly unpricedRuns: number;
  /** Runs that were not heard of lately: see `silentMs`. */
  readonly silentRuns: number;
}

/** @param readable projects that may be read; `null`: all, and machines on which no run works */
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
    ...{ runs, machines },
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

/** Runs at work by the names of their machines: where a run computes stands in its folder. */
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
    // the name of a cluster begins with that of its machine
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
    ...{ name, provider, offer, sinceMs, seenMs, leaseEndsMs, run, isEnding: ending !== null },
    microUsdPerHour: machine.usdPerHour,
    ...{ spentMicroUsd: machine.spentUsd, capMicroUsd: machine.capUsd, worstMicroUsd: machine.worstUsd },
  };
}
