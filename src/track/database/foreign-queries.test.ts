import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { openForeignQueries } from "./foreign-queries.ts";
import { loadDriver } from "./sqlite.ts";

async function queries() {
  const path = join(temporaryFolder(), "answers.sqlite");
  const { DatabaseSync } = await loadDriver();
  const made = new DatabaseSync(path);
  made.exec("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (7)");
  made.close();
  return openForeignQueries(path, { rows: 10, memory: 64 * 1024 * 1024 });
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
