/** @file The column `plan`: deviation of the paid time from the planned time, if a tag contains the latter. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { trackedStore } from "../../../../test/support/tracked-store.ts";
import { changeTrackedRun } from "../tracking/runs.ts";
import { plannedTag } from "./column.ts";
import { createRunTable } from "./run-table.ts";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  it("is a percentage of ended runs, sorted and filtered like any number", async () => {
    const { add, write, database } = await trackedStore(await make());
    const planned: readonly (readonly [string, string | null, number, boolean])[] = [
      ["slower", "100000", 104, true],
      ["faster", "100000", 62, true],
      ["at work", "100000", 50, false],
      ["untold", null, 50, true],
      ["no number", "soon'; --", 50, true],
      ["negative", "-100000", 50, true],
      ["nothing", "0", 50, true],
      ["too long", "1".repeat(13), 50, true],
      ["unpaid", "100000", 0, true],
    ];
    for (const [id, value, seconds, isOver] of planned) {
      const number = await add(id, { tags: value === null ? [] : [{ key: plannedTag, value }] });
      await write(async (transaction) => {
        await transaction.run("UPDATE runs SET wall_seconds = ? WHERE number = ?", seconds, number);
        if (isOver) await changeTrackedRun(transaction, number, { status: "completed", endedMs: 9 });
      });
    }
    const column = { of: "attribute", name: "plan" } as const;
    const table = createRunTable(database);
    const read = (comparison: ">" | "IS NULL" | null, values: readonly number[]) =>
      table.read({
        scope: { projects: null, readable: null, stage: "active" },
        where: comparison === null ? null : { field: column, comparison, values },
        columns: [column],
        order: [{ column, isDescending: true }],
        group: [],
        pinned: [],
        offset: 0,
        limit: 100,
        revision: null,
      });
    const all = await read(null, []);
    expect(all.ids.slice(0, 2)).toEqual(["slower", "faster"]);
    const [cells] = all.columns;
    expect(cells?.kind).toBe("number");
    expect(cells?.values.slice(0, 2).map((value) => Math.round(Number(value)))).toEqual([4, -38]);
    expect(cells?.values.slice(2)).toEqual(Array(planned.length - 2).fill(null));
    expect((await read(">", [0])).ids).toEqual(["slower"]);
    expect((await read("IS NULL", [])).total).toBe(planned.length - 2);
  });
});
