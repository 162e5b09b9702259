/** @file The request to stop: which runs can be asked, what remains of it, and what ends it. */
import { describe, expect, test } from "vitest";
import { run as ownRun, time } from "../../../../test/support/sample-records.ts";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { trackedStore } from "../../../../test/support/tracked-store.ts";
import { writeBatch } from "../record/write-batch.ts";
import { createRun } from "../record/write-run.ts";
import { changeTrackedRun, findTrackedRun } from "./runs.ts";
import { readStop, requestStop } from "./stop.ts";
import type { TrackedRun, TrackedStatus } from "./types.ts";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  it("leaves a run that has ended as it ended", async () => {
    const { add, write, database } = await trackedStore(await make());
    const run = await add("done");
    await write((transaction) => changeTrackedRun(transaction, run, { status: "completed", endedMs: 5 }));
    const asked = await write((transaction) =>
      requestStop(transaction, run, { by: "person", reason: "too late" }, 6),
    );
    expect(asked).toBe(false);
    expect(await readStop(database, run)).toBeNull();
    expect(await findTrackedRun(database, "done")).toMatchObject({ stopMs: null, stoppedBy: null });
  });

  it("keeps the first cause until the run ends, and none for one that completed or goes on", async () => {
    const { add, write, database } = await trackedStore(await make());
    const run = await add("r");
    const state = async (): Promise<Pick<TrackedRun, "stoppedBy" | "stopMs">> => {
      const { stoppedBy, stopMs } = await findTrackedRun(database, "r");
      return { stoppedBy, stopMs };
    };
    const become = (status: TrackedStatus): Promise<void> =>
      write((transaction) => changeTrackedRun(transaction, run, { status, endedMs: 9 }));
    await write((transaction) => requestStop(transaction, run, { by: "cap", reason: "spent" }, 7));
    await write((transaction) => requestStop(transaction, run, { by: "person", reason: "why" }, 8));
    await become("running");
    expect([await state(), await readStop(database, run)]).toEqual([
      { stoppedBy: "cap", stopMs: 7 },
      "spent",
    ]);
    await become("failed"); // The client treated the refusal as an error.
    expect(await state()).toEqual({ stoppedBy: "cap", stopMs: 7 });
    await become("running");
    expect([await state(), await readStop(database, run)]).toEqual([{ stoppedBy: null, stopMs: null }, null]);
    await become("crashed");
    expect(await state()).toEqual({ stoppedBy: "fault", stopMs: null });
    await become("running");
    await write((transaction) => requestStop(transaction, run, { by: "person", reason: "enough" }, 10));
    await become("completed");
    expect(await state()).toMatchObject({ stoppedBy: null });
  });

  it("takes the cause of a run of this engine from its record, else from who asked", async () => {
    const { write, database } = await trackedStore(await make());
    for (const id of ["own", "asked"])
      await write((transaction) => createRun(transaction, ownRun(id), null, "here"));
    const { number } = await findTrackedRun(database, "asked");
    await write((transaction) => requestStop(transaction, number, { by: "person", reason: "enough" }, 1));
    const end = { status: "stopped", endedAt: time } as const;
    const record = (id: string, change: object): Promise<void> =>
      write((transaction) => writeBatch(transaction, { run: { id, change: { ...end, ...change } } }, "here"));
    await record("own", { stoppedBy: "guard" });
    await record("asked", {});
    expect((await findTrackedRun(database, "own")).stoppedBy).toBe("guard");
    expect((await findTrackedRun(database, "asked")).stoppedBy).toBe("person");
  });
});
