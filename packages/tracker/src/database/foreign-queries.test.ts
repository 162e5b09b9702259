import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { openForeignQueries } from "./foreign-queries.ts";
import { loadDriver } from "./sqlite.ts";

async function queries() {
  const path = join(temporaryFolder(), "answers.sqlite");
  const { DatabaseSync } = await loadDriver();
  const made = new DatabaseSync(path);
  made.exec("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (7)");
  made.close();
  return openForeignQueries(path, { rows: 10, bytes: 2000, memory: 64 * 1024 * 1024 });
}

test("comments before a query are skipped; what is no query is told so", async () => {
  const open = await queries();
  for (const start of ["", " ", "-- why\n", "/* why */", "--\n/**/ -- *\n", "/* -- */\n"])
    expect(open.run(`${start}SELECT a FROM t`), start).toEqual({ rows: [[7n]] });
  for (const other of ["PRAGMA query_only = OFF", "-- SELECT\nATTACH 'x' AS y", "/* SELECT", "-- SELECT", ""])
    expect(open.run(other), other).toEqual({ error: "not a query" });
  expect(open.run(`${"/**/".repeat(100_000)}SELECT a FROM t`)).toEqual({ rows: [[7n]] });
  open.close();
});

test("nothing is written, and no more rows are read than wanted", async () => {
  const open = await queries();
  expect(open.run("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x")).toHaveProperty("error");
  const many =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n";
  expect(open.run(many)).toEqual({ error: "more than 10 rows" });
  expect(open.run("SELECT count(*) FROM t")).toEqual({ rows: [[1n]] });
  open.close();
});

test("double quotes hold a text where they name no column, as in SQLite's own shell", async () => {
  const open = await queries();
  expect(open.run('SELECT "a" FROM t WHERE "seven" = \'seven\'')).toEqual({ rows: [[7n]] });
  expect(open.run('SELECT a FROM t WHERE "california" = "texas"')).toEqual({ rows: [] });
  expect(open.run("SELECT missing FROM t")).toHaveProperty("error");
  open.close();
});

test("a second statement behind the first is not passed over in silence", async () => {
  const open = await queries();
  for (const end of [";", ";;", " ; -- that is all", "; /* and */ ;\n", " -- ; DROP TABLE t", "; /* no end"])
    expect(open.run(`SELECT a FROM t${end}`), end).toEqual({ rows: [[7n]] });
  const second = [
    "; DROP TABLE t",
    ";;SELECT 2",
    "; VALUES (1)",
    ";\n-- x\nDELETE FROM t",
    "\u0000 anything",
  ];
  for (const end of second)
    expect(open.run(`SELECT a FROM t${end}`), end).toEqual({ error: "more than one statement" });
  expect(open.run("SELECT 'é—😀\ud800' AS x; DROP TABLE t")).toEqual({ error: "more than one statement" });
  const inside = "SELECT ';', \";\", [a] AS [;], `a` AS `;`, 'it''s; /*' FROM t -- ';";
  expect(open.run(inside)).toEqual({ rows: [[";", ";", 7n, 7n, "it's; /*"]] });
  open.close();
});

test("a result is limited in bytes as well as in rows", async () => {
  const open = await queries();
  expect(open.run("SELECT hex(zeroblob(1000))")).toHaveProperty("rows");
  for (const wide of ["SELECT hex(zeroblob(1001))", "SELECT zeroblob(1001), zeroblob(1000)"])
    expect(open.run(wide), wide).toEqual({ error: "more than 2000 bytes" });
  expect(open.run(`SELECT ${Array(251).fill("1").join(", ")}`)).toEqual({ error: "more than 2000 bytes" });
  open.close();
});
