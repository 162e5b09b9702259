/** @file `tunewise store backup` and `tunewise store restore` as processes: output, files, and kills. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { addTrackedRun, createWriter, logBatch, openDatabase } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { schemaVersion } from "../../packages/tracker/src/schema/schema.ts";
import { program } from "../support/program.ts";
import { temporaryFolder } from "../support/track-disk.ts";

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs a command; `killAfterMs` kills it in the middle. */
function run(cwd: string, words: readonly string[], killAfterMs?: number): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...words], { cwd });
  let [out, said] = ["", ""];
  child.stdout.on("data", (text: Buffer) => {
    out += text.toString();
  });
  child.stderr.on("data", (text: Buffer) => {
    said += text.toString();
  });
  if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  return new Promise((end) => child.once("close", (code) => end({ code, out, said })));
}

/** A folder with a store that has one run with this many points. */
async function folderWith(points: number): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, ".tunewise"));
  const database = await openDatabase(join(folder, ".tunewise", "tunewise.db"));
  const write = createWriter(database);
  await write((transaction) =>
    addTrackedRun(transaction, {
      id: "a",
      project: 0,
      name: "a",
      status: "running",
      client: "api",
      person: "",
      purpose: "experiment",
      startedMs: 0,
      fingerprint: null,
      family: null,
      tags: [],
    }),
  );
  for (let from = 0; from < points; from += 5000) {
    const metrics = Array.from({ length: 5000 }, (_, at) => ({
      key: "loss",
      step: from + at,
      ms: from + at,
      value: 1 / (from + at + 1),
    }));
    await write((transaction) => logBatch(transaction, "a", { metrics, params: [], tags: [] }, 0));
  }
  await database.close();
  return folder;
}

test("a store goes into an archive and comes back, with words and with --json", async () => {
  const folder = await folderWith(5000);
  const made = await run(folder, ["backup", "a.tar"]);
  expect(made).toMatchObject({ code: 0 });
  expect(made.out).toMatch(/a\.tar: \d+ rows, 0 files, .*kB\n/);
  expect(await run(folder, ["backup", "a.tar"])).toMatchObject({
    code: 64,
    said: expect.stringContaining("ARCHIVE_EXISTS"),
  });
  const again = await run(folder, ["backup", "b.tar", "--without-artifacts", "--json"]);
  expect(JSON.parse(again.out)).toMatchObject({ command: "backup", files: null, schemaVersion });
  expect(await run(folder, ["backup", "c.tar", "--store", "none"])).toMatchObject({
    code: 64,
    said: expect.stringContaining("STORE_NOT_FOUND"),
  });
  const back = await run(folder, ["restore", "a.tar", "--store", "new", "--json"]);
  expect(JSON.parse(back.out)).toMatchObject({ command: "restore", files: 0 });
  expect(await run(folder, ["restore", "a.tar", "--store", "new"])).toMatchObject({
    code: 64,
    said: expect.stringContaining("STORE_NOT_EMPTY"),
  });
  expect((await readdir(folder)).sort()).toEqual([".tunewise", "a.tar", "b.tar", "new"]);
}, 120_000);

test("kills leave no archive, and a store that takes the archive afterwards", async () => {
  const folder = await folderWith(200_000);
  for (const ms of [600, 1200, 1800]) {
    const { code } = await run(folder, ["backup", `${ms}.tar`], ms);
    // If the file exists, it is complete, however late the kill came.
    const isThere = existsSync(join(folder, `${ms}.tar`));
    if (code === 0) expect(isThere).toBe(true);
    if (isThere) {
      const { code: restored } = await run(folder, ["restore", `${ms}.tar`, "--store", `from-${ms}`]);
      expect(restored).toBe(0);
    }
  }
  expect(await run(folder, ["backup", "whole.tar"])).toMatchObject({ code: 0 });
  for (const ms of [1000, 2000, 3000]) {
    const store = `into-${ms}`;
    await run(folder, ["restore", "whole.tar", "--store", store], ms);
    // Either the store is empty and the second restore succeeds, or it is complete and the second one is refused.
    const after = await run(folder, ["restore", "whole.tar", "--store", store]);
    if (after.code !== 0) expect(after.said).toContain("STORE_NOT_EMPTY");
    const database = await openDatabase(join(folder, store, "tunewise.db"));
    expect(await database.all("SELECT count(*) AS count FROM points")).toEqual([{ count: 200_000 }]);
    await database.close();
  }
}, 240_000);
