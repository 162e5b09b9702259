/**
 * @file Commands in a budget, noted down in a store.
 */
import { checkSharedBudgets } from "../../../guard/index.ts";
import {
  addLaunch,
  addTrackedRun,
  budgetsOf,
  changeTrackedRun,
  findLaunch,
  findTrackedRunOrNull,
  openProject,
  type Project,
  readStop,
  runsOfLaunch,
  stopProject,
  type TrackedRun,
  type Transaction,
  takeReading,
} from "../../../track/index.ts";
import { admissionTags, admitRun } from "../admission/admit-run.ts";
import { stopBeyondCap } from "../charge-run.ts";
import type { Desk } from "../desk.ts";
import type { AcceptedLaunch, LaunchReport, LaunchRequest, Registrar } from "./registrar.ts";

/** Where commands go that name no project. */
export const defaultLaunchProject = "Default";

/** Opens the project of a command; throws where it may not be written to. */
export type OpenProject = (transaction: Transaction, name: string, nowMs: number) => Promise<Project>;

/**
 * A registrar over a desk, which stays open when it is closed.
 *
 * @param caller by name where there are users; else empty
 */
export function deskRegistrar(
  desk: Pick<Desk, "write" | "now">,
  caller = "",
  open: OpenProject = openProject,
): Registrar {
  return {
    begin: (request) =>
      desk.write((transaction) => begin(transaction, request, { caller, open, nowMs: desk.now() })),
    report: (id, report) => desk.write((transaction) => take(transaction, id, report, desk.now())),
    close: async () => undefined,
  };
}

async function begin(
  transaction: Transaction,
  request: LaunchRequest,
  { caller, open, nowMs }: { readonly caller: string; readonly open: OpenProject; readonly nowMs: number },
): Promise<AcceptedLaunch> {
  const project = await open(transaction, request.project ?? defaultLaunchProject, nowMs);
  const { id, command, host, price, capMicroUsd } = request;
  const person = caller || request.person;
  const runRequest = { id, caller, person, project: project.number, tags: saidBy(request), nowMs };
  const admission = await admitRun(transaction, runRequest);
  const { number } = await addTrackedRun(transaction, {
    ...{ id, person, project: project.number, name: command.slice(0, nameLettersMost), startedMs: nowMs },
    ...{ status: "running", client: "exec", purpose: "experiment" },
    ...admission,
  });
  await addLaunch(transaction, { run: number, command, host, price, capMicroUsd });
  const said = (key: string): string | null => admission.tags.find((tag) => tag.key === key)?.value ?? null;
  return { similar: said("tunewise.similar"), warning: said("tunewise.budget") };
}

/** Letters of a command that its run is called by. */
const nameLettersMost = 200;

function saidBy({ fingerprint, family, forced }: LaunchRequest): ReadonlyMap<string, string> {
  return new Map([
    ...(fingerprint === null ? [] : [[admissionTags.fingerprint, fingerprint] as const]),
    ...(family === null ? [] : [[admissionTags.family, family] as const]),
    ...(forced === null ? [] : [[admissionTags.force, forced] as const]),
  ]);
}

async function take(
  transaction: Transaction,
  id: string,
  report: LaunchReport,
  nowMs: number,
): Promise<string | null> {
  const run = await findTrackedRunOrNull(transaction, id);
  const launch = run && (await findLaunch(transaction, run.number));
  if (!launch) return null;
  await takeReading(transaction, launch, report, nowMs);
  await stopBeyondCap(transaction, run.number, nowMs);
  // Asked here too: where no server runs beside the command, nobody else looks.
  const verdict = checkSharedBudgets(await budgetsOf(transaction, run.project, nowMs));
  if (verdict.act === "stop") await stopProject(transaction, run.project, verdict.sentence, nowMs);
  if (report.ended !== null && run.endedMs === null) await end(transaction, run, report.ended, nowMs);
  return readStop(transaction, run.number);
}

/** What a command logged has ended with it, whether or not it said so. */
async function end(
  transaction: Transaction,
  { number }: TrackedRun,
  status: NonNullable<LaunchReport["ended"]>,
  nowMs: number,
): Promise<void> {
  await changeTrackedRun(transaction, number, { status, endedMs: nowMs });
  for (const part of await runsOfLaunch(transaction, number)) {
    if (part.status !== "running") continue;
    const left = status === "completed" ? "crashed" : status;
    await changeTrackedRun(transaction, part.number, { status: left, endedMs: nowMs });
  }
}
