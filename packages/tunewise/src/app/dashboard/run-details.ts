/** @file All details of a run of any client for its page, with bounded lists and texts. */

import { type Run, type StopCause, stopBy, stopText, trainingOf, tryOf } from "@tunewise/core/run";
import {
  type ClientKind,
  type Database,
  findProject,
  findTrackedRunOrNull,
  openStatuses,
  type Purpose,
  type Reader,
  readAudit,
  readInputs,
  readParams,
  readStop,
  readTags,
  recordStore,
  repeatsTag,
  runsOfLaunch,
  type Stage,
  type TrackedRun,
  type TrackedStatus,
} from "@tunewise/tracker";
import { TunewiseError } from "../../problem/index.ts";
import { listedRun } from "../tracking/index.ts";
import { type ShownText, type Some, shownText, some } from "./bounds.ts";
import { type DashboardContext, folderOf } from "./dashboard-context.ts";
import { type OwnRun, readOwnRun } from "./own-run.ts";
import { type RunCommands, runCommands } from "./run-commands.ts";
import { type LedgerPart, type RunBudget, readLedger, readRunBudget } from "./run-ledger.ts";
import { type MetricSummary, readMetrics } from "./run-metrics.ts";
import { type Parent, readParent } from "./run-parent.ts";

/** A key and its value. */
export interface ShownFact extends ShownText {
  readonly key: string;
}

/** Details of a run. Times are milliseconds since 1970; money is in micro-dollars. */
export interface PageRun {
  readonly id: string;
  readonly name: string;
  readonly project: number;
  readonly projectName: string;
  readonly client: ClientKind;
  readonly person: string;
  readonly purpose: Purpose;
  readonly status: TrackedStatus;
  readonly stage: Stage;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly seenMs: number;
  readonly seconds: number;
  readonly spentMicroUsd: number;
  /** Latest held-out result, such as `eval_loss 0.2`. */
  readonly headline: string | null;
  /** Why the run stopped or is about to stop early; `null` if it was not stopped or the cause is unknown. */
  readonly stopped: { readonly by: StopCause; readonly sentence: string } | null;
  readonly params: Some<ShownFact>;
  readonly tags: Some<ShownFact>;
  readonly metrics: Some<MetricSummary>;
  readonly ledger: Some<LedgerPart>;
  readonly budget: RunBudget;
  /** Id of the command that started the run, if it belongs to the same project. */
  readonly launchedBy: string | null;
  readonly launched: Some<string>;
  readonly parent: Parent | null;
  /** The earlier run in the same project that this run repeats, with an explanation; `null` if none is known. */
  readonly repeats: { readonly id: string; readonly name: string; readonly sentence: string } | null;
  readonly datasets: Some<{ readonly name: string; readonly digest: string; readonly context: string }>;
  /** The approval given on the page, with its cap; `null` if the run was not started there. */
  readonly approved: { readonly person: string; readonly ms: number; readonly detail: string } | null;
  readonly commands: RunCommands;
  /** `null` for runs of other clients. */
  readonly own: OwnRun | null;
}

const maxFacts = 1_000;
const factChars = 2_000;
const maxLaunched = 200;
const maxDatasets = 100;
const reasonChars = 2_000;

/**
 * Reads the details of a run.
 *
 * @param readsAll whether the reader may read all projects, and therefore see their total spending
 */
export async function readRunDetails(
  context: DashboardContext,
  run: TrackedRun,
  readsAll: boolean,
): Promise<PageRun> {
  const { database, now } = context;
  const { number, client } = run;
  const listed = await listedRun(database, run, now());
  const tags = await readTags(database, number);
  const record = client === "tunewise" ? await findOwn(database, run.id) : null;
  const own = record && (await readOwnRun(database, run, record, folderOf(context, run)));
  const budget = await readRunBudget(database, run, record?.configuration ?? null, tags, now());
  const inputs = (await readInputs(database, [number])).get(number) ?? [];
  return {
    id: run.id,
    name: shownText(run.name, factChars).text,
    project: run.project,
    client,
    projectName: (await findProject(database, { number: run.project }))?.name ?? "",
    person: run.person,
    purpose: run.purpose,
    status: run.status,
    stage: run.stage,
    startedMs: run.startedMs,
    endedMs: run.endedMs,
    seenMs: run.seenMs,
    seconds: listed.seconds,
    spentMicroUsd: run.spentMicroUsd,
    headline: listed.result,
    stopped: await stopOf(database, run, record),
    params: factsOf(Object.entries(await readParams(database, number))),
    tags: factsOf([...tags]),
    metrics: await readMetrics(database, number, "own"),
    ledger: await readLedger(database, number),
    budget: readsAll
      ? budget
      : { ...budget, shared: budget.shared.filter(({ project }) => project !== null) },
    launchedBy: await launcherOf(database, run),
    launched: some(
      (await runsOfLaunch(database, number))
        .filter(({ project }) => project === run.project)
        .map(({ id }) => id),
      maxLaunched,
    ),
    parent: await readParent(database, run, tags),
    repeats: await repetitionOf(database, run, tags),
    datasets: some(
      inputs.map(({ dataset: { name, digest }, context: use }) => ({ name, digest, context: use })),
      maxDatasets,
    ),
    approved: await approvalOf(database, run),
    commands: await runCommands(database, run, own, record !== null && tryOf(record) !== null),
    own,
  };
}

/** Finds a run of this engine. Returns `null` if the store has only the data common to all runs. */
export async function findOwn(database: Database, id: string): Promise<Run | null> {
  return recordStore(database)
    .findRun(id)
    .catch((error: unknown) => {
      if (TunewiseError.is(error) && error.code === "RUN_NOT_FOUND") return null;
      throw error;
    });
}

function factsOf(entries: readonly (readonly [key: string, value: string])[]): Some<ShownFact> {
  const { items, total } = some(entries, maxFacts);
  return { items: items.map(([key, value]) => ({ key, ...shownText(value, factChars) })), total };
}

/** Why a run stopped or is about to stop: from its record, otherwise from the stop request. */
async function stopOf(reader: Reader, run: TrackedRun, record: Run | null): Promise<PageRun["stopped"]> {
  const { number, stoppedBy: by } = run;
  if (by === null) return null;
  const isOpen = openStatuses.includes(run.status);
  const known = isOpen || record === null ? null : (trainingOf(record)?.stop ?? null);
  const reason = known === null ? await readStop(reader, number) : null;
  const text = isOpen ? `Asked to stop: ${reason ?? by}` : stopText(known ?? stopBy(by, { reason }));
  return { by, sentence: `${text.replace(/\.$/, "")}.`.slice(0, reasonChars) };
}

async function approvalOf(reader: Reader, { id }: TrackedRun): Promise<PageRun["approved"]> {
  const [line] = await readAudit(reader, { action: "run-approved", subject: id, limit: 1 });
  return line ? { person: line.person, ms: line.ms, detail: line.detail } : null;
}

async function repetitionOf(
  reader: Reader,
  { repeats, project }: TrackedRun,
  tags: ReadonlyMap<string, string>,
): Promise<PageRun["repeats"]> {
  if (repeats === null) return null;
  const earlier = await findTrackedRunOrNull(reader, { number: repeats });
  if (earlier?.project !== project) return null;
  const { id, name } = earlier;
  return { id, name: shownText(name, factChars).text, sentence: tags.get(repeatsTag) ?? "" };
}

async function launcherOf(reader: Reader, { launchedBy, project }: TrackedRun): Promise<string | null> {
  if (launchedBy === null) return null;
  const launcher = await findTrackedRunOrNull(reader, { number: launchedBy });
  return launcher?.project === project ? launcher.id : null;
}
