/** @file Saved views on each database: names are unique per place, and views are listed for those who may see them. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { openDatabase } from "../open-store.ts";
import { dropView, findView, listViews, maxViews, putView, type ViewPlace } from "./views.ts";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  test.skipIf(!isThere)("are saved, replaced, listed and dropped", async () => {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const save = (place: ViewPlace, name: string, owner: string, state: string): Promise<boolean> =>
      database.transaction((transaction) =>
        putView(transaction, place, { name, owner, state, changedMs: 5 }),
      );
    await save({ person: "ada" }, "mine", "ada", "{}");
    await save({ person: "ada" }, "mine", "ada", '{"a":1}');
    await save({ person: "bob" }, "mine", "bob", "{}");
    await save({ project: 0 }, "mine", "bob", "{}");
    const listed = async (person: string, sql: string | null) =>
      (await listViews(database, person, sql === null ? null : { sql, values: [] })).map(
        ({ name, project, owner, state }) => [name, project, owner, state],
      );
    expect(await listed("ada", "1 = 0")).toEqual([["mine", null, "ada", '{"a":1}']]);
    expect(await listed("eve", null)).toEqual([["mine", 0, "bob", "{}"]]);
    expect(await listed("", "projects.number = 0")).toHaveLength(1);
    expect(await findView(database, { person: "ada" }, "mine")).toMatchObject({
      state: '{"a":1}',
      changedMs: 5,
    });
    expect(await findView(database, { project: 1 }, "mine")).toBeNull();
    const drop = () =>
      database.transaction((transaction) => dropView(transaction, { person: "ada" }, "mine"));
    expect([await drop(), await drop()]).toEqual([true, false]);
    expect(await listed("bob", null)).toHaveLength(2);
  });

  test.skipIf(!isThere)("a place is full at some time, and what is there may still be replaced", async () => {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const save = (name: string): Promise<boolean> =>
      database.transaction((transaction) =>
        putView(transaction, { person: "ada" }, { name, owner: "ada", state: "{}", changedMs: 5 }),
      );
    for (let at = 0; at < maxViews; at++) expect(await save(`v${at}`)).toBe(true);
    expect([await save("one more"), await save("v0")]).toEqual([false, true]);
  });
});
