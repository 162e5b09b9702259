/** @file Durations of runs: SQL and function agree. And when a run counts as silent. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { trackedStore } from "../../../../test/support/tracked-store.ts";
import { secondsOfRun, secondsOfRuns } from "./duration.ts";
import { deadAfterMs, silentAfterMs, silentMs } from "./run-liveness.ts";
import { findTrackedRun } from "./runs.ts";
import type { ClientKind, TrackedStatus } from "./types.ts";

/** [client, started, ended, seen, ledger seconds] and the expected duration in seconds. */
const cases: readonly (readonly [ClientKind, number, number | null, number, number, number])[] = [
  ["mlflow", 1000, 13_000, 5000, 5, 12], // Metered until the last logged data.
  ["mlflow", 1000, null, 6000, 0, 5],
  ["exec", 1000, 13_000, 13_000, 2, 12], // Shared with the runs that it logged.
  ["wandb", 9000, 4000, 4000, 0, 0], // A clock that was set back.
  ["tunewise", 1000, 90_000, 90_000, 12.5, 12.5], // Resumed after a pause.
  ["tunewise", 1000, null, 4000, 0, 3],
];

describe.each(storePlaces)("%s", (_, isThere, make) => {
  test.skipIf(!isThere)("a run took equally long in a list and on its page", async () => {
    const { add, write, database } = await trackedStore(await make());
    for (const [at, [client, startedMs, ended, seen, wall]] of cases.entries()) {
      const number = await add(`r${at}`, { client, startedMs });
      await write((transaction) =>
        transaction.run(
          "UPDATE runs SET ended_ms = ?, seen_ms = ?, wall_seconds = ? WHERE number = ?",
          ...[ended, seen, wall, number],
        ),
      );
    }
    const rows = await database.all(`SELECT ${secondsOfRuns} AS seconds FROM runs ORDER BY number`);
    const expected = cases.map((one) => one[5]);
    expect(rows.map(({ seconds }) => Number(seconds))).toEqual(expected);
    const runs = await Promise.all(cases.map((_one, at) => findTrackedRun(database, `r${at}`)));
    expect(runs.map(secondsOfRun)).toEqual(expected);
  });
});

const minute = 60_000;
const silences: readonly (readonly [TrackedStatus, number, number | null])[] = [
  ["running", 26 * minute, 26 * minute],
  ["running", silentAfterMs, silentAfterMs],
  ["running", silentAfterMs - 1, null],
  ["scheduled", 2 * deadAfterMs, 2 * deadAfterMs],
  ["completed", 26 * minute, null],
  ["killed", 26 * minute, null],
];
test.each(silences)("%s, not heard of for %d ms", (status, ms, expected) => {
  expect(silentMs({ status, seenMs: 1e12 }, 1e12 + ms)).toBe(expected);
});
