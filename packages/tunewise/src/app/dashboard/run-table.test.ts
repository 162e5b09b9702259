/** @file Tables that W&B clients log as files: as the clients write them, and as an attacker might. */
import { join } from "node:path";
import { Readable } from "node:stream";
import { addTrackedRun, findTrackedRun, openTrackingContext } from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { readRunTable } from "./run-table.ts";

async function place() {
  const folder = await temporaryFolder();
  const context = {
    ...(await openTrackingContext(
      { store: ":memory:", artifacts: join(folder, "artifacts") },
      { now: () => new Date(1), random: Math.random },
    )),
    output: null,
  };
  onTestFinished(() => context.close());
  await context.write((transaction) =>
    addTrackedRun(transaction, {
      id: "w",
      client: "wandb",
      project: 0,
      purpose: "experiment",
      family: null,
      tags: [],
      name: "",
      status: "completed",
      person: "",
      startedMs: 1,
      fingerprint: null,
    }),
  );
  const run = await findTrackedRun(context.database, "w");
  const read = async (text: string, part = { offset: 0, limit: 50 }, path = "media/table/t.table.json") => {
    await context.artifacts.put(`runs/${run.number}/${path}`, Readable.from([Buffer.from(text)]));
    return readRunTable(context, run, path, part);
  };
  return { context, run, read };
}

test("columns, cells as texts, numbers known as such, media named", async () => {
  const { read } = await place();
  const image = { _type: "image-file", path: "media/images/a.png", sha256: "0" };
  const data = [
    ["why", 0.5, image, null, { a: [1] }, true],
    ["x".repeat(600), "NaN", image, null, [1, 2], false],
    ["how", 3],
  ];
  const columns = ["question", "score", "picture", 7, "object", "yes"];
  const table = await read(JSON.stringify({ columns, data, ncols: 6, nrows: 3 }));
  expect(table?.columns).toEqual([
    { name: "question", isNumber: false },
    { name: "score", isNumber: true },
    { name: "picture", isNumber: false },
    { name: "7", isNumber: false },
    { name: "object", isNumber: false },
    { name: "yes", isNumber: false },
  ]);
  const [first, second, third] = table?.rows ?? [];
  expect(first?.map((cell) => cell?.text ?? null)).toEqual([
    ...["why", "0.5", "[image-file media/images/a.png]", null, '{"a":[1]}', "true"],
  ]);
  expect(second?.[0]).toEqual({ text: "x".repeat(500), length: 600 });
  expect(third?.map((cell) => cell?.text ?? null)).toEqual(["how", "3", null, null, null, null]);
  expect([table?.total, table?.columnsTotal, table?.note]).toEqual([3, 6, null]);
});

test("numbers that JSON lacks are read as these clients write them", async () => {
  const { read } = await place();
  const table = await read('{"columns":["a"],"data":[[NaN],[-Infinity],["NaN is a word"]]}');
  expect(table?.rows.map(([cell]) => cell?.text)).toEqual(["NaN", "-Infinity", "NaN is a word"]);
});

test("pages, and bounds of columns", async () => {
  const { read } = await place();
  const columns = Array.from({ length: 150 }, (_, at) => `c${at}`);
  const data = Array.from({ length: 120 }, (_, row) => columns.map((_c, at) => row * 1000 + at));
  const table = await read(JSON.stringify({ columns, data }), { offset: 100, limit: 50 });
  expect([table?.rows.length, table?.rows[0]?.[0]?.text, table?.rows[0]?.length]).toEqual([
    20,
    "100000",
    100,
  ]);
  expect([table?.columnsTotal, table?.note]).toEqual([150, "50 more columns are not shown."]);
});

test("tables whose rows are elsewhere say so; none of a hostile file is believed", async () => {
  const { context, run, read } = await place();
  const part = { offset: 0, limit: 50 };
  const split = await read(
    '{"_type":"partitioned-table","parts_path":"parts"}',
    part,
    "a.partitioned-table.json",
  );
  expect(split).toMatchObject({ rows: [], note: expect.stringContaining("parts of an artifact, in parts") });
  const joined = { _type: "joined-table", table1: "a.table.json", table2: { path: "b" }, join_key: ["id"] };
  expect((await read(JSON.stringify(joined), part, "j.joined-table.json"))?.note).toBe(
    'It joins a.table.json and b by ["id"]: the joined rows are not shown here, each table by itself is.',
  );
  for (const text of [
    "",
    "[]",
    "null",
    "{}",
    '{"columns":1,"data":[]}',
    "[".repeat(200_000),
    `${"[".repeat(200_000)}NaN`,
  ])
    expect((await read(text))?.note, text.slice(0, 20)).toBe("It is no table with columns and data.");
  expect(
    (await read('{"columns":["a",null],"data":[1,null,{"length":9},[{"_type":5,"path":{}}]]}'))?.rows[3],
  ).toEqual([{ text: '{"_type":5,"path":{}}', length: null }, null]);
  const large = `{"columns":["a"],"data":[["${"x".repeat(17 * 1024 ** 2)}"]]}`;
  expect((await read(large))?.note).toContain("up to 16 MiB");
  expect(await readRunTable(context, run, "media/none.table.json", part)).toBeNull();
  expect(await readRunTable(context, run, "../w/x.table.json", part)).toBeNull();
});
