import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { range, seconds, usd } from "@tunewise/core/quantity";
import type { NewRun } from "@tunewise/core/run";
import { openStore, runFolderAt, type Store } from "@tunewise/tracker";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { createRuntime } from "../../runtime/index.ts";
import { createSearch, type FoundSearch, findSearch } from "./search-folder.ts";
import { TrialRuns } from "./trial-runs.ts";

const root = temporaryFolder();
const runtime = createRuntime(root, new AbortController().signal, "0.1.0");
const price = range(usd(1), usd(1), usd(1));
const time = range(seconds(1), seconds(1), seconds(1));

const about = (fingerprint: string) => ({
  fingerprint,
  recipe_path: "/a/tunewise.yaml",
  left_open: { steps: 9, trainRows: 8 },
  flops_per_second: 1e9,
  money: {
    budgetUsd: usd(1),
    finalRunUsd: usd(0),
    tickUsd: usd(0),
    usdPerHour: price,
    secondsPerUnit: time,
    startSeconds: time,
  },
});

function output(name: string): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  return path;
}

describe("the folder of a search", () => {
  test("is found by its fingerprint, the newest first, and knows whether it ended", async () => {
    const place = output("folders");
    expect(await findSearch(place, "f")).toBeNull();
    await createSearch(place, "other", "model: m\n", about("g"), runtime);
    const made = await createSearch(place, "small", "model: m\n", about("f"), runtime);
    expect(await findSearch(place, "f")).toEqual(made);
    writeFileSync(made.folder.document, "{}");
    expect((await findSearch(place, "f"))?.isEnded).toBe(true);
  });

  test("counts once its settings are written", async () => {
    const place = output("half");
    const { folder } = await createSearch(place, "small", "model: m\n", about("f"), runtime);
    rmSync(folder.settings);
    expect(readdirSync(folder.path)).toEqual(["recipe.yaml"]);
    expect(await findSearch(place, "f")).toBeNull();
  });
});

async function opened(
  name: string,
  isMoney = true,
): Promise<{
  readonly store: Store;
  readonly found: FoundSearch;
  open(parallel?: number): Promise<TrialRuns>;
  begin(id: string, trial: number): () => Promise<Awaited<ReturnType<TrialRuns["ensureRun"]>>>;
  spend(id: string, microUsd: number, duration: number): Promise<void>;
}> {
  const place = output(name);
  const found = await createSearch(place, "small", "model: m\n", about("f"), runtime);
  const store = await openStore(join(place, "store.sqlite"));
  onTestFinished(() => store.close());
  const createdAt = "2026-11-24T20:45:12.000Z";
  return {
    store,
    found,
    open: (parallel = 1) =>
      TrialRuns.open(found.folder, place, { usdPerHour: usd(isMoney ? 2 : 1), isMoney }, store, parallel),
    begin: (id, trial) => async () => {
      const run: NewRun = {
        id,
        name: "small",
        status: "running",
        createdAt,
        endedAt: null,
        recipeText: "",
        folder: "",
        configuration: "{}",
        dataFingerprint: "d",
        model: "m",
        modelRevision: "r",
        versions: "{}",
        wallSeconds: 0,
        spentMicroUsd: 0,
        project: "small",
        params: {},
        summary: JSON.stringify({ kind: "trial", search: found.folder.id, trial }),
      };
      await store.createRun(run);
      return {
        runId: id,
        createdAt,
        configuration: "{}",
        folder: runFolderAt(join(place, "runs", id)),
        output: place,
      };
    },
    spend: (runId, microUsd, duration) =>
      store.record({
        spend: [
          {
            runId,
            time: createdAt,
            kind: "train",
            spent: usd(microUsd / 1e6),
            priceUsdPerHour: usd(2),
            duration: seconds(duration),
            priceSource: "the test",
          },
        ],
      }),
  };
}

const never = () => Promise.reject(new Error("a run was begun although there is one"));

describe("runs of trials", () => {
  test("are begun once, also where a kill came before they were noted", async () => {
    const world = await opened("once");
    await world.begin("20261124-204512-small-0002", 2)(); // the search's log does not contain this run
    const runs = await world.open();
    const made = await runs.ensureRun(1, null, world.begin("20261124-204512-small-0001", 1));
    expect((await runs.ensureRun(2, null, never)).runId).toBe("20261124-204512-small-0002");
    await runs.close();
    const again = await world.open();
    expect(await again.ensureRun(1, null, never)).toEqual(made);
    expect(again.latestRunId(2)).toBe("20261124-204512-small-0002");
    expect(again.latestRunId(3)).toBeNull();
    await again.close();
  });

  test("cost what their ledgers say, less what they had cost before the search took them up", async () => {
    const world = await opened("costs");
    const old = "20261124-204512-small-000a";
    await world.begin(old, 99)();
    await world.spend(old, 700, 1);
    const runs = await world.open();
    await runs.ensureRun(1, old, never);
    await runs.ensureRun(2, null, world.begin("20261124-204512-small-0002", 2));
    await world.spend(old, 50, 1);
    await world.spend("20261124-204512-small-0002", 30, 1);
    expect([await runs.totalCost(1), await runs.paidForTrial(1), await runs.paidForTrial(2)]).toEqual([
      750, 50, 30,
    ]);
    expect(await runs.paidForAll()).toBe(80);
    expect(await runs.paidForTrial(7)).toBe(0);
    await runs.close();
  });

  test("of a machine without a price cost their time", async () => {
    const world = await opened("time", false);
    const runs = await world.open();
    await runs.ensureRun(1, null, world.begin("20261124-204512-small-0001", 1));
    await world.spend("20261124-204512-small-0001", 0, 36);
    expect(await runs.paidForTrial(1)).toBe(10_000); // a hundredth of an hour at one dollar an hour
    await runs.close();
    expect(existsSync(world.found.folder.runs)).toBe(true);
  });

  test("that share a machine without a price cost their part of it until they have it alone", async () => {
    const world = await opened("shared", false);
    const id = "20261124-204512-small-0001";
    const runs = await world.open(4);
    await runs.ensureRun(1, null, world.begin(id, 1));
    await world.spend(id, 0, 36);
    expect(await runs.paidForTrial(1)).toBe(2_500); // a quarter of a hundredth of an hour
    expect(await runs.meteredCost(1)).toBe(10_000); // a cap in minutes counts the full time of a run
    await runs.takeWholeMachine(1);
    await world.spend(id, 0, 36);
    expect(await runs.paidForTrial(1)).toBe(12_500);
    await runs.close();
    const again = await world.open(4);
    await again.takeWholeMachine(1); // the log already records that the trial has the whole machine
    expect(await again.paidForTrial(1)).toBe(12_500);
    await again.close();
  });

  test("of a machine with a price cost what their ledgers say, whoever shared it", async () => {
    const world = await opened("priced");
    const id = "20261124-204512-small-0001";
    const runs = await world.open(4);
    await runs.ensureRun(1, null, world.begin(id, 1));
    await world.spend(id, 300, 36);
    await runs.takeWholeMachine(1);
    await world.spend(id, 1_200, 36);
    expect([await runs.paidForTrial(1), await runs.meteredCost(1)]).toEqual([1_500, 1_500]);
    await runs.close();
  });
});
