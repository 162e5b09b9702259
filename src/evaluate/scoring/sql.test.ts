import { describe, expect, test } from "vitest";
import { matchesSql } from "./sql-match.ts";
import { executesAlike, isOneQuery, type QueryResult, sameRows } from "./sql-rows.ts";
import { readSql } from "./sql-tokens.ts";

describe("the same statement", () => {
  test.each([
    ["SELECT a FROM t", "select  a\nfrom t ;"],
    ["select a from t -- all\n", "select a /* one */ from t"],
    ['select "a" from `t`', "select a from [t]"],
    ["select a from t where x = 1 and y = 'B'", "select a from t where y = 'B' and x = 1"],
    [
      'select a from t where x = "B" and y in ("C", "d")',
      "select a from t where x = 'B' and y in ('C', 'd')",
    ],
    [
      "select d.a from (select a from t where b = 1) as d, s where d.a = 1",
      "select q.a from (select a from t where b = 1) q, s where q.a = 1",
    ],
    ["select a from t where x <> 1.0", "select a from t where x != 1"],
    [
      "select u.a from users as u join orders o on u.id = o.uid",
      "SELECT t1.a FROM users t1 INNER JOIN orders AS t2 ON t1.id = t2.uid",
    ],
    [
      "select a from t where x in (select x from s where p = 1 and q = 2)",
      "select a from t where x in (select x from s where q = 2 and p = 1)",
    ],
  ])("%s", (one, other) => {
    expect(matchesSql(one, other)).toBe(true);
    expect(matchesSql(other, one)).toBe(true);
  });
});

describe("another statement", () => {
  test.each([
    ["select a from t", "select b from t"],
    ["select a, b from t", "select b, a from t"],
    ["select a from t where x = 'B'", "select a from t where x = 'b'"],
    ['select a from t where x like "B%"', 'select a from t where x like "b%"'],
    [
      "select a from t where x = 1 or y = 2 and z = 3",
      "select a from t where x = 1 or z = 3 and y = 2 and z = 3",
    ],
    [
      "select a from t where x between 1 and 2 and y = 3",
      "select a from t where x between 1 and 3 and y = 2",
    ],
    ["select a.x from s a, t b", "select b.x from s a, t b"],
    ["select cast(a as text) from t", "select cast(a text) from t"],
    ["", ""],
    ["select 'a", "select 'a"],
  ])("%s", (one, other) => {
    expect(matchesSql(one, other)).toBe(false);
  });
});

test("tokens", () => {
  expect(readSql("Select 'it''s', 1.50 From \"My T\"")?.map(({ text }) => text)).toEqual([
    ...["select", "it's", ",", "1.5", "from", "my t"],
  ]);
  expect(readSql("select /* never closed")).toBeNull();
});

describe("the same rows", () => {
  test.each([
    ["in another order", [[1], [2]], [[2], [1]], false, true],
    ["in another order, where order counts", [[1], [2]], [[2], [1]], true, false],
    ["numbers within rounding, whole or not", [[0.1 + 0.2, 3n]], [[0.3, 3]], false, true],
    ["text is no number", [["1"]], [[1]], false, false],
    ["null is null", [[null]], [[null]], false, true],
    ["a row twice", [[1], [1]], [[1], [2]], false, false],
    ["columns the other way round", [[1, 2]], [[2, 1]], false, false],
    ["one column more", [[1, 2]], [[1]], false, false],
  ])("%s", (_, given, expected, inOrder, same) => {
    expect(sameRows(given, expected, inOrder)).toBe(same);
  });

  test("only a single query is run, and a reference that fails tells nothing", async () => {
    const asked: string[] = [];
    const execute = async (statement: string): Promise<QueryResult> => {
      asked.push(statement);
      return statement.includes("broken") ? { error: "no such table" } : { rows: [[1], [2]] };
    };
    expect(await executesAlike("select 2", "select 1", execute)).toBe(true);
    expect(await executesAlike("drop table t", "select 1", execute)).toBe(false);
    expect(await executesAlike("select 1; drop table t", "select 1", execute)).toBe(false);
    expect(await executesAlike("select broken", "select 1", execute)).toBe(false);
    expect(await executesAlike("select 1", "select broken", execute)).toBeNull();
    expect(asked.filter((one) => one.includes("drop"))).toEqual([]);
    expect(isOneQuery("with x as (select 1) select * from x;")).toBe(true);
  });
});
