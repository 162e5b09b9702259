/**
 * @file Registry of commands with a budget. Admits or refuses commands before they start, and records their costs while
 * they run.
 */
import type { StopCause } from "@tunewise/core/run";
import { admissionTags, beginTrackedRun, type RunRequest } from "../admission/admit-run.ts";
import { writeAdmission } from "../admission/note-refusal.ts";
import type { Transaction } from "../database/database.ts";
import { openProject } from "../tracking/projects.ts";
import { changeTrackedRun, findTrackedRunOrNull } from "../tracking/runs.ts";
import { readStop } from "../tracking/stop.ts";
import type { Project, TrackedRun, TrackedStatus } from "../tracking/types.ts";
import type { TrackingContext } from "../tracking-context.ts";
import { enforceBudgets } from "./charge-run.ts";
import { addLaunch, findLaunch, type MeterReading, runsOfLaunch, takeReading } from "./launches.ts";
import type { MachinePrice } from "./meter-run.ts";

/** A command that requests to start. */
export interface LaunchRequest {
  readonly id: string;
  /** The command for display, without secrets. */
  readonly command: string;
  /** Name of the run; defaults to the command. */
  readonly name?: string;
  readonly host: string;
  /** `null` for the default project. */
  readonly project: string | null;
  readonly person: string;
  /** `null` if unknown. */
  readonly fingerprint: string | null;
  readonly family: string | null;
  /** Reason for repeating a duplicate; `null` refuses duplicates. */
  readonly forced: string | null;
  readonly price: MachinePrice;
  readonly capMicroUsd: number | null;
  /** Id of the outer command, as reported by this command; `null` if there is none. */
  readonly outer: string | null;
}

/** An admitted command with notes about it. */
export interface AcceptedLaunch {
  /** Earlier commands that differ only in the seed, with results and costs. */
  readonly similar: string | null;
  /** Warning about a nearly spent budget. */
  readonly warning: string | null;
  /** Id of the outer command that is charged for its time; `null` if the store has no such active command. */
  readonly launchedBy: string | null;
}

/** State of a command. */
export interface LaunchReport extends MeterReading {
  /** `null` while it runs. */
  readonly ended: Extract<TrackedStatus, "completed" | "failed" | "stopped" | "interrupted"> | null;
  /** Why the command was stopped early. Omitted or `null` if it was not stopped, or if the store requested the stop. */
  readonly stoppedBy?: StopCause | null;
}

/** A registry of launches: a store or a server. */
export interface LaunchRegistry {
  /** Admits a command or refuses it. @throws {TunewiseError} `RUN_DUPLICATE`, `SHARED_BUDGET_SPENT` */
  begin(request: LaunchRequest): Promise<AcceptedLaunch>;
  /**
   * Records the state of a command. Returns the reason why it must stop, or `null` if it may continue or is unknown.
   */
  report(id: string, report: LaunchReport): Promise<string | null>;
  close(): Promise<void>;
}

/** Project of commands without a project. */
export const defaultLaunchProject = "Default";

/** Opens a command's project. Throws if the caller may not write to it. */
export type OpenProject = (transaction: Transaction, name: string, nowMs: number) => Promise<Project>;

/**
 * Creates a launch registry in a tracking context. `close` leaves the context open.
 *
 * @param caller user name; empty in a store without users
 */
export function storeLaunchRegistry(
  context: Pick<TrackingContext, "write" | "now" | "resultMetrics">,
  caller = "",
  open: OpenProject = openProject,
): LaunchRegistry {
  return {
    begin: (request) => {
      const nowMs = context.now();
      const asker = { person: caller || request.person, tags: tagsOf(request), nowMs };
      return writeAdmission(context.write, asker, (transaction) =>
        begin(transaction, request, { caller, open, nowMs, resultMetrics: context.resultMetrics }),
      );
    },
    report: (id, report) =>
      context.write((transaction) => recordReport(transaction, id, report, context.now())),
    close: async () => undefined,
  };
}

async function begin(
  transaction: Transaction,
  request: LaunchRequest,
  {
    caller,
    open,
    nowMs,
    resultMetrics,
  }: Pick<RunRequest, "caller" | "nowMs" | "resultMetrics"> & { readonly open: OpenProject },
): Promise<AcceptedLaunch> {
  const project = await open(transaction, request.project ?? defaultLaunchProject, nowMs);
  const { id, command, host, price, capMicroUsd, outer } = request;
  const person = caller || request.person;
  const candidate = {
    id,
    caller,
    person,
    project: project.number,
    tags: tagsOf(request),
    nowMs,
    resultMetrics,
  };
  const within = outer === null ? null : { id: outer, host };
  const name = (request.name ?? command).slice(0, maxNameCharacters);
  const run = { name, client: "exec", person, startedMs: nowMs, tags: [] } as const;
  const { number, tags, launchedBy } = await beginTrackedRun(
    transaction,
    { ...candidate, outer: within },
    run,
  );
  await addLaunch(transaction, { run: number, command, host, price, capMicroUsd });
  const tagValue = (key: string): string | null => tags.find((tag) => tag.key === key)?.value ?? null;
  return {
    similar: tagValue("tunewise.similar"),
    warning: tagValue("tunewise.budget"),
    launchedBy: launchedBy === null ? null : outer,
  };
}

/** Maximum characters of a run's name, which by default is its command. */
const maxNameCharacters = 200;

function tagsOf({ fingerprint, family, forced }: LaunchRequest): ReadonlyMap<string, string> {
  return new Map([
    ...(fingerprint === null ? [] : [[admissionTags.fingerprint, fingerprint] as const]),
    ...(family === null ? [] : [[admissionTags.family, family] as const]),
    ...(forced === null ? [] : [[admissionTags.force, forced] as const]),
  ]);
}

async function recordReport(
  transaction: Transaction,
  id: string,
  report: LaunchReport,
  nowMs: number,
): Promise<string | null> {
  const run = await findTrackedRunOrNull(transaction, id);
  const launch = run && (await findLaunch(transaction, run.number));
  if (!launch) return null;
  await takeReading(transaction, launch, report, nowMs);
  // Without a server nothing else checks the budgets.
  await enforceBudgets(transaction, run, nowMs);
  if (report.ended !== null && run.endedMs === null) await endRun(transaction, run, report, nowMs);
  return readStop(transaction, run.number); // not that of an outer command, which ends this one itself
}

/** Ends a command and its logged runs that are still open. */
async function endRun(
  transaction: Transaction,
  { number }: TrackedRun,
  { ended, stoppedBy = null }: LaunchReport,
  nowMs: number,
): Promise<void> {
  const status = ended ?? "completed";
  await changeTrackedRun(transaction, number, { status, endedMs: nowMs, stoppedBy });
  for (const part of await runsOfLaunch(transaction, number)) {
    // runs of this engine record their own end
    if (part.status !== "running" || part.client === "tunewise") continue;
    const left = status === "completed" ? "crashed" : status;
    await changeTrackedRun(transaction, part.number, { status: left, endedMs: nowMs });
  }
}
