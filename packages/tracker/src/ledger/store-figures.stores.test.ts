/** Totals over the store, on each database. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { openDatabase } from "../open-store.ts";
import { addTrackedRun, changeTrackedRun } from "../tracking/runs.ts";
import type { NewRun } from "../tracking/types.ts";
import { createWriter } from "../tracking/writer.ts";
import { addSpend, readStoreFigures } from "./spend.ts";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  test.skipIf(!isThere)("runs by status and money by purpose", async () => {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const write = createWriter(database);
    expect(await readStoreFigures(database)).toEqual({
      runs: {},
      microUsd: { experiment: 0, production: 0 },
      traces: 0,
    });
    const add = (id: string, microUsd: number, more: Partial<NewRun> = {}): Promise<number> =>
      write(async (transaction) => {
        const { number } = await addTrackedRun(transaction, {
          id,
          project: 0,
          name: id,
          status: "running",
          client: "mlflow",
          person: "ada",
          purpose: "experiment",
          startedMs: 1,
          fingerprint: null,
          family: null,
          tags: [],
          ...more,
        });
        const line = { ms: 1, kind: "machine", seconds: 1, quantity: 0, unit: "", priceSource: "a list" };
        await addSpend(transaction, { ...line, run: number, microUsd, priceMicroUsdPerHour: 1 });
        return number;
      });
    await add("a", 1);
    await add("b", 20, { status: "completed" });
    await add("c", 300, { purpose: "production", status: "completed" });
    await add("d", 4000, { tags: [{ key: "tunewise.purpose", value: "production" }] });
    await add("e", 50_000, { tags: [{ key: "tunewise.purpose", value: "play" }] });
    const gone = await add("f", 600_000);
    await write((transaction) => changeTrackedRun(transaction, gone, { stage: "deleted", deletedMs: 2 }));
    // Deleted runs were paid for too.
    expect(await readStoreFigures(database)).toEqual({
      runs: { completed: 2, running: 3 },
      microUsd: { experiment: 650_021, production: 4300 },
      traces: 0,
    });
  });
});
