/** @file Tests runs by name, trials listed under their search, and deleting and restoring runs. */

import { usd } from "@tunewise/core/quantity";
import { addTrackedRun, openDatabase, recordStore } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { fakeIo } from "../../../../../test/journey/fake-io.ts";
import { run } from "../../../../../test/support/sample-records.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { effectiveConfiguration, readRecipe } from "../../recipe/index.ts";
import { invoke } from "../invoke.ts";

async function tell(cwd: string, ...words: string[]) {
  const { io, stdout, stderr } = fakeIo({ cwd });
  return { code: await invoke([...words, "--store", "."], io), out: stdout(), err: stderr() };
}

const text = "name: tickets\nmodel: a/b\ndata: { train: a.jsonl }\n";
const recipe = readRecipe(text, "r.yaml").recipe as NonNullable<ReturnType<typeof readRecipe>["recipe"]>;
const configuration = effectiveConfiguration(recipe);

/** Creates a store with a named training, a running one, and a search with two trials. */
async function place(): Promise<string> {
  const cwd = await temporaryFolder();
  const database = await openDatabase(`${cwd}/tunewise.db`);
  const store = recordStore(database);
  const add = (id: string, name: string, minute: number, summary: object) =>
    store.createRun(
      run(id, {
        name,
        project: recipe.name,
        configuration,
        status: "completed",
        summary: JSON.stringify(summary),
        createdAt: `2026-11-24T20:${minute}:00.000Z`,
      }),
    );
  await add("20261124-a", "higher rank", 10, {});
  for (const trial of [1, 2])
    await add(`20261124-t${trial}`, `tickets trial ${trial}`, 20 + trial, {
      kind: "trial",
      search: "s-1",
      trial,
    });
  const line = { kind: "train", time: "2026-11-24T20:30:00.000Z", priceSource: "", duration: 30 } as const;
  const spent = { spent: usd(0.5), priceUsdPerHour: usd(60) };
  await store.record({ spend: [{ ...line, ...spent, runId: "20261124-a" } as never] });
  await store.record({ spend: [{ ...line, ...spent, runId: "20261124-t1" } as never] });
  await database.transaction((transaction) =>
    addTrackedRun(transaction, {
      id: "busy",
      client: "mlflow",
      project: 0,
      name: "of a client",
      status: "running",
      person: "ada",
      purpose: "experiment",
      startedMs: Date.now(),
      fingerprint: null,
      family: null,
      tags: [],
    }),
  );
  await database.close();
  return cwd;
}

test("a run has its own name and the project of its recipe, and is found by it", async () => {
  const cwd = await place();
  const { out } = await tell(cwd, "runs", "show", "higher rank", "--json");
  expect(JSON.parse(out)).toMatchObject({
    id: "20261124-a",
    name: "higher rank",
    project: "tickets",
    kind: "run",
  });
  const unknown = await tell(cwd, "runs", "show", "no such name");
  expect([unknown.code, unknown.err]).toEqual([64, expect.stringContaining("RUN_NOT_FOUND")]);
});

test("trials are one line for each search, or listed", async () => {
  const cwd = await place();
  const { runs, searches } = JSON.parse((await tell(cwd, "runs", "list", "--json")).out);
  expect(runs.map(({ id }: { id: string }) => id)).toEqual(["busy", "20261124-a"]);
  expect(searches).toMatchObject([{ search: "s-1", trials: 2, seconds: 30, spentMicroUsd: 500_000 }]);
  const listed = await tell(cwd, "runs", "list");
  expect(listed.out).toMatch(/^search s-1: 2 trials, 30 s, \$0\.500; --trials lists them$/m);
  expect(listed.out).not.toContain("20261124-t1");
  expect((await tell(cwd, "runs", "list", "--trials")).out).toContain("tickets trial 2");
});

test("a deleted run is hidden and comes back; what it cost counts; one that runs is not deleted", async () => {
  const cwd = await place();
  const cost = async () => (await tell(cwd, "cost", "report", "--json")).out.match(/"total[^,]*/g);
  const before = await cost();
  expect((await tell(cwd, "runs", "delete", "higher rank")).err).toContain(
    "next: tunewise runs restore 20261124-a",
  );
  expect((await tell(cwd, "runs", "list")).out).not.toContain("20261124-a");
  expect((await tell(cwd, "runs", "show", "higher rank")).code).toBe(64);
  expect(await cost()).toEqual(before);
  expect((await tell(cwd, "runs", "restore", "higher rank")).code).toBe(0);
  expect((await tell(cwd, "runs", "list")).out).toContain("20261124-a");
  const busy = await tell(cwd, "runs", "delete", "20261124-a", "busy");
  expect([busy.code, busy.err]).toEqual([64, expect.stringContaining("RUN_DELETION_RUNNING")]);
  expect((await tell(cwd, "runs", "list")).out).toContain("20261124-a");
});
