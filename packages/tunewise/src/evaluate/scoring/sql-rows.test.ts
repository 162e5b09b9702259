import { describe, expect, test } from "vitest";
import { hasSameResult, isOneQuery, type QueryResult, type ResultValue, sameRows } from "./sql-rows.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("the same rows", () => {
  test.each<[string, ResultValue[][], ResultValue[][], boolean, boolean]>([
    ["in another order", [[1], [2]], [[2], [1]], false, true],
    ["in another order, where order counts", [[1], [2]], [[2], [1]], true, false],
    ["in the same order, where order counts", [[2], [1]], [[2], [1]], true, true],
    ["numbers within rounding, whole or not", [[0.1 + 0.2, 3n]], [[0.3, 3]], false, true],
    ["near 0 a billionth is rounding", [[1e-9]], [[0]], false, true],
    ["and two are not", [[2e-9]], [[0]], false, false],
    [
      "large sums differ by a billionth of themselves",
      [[2_000_000_000.5]],
      [[2_000_000_001.25]],
      false,
      true,
    ],
    ["and not by two", [[2_000_000_000.5]], [[2_000_000_004.75]], false, false],
    ["below 0 as above", [[-2_000_000_000.5]], [[-2_000_000_001.25]], false, true],
    ["whole numbers are not rounded: these are two ids", [[1_700_000_001]], [[1_700_000_002]], false, false],
    ["nor are they beyond 2^53", [[2n ** 60n]], [[2n ** 60n + 1n]], false, false],
    [
      "large ids in another order",
      [[1_700_000_001], [1_700_000_002]],
      [[1_700_000_002], [1_700_000_001]],
      false,
      true,
    ],
    [
      "but sums of fractions are, also where too large to show one",
      [[2 ** 60]],
      [[2 ** 60 + 256]],
      false,
      true,
    ],
    ["also beyond 2^53", [[2n ** 60n], [2n ** 60n + 1n]], [[2n ** 60n + 1n], [2n ** 60n]], false, true],
    [
      "more than any number is itself",
      [[Number.POSITIVE_INFINITY]],
      [[Number.POSITIVE_INFINITY]],
      false,
      true,
    ],
    ["true is 1, as databases without truth values have it", [[true, false]], [[1, 0n]], false, true],
    ["text is no number", [["1"]], [[1]], false, false],
    ["null is null", [[null]], [[null]], false, true],
    ["null is not its name", [[null]], [["null"]], false, false],
    ["null is not 0", [[null]], [[0]], false, false],
    ["bytes by value", [[bytes(1, 2)]], [[bytes(1, 2)]], false, true],
    ["other bytes", [[bytes(1, 2)]], [[bytes(1, 3)]], false, false],
    ["bytes are not their text", [[bytes(1)]], [["01"]], false, false],
    ["a row twice", [[1], [1]], [[1], [2]], false, false],
    ["a row more", [[1], [1]], [[1]], false, false],
    ["a row less", [[1]], [[1], [1]], false, false],
    ["another value in a later column", [[1, 2, 3]], [[1, 4, 3]], false, false],
    ["another value in an earlier one", [[1, 2]], [[3, 2]], true, false],
    ["columns the other way round", [[1, 2]], [[2, 1]], false, false],
    ["one column more", [[1, 2]], [[1]], false, false],
    ["one column less", [[1]], [[1, 2]], false, false],
    ["a null column more", [[1, null]], [[1]], false, false],
    ["no rows", [], [], false, true],
    [
      "sums that differ by rounding stand in one place beside the rows they tie with",
      [
        [1.000000004999, "z"],
        [1.000000004999, "b"],
      ],
      [
        [1.000000005001, "b"],
        [1.000000004999, "z"],
      ],
      ...([false, true] as const),
    ],
    [
      "values of all kinds in another order",
      [[null], ["a"], [2], [bytes(7)], ["b"], [1.5]],
      [["b"], [1.5], [bytes(7)], [null], [2], ["a"]],
      ...([false, true] as const),
    ],
    ["texts that only seem alike when joined", [["a\u0000", "b"]], [["a", "\u0000b"]], false, false],
  ])("%s", (_, given, expected, inOrder, same) => {
    expect(sameRows(given, expected, inOrder)).toBe(same);
    expect(sameRows(expected, given, inOrder)).toBe(same);
  });
});

describe("an answer that is run", () => {
  /** Records statements and returns the same rows; in reverse order if the statement contains "reversed". */
  const runner = () => {
    const asked: string[] = [];
    const execute = async (statement: string): Promise<QueryResult> => {
      asked.push(statement);
      if (statement.includes("broken")) return { error: "no such table" };
      return { rows: statement.includes("reversed") ? [[2], [1]] : [[1], [2]] };
    };
    return { asked, execute };
  };

  test.each<[string, string, string, boolean | null]>([
    ["the same rows", "select 2", "select 1", true],
    ["in a fence", "```sql\nselect 2\n```", "select 1", true],
    ["in another order", "select reversed", "select 1", true],
    ["where an order was asked for", "select reversed", "select 1 order by a", false],
    ["ordered inside brackets alone", "select reversed", "select 1 from (select a from t order by a)", true],
    ["ordered behind brackets", "select reversed", "select (1), (2) order by a", false],
    [
      "ordered behind a text that is a bracket",
      "select reversed",
      "select '(', ')', ')' from t order by a",
      false,
    ],
    ["grouped", "select reversed", "select a from t group by a", true],
    ["a column that is called order, at the end", "select reversed", 'select a "order"', true],
    [
      "a text that is called order beside a name that is called by",
      "select reversed",
      `select 'order' "by"`,
      true,
    ],
    ["a column that is called order", "select reversed", 'select "order" from t', true],
    ["a text that is called order", "select reversed", "select 'order' from t", true],
    ["a statement that fails", "select broken", "select 1", false],
    ["a reference that fails tells nothing", "select 1", "select broken", null],
  ])("%s", async (_, answer, reference, same) => {
    expect(await hasSameResult(answer, reference, runner().execute)).toBe(same);
  });

  test("what is no single query is never run", async () => {
    const { asked, execute } = runner();
    for (const answer of ["drop table t", "select 1; drop table t", "", "delete from t", "select 'a"]) {
      expect(await hasSameResult(answer, "select 1", execute), answer).toBe(false);
    }
    expect(new Set(asked)).toEqual(new Set(["select 1"]));
  });

  test.each([
    ["with x as (select 1) select * from x;", true],
    ["SELECT ';'", true],
    ["select 1; select 2", false],
    ["explain select 1", false],
    ["", false],
    ["select /* open", false],
  ])("%s: one query %s", (text, is) => {
    expect(isOneQuery(text)).toBe(is);
  });
});
