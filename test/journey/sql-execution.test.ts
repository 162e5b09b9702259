/**
 * @file Generated SQL statements on a database: equal rows, different rows, and statements that must not be executed.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasSameResult } from "../../packages/tunewise/src/evaluate/index.ts";
import { openSqlProcess, type SqlProcess } from "../../packages/tunewise/src/scoring/score-answers.ts";
import { program } from "../support/program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const command = [process.execPath, resolve(dirname(program), "sql-reader.js")];
let path = "";
let before: Buffer;
let process_: SqlProcess;

beforeAll(async () => {
  path = join(await temporaryFolder(), "shop.sqlite");
  const database = new DatabaseSync(path);
  database.exec(`CREATE TABLE item (id INTEGER, name TEXT, price REAL, code BLOB);
    INSERT INTO item VALUES (1, 'pen', 0.1, x'00'), (2, 'ink', 0.2, x'01'), (9007199254740993, 'ream', 5, NULL)`);
  database.close();
  before = await readFile(path);
  process_ = await openSqlProcess(path, command);
});
afterAll(() => process_.close());

test.each([
  ["SELECT name FROM item WHERE price < 1", "select name from item where id in (1, 2)", true],
  ["```sql\nSELECT name FROM item WHERE price < 1;\n```", "select name from item where id in (2, 1)", true],
  ["SELECT name FROM item ORDER BY price DESC", "SELECT name FROM item ORDER BY price", false],
  ["SELECT sum(price) FROM item WHERE id < 3", "SELECT 0.3", true],
  ["SELECT a.id, b.id FROM item a, item b WHERE a.id = 1 AND b.id = 2", "SELECT 1, 2", true],
  ["SELECT a.id, b.id FROM item a, item b WHERE a.id = 1 AND b.id = 2", "SELECT 2", false],
  ["SELECT id FROM item WHERE name = 'ream'", "SELECT 9007199254740995", false],
  ["SELECT code FROM item WHERE id = 2", "SELECT x'01'", true],
  ["SELECT nothing FROM item", "SELECT 1", false],
  ["DROP TABLE item", "SELECT 1", false],
  ["SELECT 1; DROP TABLE item", "SELECT 1", false],
  ["SELECT 1", "SELECT broken FROM item", null],
  // double-quoted names that match no column are strings, as in SQLite's shell and in most text-to-SQL data sets
  ["SELECT price FROM item WHERE name = 'ink'", 'SELECT price FROM item WHERE name = "ink"', true],
  ['SELECT price FROM item WHERE name = "ink"', 'SELECT price FROM item WHERE name = "ink"', true],
  ['SELECT price FROM item WHERE name = "pen"', 'SELECT price FROM item WHERE name = "ink"', false],
  ["SELECT 1; -- done", "SELECT 1;", true],
  ["SELECT 1 \u0000 and more", "SELECT 1", false],
  ["SELECT 1", "SELECT 1; SELECT 2", null],
])("%s against %s: %s", async (answer, reference, isAlike) => {
  expect(await hasSameResult(answer, reference, process_.execute)).toBe(isAlike);
});

test("whatever is run, the file stays as it is and no other is opened", async () => {
  const other = join(dirname(path), "other.sqlite");
  for (const statement of [
    "DELETE FROM item",
    `ATTACH '${other}' AS other`,
    "PRAGMA query_only = OFF",
    "WITH x AS (SELECT 1) DELETE FROM item",
    "SELECT load_extension('x')",
    `VACUUM INTO '${other}'`,
  ]) {
    expect(await process_.execute(statement)).toHaveProperty("error");
  }
  expect(await readFile(path)).toEqual(before);
  await expect(readFile(other)).rejects.toThrow();
});

test("what takes too long, too much memory or gives too many rows is wrong, and the next one is answered", async () => {
  const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
  expect(await process_.execute(`${endless} SELECT i FROM n`)).toEqual({ error: "more than 100000 rows" });
  expect(await process_.execute("SELECT hex(zeroblob(400000000))")).toHaveProperty("error");
  const wide = `SELECT hex(zeroblob(6000)) FROM (${endless} SELECT i FROM n LIMIT 90000)`;
  expect(await process_.execute(wide)).toEqual({ error: `more than ${16 * 2 ** 20} bytes` });
  expect(await process_.execute(`${endless} SELECT count(*) FROM n`)).toEqual({
    error: "not done after 10 s",
  });
  expect(await process_.execute("SELECT 1")).toEqual({ rows: [[1]] });
});

test("a file that is no database is said before anything is computed", async () => {
  const text = join(dirname(path), "notes.txt");
  await writeFile(text, "this is no database, however long it may be".repeat(50));
  await expect(openSqlProcess(text, command)).rejects.toMatchObject({ code: "SQL_DATABASE_UNREADABLE" });
  await expect(openSqlProcess(`${text}.sqlite`, command)).rejects.toMatchObject({
    code: "SQL_DATABASE_UNREADABLE",
  });
});

const advising = resolve("../shared/data/text2sql");

test.skipIf(!existsSync(advising))("every reference of a common text-to-SQL set is judged", async () => {
  const place = join(dirname(path), "advising.sqlite");
  const database = new DatabaseSync(place);
  for (const [table, columns] of await advisingTables())
    database.exec(`CREATE TABLE ${table} (${columns.map((column) => `"${column}"`).join(", ")})`);
  database.close();
  const { execute, close } = await openSqlProcess(place, command);
  const text = await readFile(join(advising, "advising.json"), "utf8");
  const references = (JSON.parse(text) as AdvisingQuery[]).map(({ sql: [first = ""], variables }) =>
    variables.reduce((sql, { name, example }) => sql.replaceAll(name, example || "0"), first),
  );
  expect(references.filter((one) => one.includes('"')).length).toBeGreaterThan(100);
  const failed: string[] = [];
  for (const reference of references) {
    if ((await hasSameResult(reference, reference, execute)) === null) failed.push(reference);
  }
  await close();
  // of 205 references, these use functions or columns that the data set's schema lacks
  expect(failed.length, failed.join("\n")).toBeLessThan(references.length * 0.05);
});

interface AdvisingQuery {
  readonly sql: readonly string[];
  readonly variables: readonly { readonly name: string; readonly example: string }[];
}

async function advisingTables(): Promise<Map<string, string[]>> {
  const tables = new Map<string, string[]>();
  const lines = (await readFile(join(advising, "advising-schema.csv"), "utf8")).split("\n").slice(1);
  for (const [table = "", column = ""] of lines.map((line) => line.split(",").map((one) => one.trim()))) {
    if (!/^\w+$/.test(table) || column === "") continue;
    tables.set(table, [...(tables.get(table) ?? []), column]);
  }
  return tables;
}
