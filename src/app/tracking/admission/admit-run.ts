/**
 * @file Whether a run of a client may begin: not twice the same, not beyond a budget. Nothing is spent before that.
 *
 *     what the client says in tags ─► part of a command that was let in? ─► same experiment? ─► money left? ─► run
 */
import { checkSharedBudgets } from "../../../guard/index.ts";
import { problem } from "../../../problem/index.ts";
import { type Usd, usdText } from "../../../quantity/index.ts";
import {
  auditForced,
  budgetsOf,
  type Fact,
  findDuplicate,
  findLaunch,
  findSimilarRuns,
  findTrackedRunOrNull,
  isFingerprint,
  readTags,
  type TrackedRun,
  type Transaction,
} from "../../../track/index.ts";
import { remembered } from "./headline.ts";

/** What is known of a run before it begins. */
export interface RunRequest {
  /** Of the run, for the audit. */
  readonly id: string;
  /** Who calls, by the name that the server knows; empty where it knows nobody. */
  readonly caller: string;
  /** Whose run it is, as far as anybody says. */
  readonly person: string;
  /** Number of its project. */
  readonly project: number;
  /** What its client says about it, by key. */
  readonly tags: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

/** What is noted down about a run that may begin. */
export interface Admission {
  /** Number of the run of the command that it is a part of. */
  readonly launchedBy: number | null;
  readonly fingerprint: string | null;
  readonly family: string | null;
  /** Tags beside the client's own. */
  readonly tags: readonly Fact[];
}

/** Tags by which a client or a launcher says what a run is. */
export const admissionTags = {
  run: "tunewise.run",
  fingerprint: "tunewise.fingerprint",
  family: "tunewise.family",
  force: "tunewise.force",
} as const;

/** A run at work that was silent for so long has died without a word. */
const silentMost = 24 * 3_600_000;
/** Earlier runs that are named. */
const namedMost = 3;

/**
 * Lets a run in.
 *
 * @throws {TunewiseError} `RUN_DUPLICATE` where the same experiment is completed or at work and no reason is given to
 *   run it again; `SHARED_BUDGET_SPENT`
 */
export async function admitRun(transaction: Transaction, request: RunRequest): Promise<Admission> {
  const { tags, project, nowMs } = request;
  const [fingerprint, family] = [fingerprintIn(tags, "fingerprint"), fingerprintIn(tags, "family")];
  const launch = await launchOf(transaction, request);
  // What a command logs was let in with it, and shares its fingerprint.
  if (launch !== null) return { launchedBy: launch, fingerprint: null, family: null, tags: [] };
  const forced = tags.get(admissionTags.force)?.trim() || null;
  const duplicate = fingerprint === null ? null : await duplicateOf(transaction, request, fingerprint);
  if (duplicate && forced === null) throw await refusal(transaction, duplicate);
  const verdict = checkSharedBudgets(await budgetsOf(transaction, project, nowMs));
  if (verdict.act === "stop") throw problem("SHARED_BUDGET_SPENT", { sentence: verdict.sentence });
  if (duplicate && forced) {
    const about = { ms: nowMs, person: request.person, subject: request.id };
    await auditForced(transaction, about, duplicate.id, forced);
  }
  const near = family === null ? [] : await findSimilarRuns(transaction, family, namedMost);
  return {
    launchedBy: null,
    fingerprint,
    family,
    tags: [
      ...(duplicate && forced ? [{ key: "tunewise.forced", value: forced }] : []),
      ...(verdict.act === "warn" ? [{ key: "tunewise.budget", value: verdict.sentence }] : []),
      ...(await similarTag(transaction, duplicate ? [] : near)),
    ],
  };
}

function fingerprintIn(tags: ReadonlyMap<string, string>, name: "fingerprint" | "family"): string | null {
  const text = tags.get(admissionTags[name]);
  return text !== undefined && isFingerprint(text) ? text : null;
}

/** The command that started a run, while that is at work. */
async function launchOf(transaction: Transaction, { tags, caller }: RunRequest): Promise<number | null> {
  const id = tags.get(admissionTags.run);
  const run = id === undefined ? null : await findTrackedRunOrNull(transaction, id);
  if (run?.status !== "running" || (caller !== "" && run.person !== caller)) return null;
  return (await findLaunch(transaction, run.number)) ? run.number : null;
}

/** The same experiment, unless one command logged both. */
async function duplicateOf(
  transaction: Transaction,
  { tags, nowMs }: RunRequest,
  fingerprint: string,
): Promise<TrackedRun | null> {
  const duplicate = await findDuplicate(transaction, { fingerprint, heardSinceMs: nowMs - silentMost });
  const command = tags.get(admissionTags.run);
  if (!duplicate || command === undefined) return duplicate;
  return (await readTags(transaction, duplicate.number)).get(admissionTags.run) === command
    ? null
    : duplicate;
}

async function refusal(transaction: Transaction, duplicate: TrackedRun): Promise<Error> {
  const { result, microUsd } = await remembered(transaction, duplicate);
  const none = duplicate.status === "running" ? "it is still running" : "it logged no result";
  return problem("RUN_DUPLICATE", {
    id: duplicate.id,
    date: new Date(duplicate.startedMs).toISOString().slice(0, 10),
    result: result ?? none,
    price: usdText(microUsd as Usd),
  });
}

/** Runs that differ in what is only chance, and what they gave. */
async function similarTag(transaction: Transaction, near: readonly TrackedRun[]): Promise<Fact[]> {
  if (near.length === 0) return [];
  const parts: string[] = [];
  for (const run of near) {
    const { result, microUsd } = await remembered(transaction, run);
    parts.push(`${run.id}: ${result ?? "no result"}, ${usdText(microUsd as Usd)}`);
  }
  return [{ key: "tunewise.similar", value: parts.join("; ") }];
}
