/** @file Behavior specific to SQLite: files, locks, full disks, drivers. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { metric, run } from "../../../../test/support/sample-records.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { openDatabase, openStore } from "../open-store.ts";
import { recordStore } from "../record/record-store.ts";
import { schemaVersion } from "../schema/schema.ts";
import { loadDriver } from "./sqlite.ts";

describe("a SQLite file", () => {
  it("is there again when opened again, also by two at once", async () => {
    const path = join(await temporaryFolder(), "store.sqlite");
    const [one, two] = await Promise.all([openStore(path), openStore(path)]);
    await one.createRun(run("a"));
    await two.record({ metrics: [metric(1, 3)] });
    await Promise.all([one.close(), two.close()]);
    const again = await openStore(path);
    expect(await again.metricHistory("a", "train/loss")).toEqual([metric(1, 3)]);
    await again.close();
  });

  it("is refused when it is no database, no file, or nowhere", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "text"), "not a database at all, but long enough ".repeat(100));
    for (const path of [join(folder, "text"), folder, join(folder, "none", "store")]) {
      await expect(openStore(path)).rejects.toMatchObject({ code: "STORE_UNREADABLE", params: { path } });
    }
  });

  it("is refused when a newer tunewise wrote it", async () => {
    const path = join(await temporaryFolder(), "store.sqlite");
    await (await openStore(path)).close();
    const database = await openDatabase(path);
    await database.transaction((transaction) => transaction.run("UPDATE schema_version SET version = 99"));
    await database.close();
    await expect(openStore(path)).rejects.toMatchObject({
      code: "STORE_VERSION",
      params: { found: 99, known: schemaVersion },
    });
  });

  it("says so when another writer holds it too long, and works afterwards", async () => {
    const path = join(await temporaryFolder(), "store.sqlite");
    const store = await openStore(path);
    await store.createRun(run("a"));
    const { DatabaseSync } = await loadDriver();
    const rival = new DatabaseSync(path);
    rival.exec("BEGIN IMMEDIATE");
    await expect(store.record({ metrics: [metric(1, 3)] })).rejects.toMatchObject({ code: "STORE_BUSY" });
    expect(await store.metricKeys("a")).toEqual([]);
    rival.exec("ROLLBACK");
    rival.close();
    await store.record({ metrics: [metric(1, 3)] });
    await store.close();
  }, 20_000);

  it("undoes a batch that the disk has no room for, and works once there is", async () => {
    const database = await openDatabase(":memory:");
    const store = recordStore(database);
    await store.createRun(run("a"));
    const [row] = await database.all("PRAGMA page_count");
    await database.all(`PRAGMA max_page_count = ${Number(row?.["page_count"]) + 2}`);
    const metrics = Array.from({ length: 5000 }, (_, step) => metric(step, step));
    await expect(store.record({ metrics })).rejects.toMatchObject({
      code: "STORE_FULL",
      message:
        "No disk space is left for :memory:: database or disk is full. The record up to the previous batch is intact.",
    });
    expect(await store.metricKeys("a")).toEqual([]);
    await database.all("PRAGMA max_page_count = 100000");
    await store.record({ metrics });
    expect(await store.metricHistory("a", "train/loss")).toHaveLength(5000);
    await store.close();
  });

  it("says that it could not write where a row was to be written and given back", async () => {
    const database = await openDatabase(":memory:");
    const [row] = await database.all("PRAGMA page_count");
    await database.all(`PRAGMA max_page_count = ${Number(row?.["page_count"]) + 2}`);
    const sql = "INSERT INTO purses (name, spent_micro_usd) VALUES (?, 0) RETURNING name";
    const adding = database.transaction((transaction) => transaction.all(sql, "x".repeat(100_000)));
    await expect(adding).rejects.toMatchObject({ code: "STORE_WRITE_FAILED" });
    await database.close();
  });

  it("says what to install when no driver loads", async () => {
    const missing = async (): Promise<never> => {
      throw new Error("Cannot find module");
    };
    await expect(loadDriver([missing, missing])).rejects.toMatchObject({
      code: "STORE_DRIVER_MISSING",
      message: "Neither node:sqlite nor @photostructure/sqlite could be loaded: Cannot find module.",
    });
    expect(await loadDriver()).toHaveProperty("DatabaseSync");
  });
});
