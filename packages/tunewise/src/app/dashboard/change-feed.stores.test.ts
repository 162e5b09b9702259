/** @file Listeners receive each change of a run once, from any process, and only for runs they may read. */
import { setTimeout as wait } from "node:timers/promises";
import {
  addProject,
  addTrackedRun,
  changeTrackedRun,
  type Database,
  logBatch,
  openDatabase,
  putTags,
  readDocuments,
  recordStore,
  requestStop,
} from "@tunewise/tracker";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { metric, run as ownRun } from "../../../../../test/support/sample-records.ts";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import { type ChangeEvent, type ChangeFeed, createChangeFeed, type Listener } from "./change-feed.ts";

const everyMs = 20;
const untilTold = { timeout: 10_000, interval: 10 };

describe.each(storePlaces)("%s", (name, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function open(place: string): Promise<Database> {
    const database = await openDatabase(place);
    onTestFinished(() => database.close());
    return database;
  }

  const add = (database: Database, id: string, project = 0): Promise<number> =>
    database.transaction(
      async (transaction) =>
        (
          await addTrackedRun(transaction, {
            id,
            project,
            name: id,
            status: "running",
            client: "mlflow",
            person: "",
            tags: [],
            // the start time that a client reports is not the time of the change
            purpose: "experiment",
            startedMs: 5,
            fingerprint: null,
            family: null,
          })
        ).number,
    );

  /** Listens until the test ends. Returns the received events. */
  async function listenTo(feed: ChangeFeed, more: Partial<Listener> = {}): Promise<ChangeEvent[]> {
    const events: ChangeEvent[] = [];
    const end = await feed.listen({
      name: "ada",
      readable: async () => null,
      after: null,
      ...more,
      onEvent: (event) => events.push(event),
    });
    if (end === null) throw new Error("nobody listens");
    onTestFinished(end);
    return events;
  }

  const told = (events: readonly ChangeEvent[]): string[] => events.flatMap(({ runs }) => runs);

  it("tells of every kind of change, once, and of nothing where nothing changed", async () => {
    const database = await open(await make());
    const number = await add(database, "a");
    const events = await listenTo(createChangeFeed(database, everyMs));
    expect(events).toMatchObject([{ runs: [], more: false }]);
    const changes: (() => Promise<unknown>)[] = [
      () => add(database, "b"),
      () =>
        database.transaction((transaction) =>
          requestStop(transaction, number, { by: "person", reason: "why" }, 7),
        ),
      () =>
        database.transaction((transaction) => changeTrackedRun(transaction, number, { status: "failed" })),
      () =>
        database.transaction((transaction) =>
          logBatch(transaction, "a", { metrics: [], params: [], tags: [{ key: "k", value: "v" }] }, 3),
        ),
      () => recordStore(database).createRun(ownRun("own")),
      () => recordStore(database).record({ metrics: [{ ...metric(1, 2), runId: "own" }] }),
    ];
    const wanted = ["b", "a", "a", "a", "own", "own"];
    for (const [at, change] of changes.entries()) {
      await change();
      await vi.waitFor(() => expect(told(events)).toEqual(wanted.slice(0, at + 1)), untilTold);
    }
    // cached documents and project tags are not changes of a run
    await readDocuments(database, (work) => database.transaction(work), [number]);
    await database.transaction((transaction) =>
      addProject(transaction, { name: "other", artifactRoot: null, tags: [], nowMs: 1 }),
    );
    await wait(10 * everyMs);
    expect(told(events)).toEqual(wanted);
    expect(new Set(events.map(({ revision }) => revision)).size).toBeGreaterThan(1);
  });

  test.skipIf(!isThere || name === "SQLite in memory")("sees what another process writes", async () => {
    const place = await make();
    const [mine, other] = [await open(place), await open(place)];
    const events = await listenTo(createChangeFeed(mine, everyMs));
    await add(other, "theirs");
    await vi.waitFor(() => expect(told(events)).toEqual(["theirs"]), untilTold);
  });

  it("goes on from the last event that was received", async () => {
    const database = await open(await make());
    await add(database, "a");
    const feed = createChangeFeed(database, everyMs);
    const [first] = await listenTo(feed);
    await add(database, "b");
    const again = await listenTo(feed, { after: first?.id ?? null });
    expect(told(again)).toContain("b");
    expect(told(await listenTo(feed, { after: "no id" }))).toEqual([]);
    await database.transaction((transaction) => transaction.run("UPDATE runs SET changed_ms = 1"));
    expect(told(await listenTo(feed, { after: first?.id ?? null }))).toEqual([]);
  });

  it("tells a reader of their projects alone, and of no more once they may not", async () => {
    const database = await open(await make());
    const project = await database.transaction((transaction) =>
      addProject(transaction, { name: "secret", artifactRoot: null, tags: [], nowMs: 1 }),
    );
    const feed = createChangeFeed(database, everyMs);
    let readable = { sql: "number = ?", values: [0] };
    const reader = await listenTo(feed, { name: "rita", readable: async () => readable });
    const root = await listenTo(feed);
    await add(database, "open");
    await add(database, "hidden", project.number);
    await vi.waitFor(() => expect(told(root).sort()).toEqual(["hidden", "open"]), untilTold);
    await wait(3 * everyMs);
    expect(told(reader)).toEqual(["open"]);
    readable = { sql: "number = ?", values: [project.number] };
    await add(database, "open too");
    await vi.waitFor(() => expect(told(root)).toContain("open too"), untilTold);
    await wait(3 * everyMs);
    expect(told(reader)).toEqual(["open"]);
    expect(told(await listenTo(feed, { readable: async () => readable, after: "0" }))).toEqual(["hidden"]);
  });

  it("asks the database only while somebody listens, and lets in so many", async () => {
    const database = await open(await make());
    let asked = 0;
    const counting: Database = {
      ...database,
      all: (sql, ...values) => {
        asked++;
        return database.all(sql, ...values);
      },
    };
    const feed = createChangeFeed(counting, everyMs);
    await wait(5 * everyMs);
    expect(asked).toBe(0);
    const silent = { name: "a", readable: async () => null, after: null, onEvent: () => undefined };
    const ends = await Promise.all(Array.from({ length: 20 }, () => feed.listen(silent)));
    expect([ends.includes(null), await feed.listen(silent), feed.listeners()]).toEqual([false, null, 20]);
    const other = await feed.listen({ ...silent, name: "b" });
    for (const end of [...ends, other]) end?.();
    expect(feed.listeners()).toBe(0);
    await wait(3 * everyMs);
    const before = asked;
    await wait(8 * everyMs);
    expect(asked).toBe(before);
    const events = await listenTo(feed);
    await database.transaction((transaction) => putTags(transaction, 1, []));
    await add(database, "x");
    await vi.waitFor(() => expect(told(events)).toEqual(["x"]), untilTold);
  });

  it("says that there is more than it tells of", async () => {
    const database = await open(await make());
    const events = await listenTo(createChangeFeed(database, everyMs));
    const row = (at: number) => [
      `run ${at}`,
      0,
      "x",
      "running",
      "active",
      "api",
      "",
      "experiment",
      1,
      1,
      0,
      0,
    ];
    await database.transaction(async (transaction) => {
      const columns = {
        ...({ id: "text", project: "integer", name: "text", status: "text", stage: "text" } as const),
        ...({ client: "text", person: "text", purpose: "text", started_ms: "integer" } as const),
        ...({ seen_ms: "integer", wall_seconds: "real", spent_micro_usd: "integer" } as const),
      };
      await transaction.insert(
        { table: "runs", columns },
        Array.from({ length: 600 }, (__, at) => row(at)),
      );
      await transaction.run("UPDATE runs SET seen_ms = 2");
    });
    await vi.waitFor(() => expect(events.at(-1)?.more).toBe(true), untilTold);
    expect(events.at(-1)?.runs.length).toBe(500);
  });
});
