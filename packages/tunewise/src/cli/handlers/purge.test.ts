/** @file Tests `tunewise store purge`, from the command line to the store. */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  addProject,
  addTrackedRun,
  changeTrackedRun,
  folderArtifacts,
  openDatabase,
  readAudit,
} from "@tunewise/tracker";
import { expect, it } from "vitest";
import { fakeIo } from "../../../../../test/journey/fake-io.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { invoke } from "../invoke.ts";

const root = temporaryFolder();

it("counts, wants a yes, removes what is old enough, and says so", async () => {
  const folder = mkdtempSync(join(root, "store-"));
  const tunewise = async (...words: string[]): Promise<{ code: number; out: string; err: string }> => {
    const { io, stdout, stderr } = fakeIo({ cwd: folder });
    const code = await invoke(["store", "purge", ...words], io);
    return { code, out: stdout(), err: stderr() };
  };
  expect((await tunewise()).err).toContain("STORE_NOT_FOUND");
  const store = join(folder, ".tunewise");
  mkdirSync(store);
  const database = await openDatabase(join(store, "tunewise.db"));
  const nowMs = Date.now();
  for (const [id, days] of [
    ["old", 40],
    ["new", 1],
  ] as const) {
    await database.transaction(async (transaction) => {
      const { number } = await addTrackedRun(transaction, {
        id,
        project: 0,
        name: id,
        status: "completed",
        client: "mlflow",
        person: "ada",
        purpose: "experiment",
        startedMs: 1,
        fingerprint: null,
        family: null,
        tags: [],
      });
      await changeTrackedRun(transaction, number, { stage: "deleted", deletedMs: nowMs - days * 86_400_000 });
    });
  }
  await database.transaction((transaction) =>
    addProject(transaction, { name: "kept", artifactRoot: null, tags: [], nowMs }),
  );
  const artifacts = folderArtifacts(join(store, "artifacts"), () => "1");
  await artifacts.put("0/old/artifacts/a", Readable.from([Buffer.from("x")]));

  const wrong = await tunewise("--older-than", "soon");
  expect([wrong.code, wrong.err]).toEqual([64, expect.stringContaining("PURGE_AGE_INVALID")]);
  const counted = await tunewise("--dry-run", "--json");
  expect(JSON.parse(counted.out)).toMatchObject({ runs: 1, models: 0, projects: 0, kept: 0, dry_run: true });
  const unsaid = await tunewise();
  expect([unsaid.code, unsaid.err]).toEqual([3, expect.stringContaining("PURGE_NOT_CONFIRMED")]);
  expect(await artifacts.size("0/old/artifacts/a")).toBe(1);
  const done = await tunewise("--yes");
  expect([done.code, done.out]).toEqual([
    0,
    expect.stringMatching(
      /^removed 1 run, 0 models and 0 projects, deleted before .* stays in the ledger\.\n$/,
    ),
  ]);
  expect(await artifacts.size("0/old/artifacts/a")).toBeNull();
  const rest = await tunewise("--older-than", "0d", "--yes", "--json");
  expect(JSON.parse(rest.out)).toMatchObject({ runs: 1, dry_run: false });
  expect((await readAudit(database, { limit: 5 })).map(({ action, detail }) => [action, detail])).toEqual([
    ["runs-purged", expect.stringContaining("new")],
    ["runs-purged", expect.stringContaining("old")],
  ]);
  await database.close();
});
