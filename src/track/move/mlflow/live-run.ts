/**
 * @file A run on an MLflow server while it works: begun or taken up again, given points, ended. It carries the tags by
 * which an export knows it, so that what got lost on the way is sent by one.
 */
import type { Fact, TrackedStatus } from "../../tracking/nouns.ts";
import type { MovedPoint } from "../history.ts";
import { looseOf } from "../read-row.ts";
import type { Rest } from "./rest.ts";
import {
  demand,
  factsFor,
  idIn,
  most,
  openExperiment,
  runTag,
  sentBefore,
  tagValue,
  wholeTag,
} from "./server-target.ts";
import { nameTag, statusName } from "./words.ts";

/** What a server is told of a run at its beginning. */
export interface LiveRun {
  readonly experiment: string;
  /** Here. */
  readonly id: string;
  readonly name: string;
  readonly person: string;
  readonly startedMs: number;
  readonly params: readonly Fact[];
  readonly tags: readonly Fact[];
}

/**
 * Begins a run, or takes up the one that was logged before under the same id; gives its id there.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`
 */
export async function beginLiveRun(rest: Rest, run: LiveRun): Promise<string> {
  const experiment = await openExperiment(rest, run.experiment);
  const known = await knownRun(rest, experiment, run.id);
  const id = known ?? (await createRun(rest, experiment, run));
  if (known !== null) {
    await demand(rest, "runs/update", { run_id: id, status: "RUNNING" });
    await demand(rest, "runs/delete-tag", { run_id: id, key: wholeTag }).catch(() => undefined);
  }
  const [params, tags] = [factsFor(run.params, most.param).facts, factsFor(run.tags, most.tag).facts];
  for (const [list, facts] of Object.entries({ params, tags })) {
    for (let from = 0; from < facts.length; from += most.facts)
      await demand(rest, "runs/log-batch", { run_id: id, [list]: facts.slice(from, from + most.facts) });
  }
  return id;
}

async function knownRun(rest: Rest, experiment: string, id: string): Promise<string | null> {
  for await (const found of sentBefore(rest, experiment, id)) return found.id;
  return null;
}

async function createRun(
  rest: Rest,
  experiment: string,
  { id, name, person, startedMs }: LiveRun,
): Promise<string> {
  const created = await demand(rest, "runs/create", {
    experiment_id: experiment,
    user_id: person,
    run_name: name,
    start_time: startedMs,
    tags: [
      { key: runTag, value: tagValue(id) },
      { key: nameTag, value: name },
    ],
  });
  return idIn(rest, "runs/create", looseOf(looseOf(created["run"])["info"]), "run_id");
}

/** Points that are sent in one request. */
export const livePointsMost: number = most.metrics;

/**
 * Sends points, at most `livePointsMost`; the server knows one that comes twice.
 *
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`
 */
export async function logLivePoints(rest: Rest, id: string, points: readonly MovedPoint[]): Promise<void> {
  const metrics = points.map(({ key, step, ms, value }) => ({
    ...{ key, timestamp: ms, step },
    value: Number.isFinite(value) ? value : String(value),
  }));
  await demand(rest, "runs/log-batch", { run_id: id, metrics });
}

/**
 * Ends a run.
 *
 * @param points how many it has here, where all of them were sent
 * @throws {TunewiseError} `MOVE_SERVER_FAILED`, `MOVE_CREDENTIALS`
 */
export async function endLiveRun(
  rest: Rest,
  id: string,
  status: TrackedStatus,
  endedMs: number,
  points: number | null,
): Promise<void> {
  await demand(rest, "runs/update", { run_id: id, status: statusName(status), end_time: endedMs });
  if (points === null) return;
  await demand(rest, "runs/set-tag", { run_id: id, key: wholeTag, value: String(points) });
}
