/** @file Backups and restores between all kinds of stores. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { streamOf, text } from "../../../../test/support/artifact-port.ts";
import { contentOf, emptyTables, fillStore } from "../../../../test/support/full-store.ts";
import { postgresPlace, postgresServer } from "../../../../test/support/postgres.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import { folderArtifacts } from "../artifacts/folder-artifacts.ts";
import type { Database } from "../database/database.ts";
import { openAsIs, openDatabase } from "../open-store.ts";
import { versionOf } from "../schema/schema.ts";
import { addTrackedRun } from "../tracking/runs.ts";
import type { NewRun } from "../tracking/types.ts";
import { openSink } from "./archive-sink.ts";
import { backUp } from "./back-up.ts";
import type { ArchiveWatch, Manifest } from "./manifest.ts";
import { restore } from "./restore.ts";
import { openArchive } from "./verify-archive.ts";

type Make = () => Promise<string>;
const sqlite: Make = async () => join(await temporaryFolder(), "store.sqlite");
const isPostgres = process.env["TUNEWISE_TEST_STORE"] === "postgres";
const directions: [name: string, isThere: boolean, from: Make, to: Make][] = isPostgres
  ? [
      ["PostgreSQL to SQLite", postgresServer !== undefined, postgresPlace, sqlite],
      ["SQLite to PostgreSQL", postgresServer !== undefined, sqlite, postgresPlace],
      ["PostgreSQL to PostgreSQL", postgresServer !== undefined, postgresPlace, postgresPlace],
    ]
  : [["SQLite to SQLite", true, sqlite, sqlite]];

const never: ArchiveWatch = { signal: new AbortController().signal };

async function opened(database: Database | Promise<Database>): Promise<Database> {
  const there = await database;
  onTestFinished(() => there.close().catch(() => undefined));
  return there;
}

async function files(): Promise<ArtifactStore> {
  let count = 0;
  return folderArtifacts(join(await temporaryFolder(), "files"), () => String(count++));
}

async function write(
  database: Database,
  artifacts: ArtifactStore | null,
  watch: ArchiveWatch = never,
): Promise<{ path: string; manifest: Manifest }> {
  const path = join(await temporaryFolder(), "store.tar");
  const sink = await openSink(path, "1");
  const about = { database, artifacts, sink, tunewise: "0.0.0", createdAt: "2026-11-25T00:00:00.000Z" };
  try {
    const manifest = await backUp({ ...about, ...watch });
    await sink.end();
    return { path, manifest };
  } finally {
    await sink.drop();
  }
}

async function bring(
  path: string,
  database: Database,
  artifacts: ArtifactStore,
  watch: ArchiveWatch = never,
): Promise<Manifest> {
  const archive = await openArchive(path);
  try {
    return await restore({ path, archive, database, artifacts, ...watch });
  } finally {
    await archive.close();
  }
}

const run: NewRun = {
  id: "late",
  project: 0,
  name: "late",
  status: "running",
  client: "api",
  person: "",
  purpose: "experiment",
  startedMs: 1,
  fingerprint: null,
  family: null,
  tags: [],
};

describe.each(directions)("%s", (_, isThere, from, to) => {
  const here = test.skipIf(!isThere);

  here("every table comes back to the last bit, with its files, and goes on", async () => {
    const source = await opened(openDatabase(await from()));
    await source.transaction((transaction) => fillStore(transaction));
    expect(await emptyTables(source)).toEqual([]);
    const [given, taken] = [await files(), await files()];
    const long = `${"ordner/".repeat(30)}ü & größe.bin`;
    const keys = ["0/run/artifacts/a.txt", "0/empty", long, "0/dog%step%3:\n?.png ", `0/${"x".repeat(700)}`];
    for (const key of keys) await given.put(key, streamOf(key));
    const { path, manifest } = await write(source, given);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(manifest.files?.count).toBe(keys.length);

    const target = await opened(openAsIs(await to()));
    await bring(path, target, taken);
    expect(await contentOf(target)).toEqual(await contentOf(source));
    for (const key of keys) expect(await text((await taken.open(key))?.content)).toBe(key);
    const added = await target.transaction((transaction) => addTrackedRun(transaction, run));
    expect(added.number).toBeGreaterThan(13);
    await expect(bring(path, target, await files())).rejects.toMatchObject({ code: "STORE_NOT_EMPTY" });
    const fresh = await opened(openAsIs(await to()));
    await expect(bring(path, fresh, taken)).rejects.toMatchObject({ code: "ARTIFACTS_NOT_EMPTY" });
  });

  here(
    "a store that serves but holds nothing takes an archive, one that holds something keeps it",
    async () => {
      const source = await opened(openDatabase(await from()));
      const { path } = await write(source, null);
      const target = await opened(openDatabase(await to()));
      await bring(path, target, await files());
      const added = await target.transaction((transaction) => addTrackedRun(transaction, run));
      expect(added.number).toBe(1);
      await expect(bring(path, target, await files())).rejects.toMatchObject({
        code: "STORE_NOT_EMPTY",
        params: { rows: 1, table: "runs" },
      });
    },
  );

  here("what is written meanwhile is in it as a whole or not at all", async () => {
    const source = await opened(openDatabase(await from()));
    const { number } = await source.transaction((transaction) => addTrackedRun(transaction, run));
    let isOver = false;
    const pair = async (at: number): Promise<void> =>
      source.transaction(async (transaction) => {
        const lines = Array.from({ length: 50 }, (_, line) => [number, `${at}-${line}`]);
        const events = { table: "events", columns: { run: "integer", line: "text" } } as const;
        await transaction.insert(events, lines);
        const console = {
          table: "console_lines",
          columns: { run: "integer", line: "integer", content: "text" },
        } as const;
        await transaction.insert(
          console,
          lines.map((_, line) => [number, at * 50 + line, "x"]),
        );
      });
    for (let at = 0; at < 20; at++) await pair(at);
    const writing = (async () => {
      for (let at = 20; !isOver; at++) {
        await pair(at);
        await new Promise((turn) => setImmediate(turn));
      }
    })();
    for (let time = 0; time < 5; time++) {
      const { manifest } = await write(source, null);
      const rows = (name: string): number => manifest.tables.find((table) => table.name === name)?.rows ?? 0;
      expect(rows("events")).toBe(rows("console_lines"));
      expect(rows("events") % 50).toBe(0);
    }
    isOver = true;
    await writing;
  });

  here("whoever stops it leaves everything as it was", async () => {
    const source = await opened(openDatabase(await from()));
    await source.transaction((transaction) => fillStore(transaction));
    const given = await files();
    for (let at = 0; at < 20; at++) await given.put(`0/run/${at}`, streamOf("x"));
    const { path } = await write(source, given);
    const place = await to();
    const target = await opened(openAsIs(place));
    const taken = await files();
    for (const doing of ["checking", "files", "rows"]) {
      const stop = new AbortController();
      const stopping = bring(path, target, taken, {
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.doing === doing) stop.abort(new Error("stopped"));
        },
      });
      await expect(stopping).rejects.toThrow("stopped");
      expect([await versionOf(target), await taken.list("")]).toEqual([0, []]);
    }
    await bring(path, target, taken);
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  here("a backup that is stopped, or that the disk has no room for, leaves no archive", async () => {
    const source = await opened(openDatabase(await from()));
    await source.transaction((transaction) => fillStore(transaction));
    const folder = await temporaryFolder();
    const about = { database: source, artifacts: null, tunewise: "0", createdAt: "" };
    const sink = await openSink(join(folder, "a.tar"), "1");
    await expect(backUp({ ...about, sink, signal: AbortSignal.abort(new Error("stopped")) })).rejects.toThrow(
      "stopped",
    );
    await sink.drop();
    let left = 6;
    const full = await openSink(join(folder, "a.tar"), "2", async () => ({
      write: async () => {
        if (left-- === 0) throw Object.assign(new Error(), { code: "ENOSPC" });
      },
      cut: async () => undefined,
      sync: async () => undefined,
      close: async () => undefined,
    }));
    await expect(backUp({ ...about, sink: full, ...never })).rejects.toMatchObject({
      code: "ARCHIVE_WRITE_FAILED",
      params: { reason: "no space left on the disk" },
    });
    await full.drop();
    expect(await readdir(folder)).toEqual([]);
  });

  here("a database without a store is no store", async () => {
    const source = await opened(openAsIs(await from()));
    await expect(write(source, null)).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
  });
});
