/** @file Runs that need attention: which runs are listed, and what removes them from the list. */
import { describe, expect, test } from "vitest";
import { run as ownRun } from "../../../../test/support/sample-records.ts";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { type TrackedStore, trackedStore } from "../../../../test/support/tracked-store.ts";
import { createRun } from "../record/write-run.ts";
import { putTags } from "./facts.ts";
import { readOpenMatters, seenTag } from "./needs-attention.ts";
import { changeTrackedRun } from "./runs.ts";
import { requestStop, type StopRequest } from "./stop.ts";
import type { TrackedStatus } from "./types.ts";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);
  let endedMs = Date.now();

  /** A run that has ended. Each one ends a second after the one before. */
  async function ended(
    { add, write }: TrackedStore,
    id: string,
    status: TrackedStatus,
    {
      tags = {},
      fingerprint = null,
      stop = null,
    }: {
      tags?: Record<string, string>;
      fingerprint?: string | null;
      stop?: StopRequest | null;
    } = {},
  ): Promise<number> {
    const facts = Object.entries(tags).map(([key, value]) => ({ key, value }));
    const number = await add(id, { tags: facts, fingerprint, startedMs: endedMs });
    endedMs += 1000;
    if (stop) await write((transaction) => requestStop(transaction, number, stop, endedMs));
    await write((transaction) => changeTrackedRun(transaction, number, { status, endedMs }));
    return number;
  }

  const idsOf = async ({ database }: TrackedStore, sinceMs = 0, limit = 100): Promise<string[]> =>
    (await readOpenMatters(database, sinceMs, limit)).items.map(({ run }) => run.id);

  it("lists what failed, was stopped by a guard or a budget, or has a finding", async () => {
    const store = await trackedStore(await make());
    await store.add("at work");
    await ended(store, "completed", "completed");
    await ended(store, "interrupted", "interrupted");
    await ended(store, "failed", "failed");
    await ended(store, "silent", "crashed");
    await ended(store, "guard", "stopped", { stop: { by: "guard", reason: "it diverged" } });
    // The cause decides, not the wording of the reason.
    await ended(store, "by hand", "stopped", { stop: { by: "person", reason: "all $5.00 are spent." } });
    await ended(store, "client gave up", "failed", { stop: { by: "person", reason: "enough" } });
    await ended(store, "pruned", "stopped", { stop: { by: "search", reason: "worse than others" } });
    await ended(store, "budget", "stopped", { stop: { by: "cap", reason: "Das Budget ist aufgebraucht" } });
    await ended(store, "cap", "stopped", { stop: { by: "cap", reason: "the cap of $3.00 is reached" } });
    await ended(store, "finding", "completed", { tags: { "tunewise.finding": "Rows leak" } });
    await ended(store, "of a command", "failed");
    await store.write((transaction) =>
      transaction.run("UPDATE runs SET launched_by = 1 WHERE id = 'of a command'"),
    );
    expect(await idsOf(store)).toEqual(["finding", "cap", "budget", "guard", "silent", "failed"]);
    const some = await readOpenMatters(store.database, 0, 2);
    expect([some.items.length, some.total]).toEqual([2, 6]);
    expect(some.items[0]).toMatchObject({ projectName: "Default", finding: "Rows leak", stop: null });
    const [budget] = (await readOpenMatters(store.database, 0, 3)).items.slice(2);
    expect(budget).toMatchObject({ run: { stoppedBy: "cap" }, stop: "Das Budget ist aufgebraucht" });
    expect(await idsOf(store, endedMs + 1)).toEqual([]);
  });

  it("drops what was seen, deleted, begun again or repeated", async () => {
    const store = await trackedStore(await make());
    const { write } = store;
    const numbers = new Map<string, number>();
    for (const id of ["seen", "deleted", "resumed", "open"])
      numbers.set(id, await ended(store, id, "failed"));
    await ended(store, "repeated", "failed", { fingerprint: "f".repeat(64) });
    await ended(store, "repeat", "completed", { fingerprint: "f".repeat(64) });
    const [run] = (await readOpenMatters(store.database, 0, 100)).items.filter(
      ({ run: one }) => one.id === "seen",
    );
    const see = (value: string): Promise<void> =>
      write((transaction) => putTags(transaction, numbers.get("seen") ?? 0, [{ key: seenTag, value }]));
    await see(String(run?.run.endedMs));
    await write(async (transaction) => {
      await changeTrackedRun(transaction, numbers.get("deleted") ?? 0, { stage: "deleted", deletedMs: 1 });
      await changeTrackedRun(transaction, numbers.get("resumed") ?? 0, { status: "running", endedMs: null });
    });
    expect(await idsOf(store)).toEqual(["open"]);
    // It failed again: only the earlier failure was marked as seen.
    await write((transaction) =>
      changeTrackedRun(transaction, numbers.get("seen") ?? 0, { endedMs: endedMs + 1 }),
    );
    expect(await idsOf(store)).toEqual(["seen", "open"]);
  });

  it("lists comparisons that came to no decision, and no trials", async () => {
    const store = await trackedStore(await make());
    const endedAt = new Date().toISOString();
    const arms = { kind: "arms", fingerprint: "f", decided: "", arm: null, is_invalid: false, arms: 3 };
    const own = async (id: string, status: "completed" | "stopped", summary: object): Promise<void> => {
      const about = ownRun(id, { status, endedAt, summary: JSON.stringify(summary) });
      await store.write((transaction) => createRun(transaction, about, null, "here"));
    };
    await own("decided", "completed", { ...arms, verdict: "tune" });
    await own("undecided", "completed", { ...arms, verdict: "undecided" });
    await own("unfinished", "stopped", { kind: "arms", fingerprint: "f" });
    await own("trial", "stopped", { kind: "trial", search: "s", trial: 1 });
    // Text inside the summary does not count as a kind or a verdict.
    const said = 'reads "kind":"arms" and "verdict":"undecided"';
    await own("training", "completed", { judgement: { title: said, sentence: said } });
    expect((await idsOf(store)).sort()).toEqual(["undecided", "unfinished"]);
  });
});
