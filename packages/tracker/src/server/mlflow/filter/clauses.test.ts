/** @file Tests ordinary and malicious filters and orders. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HttpError } from "../../../http/index.ts";
import { type Clause, readClauses, readOrderItem } from "./clauses.ts";

const one = (text: string): Clause | undefined => readClauses(text)[0];

describe("what is read", () => {
  test.each<[text: string, clause: Clause]>([
    ["metrics.loss < 1", { entity: "metrics", key: "loss", comparison: "<", values: [1] }],
    ["metrics.loss<=-1.5e-3", { entity: "metrics", key: "loss", comparison: "<=", values: [-0.0015] }],
    ["metrics.loss >= .5", { entity: "metrics", key: "loss", comparison: ">=", values: [0.5] }],
    ["metrics.loss > +2E3", { entity: "metrics", key: "loss", comparison: ">", values: [2000] }],
    ["name = 'a'", { entity: null, key: "name", comparison: "=", values: ["a"] }],
    ['name != "it\'s"', { entity: null, key: "name", comparison: "!=", values: ["it's"] }],
    ["name = 'it''s'", { entity: null, key: "name", comparison: "=", values: ["it's"] }],
    ["name = ''", { entity: null, key: "name", comparison: "=", values: [""] }],
    ["name = 'a = b AND c'", { entity: null, key: "name", comparison: "=", values: ["a = b AND c"] }],
    ["tags.mlflow.user = 'x'", { entity: "tags", key: "mlflow.user", comparison: "=", values: ["x"] }],
    ["tags.`a b.c` = 'x'", { entity: "tags", key: "a b.c", comparison: "=", values: ["x"] }],
    ["tags.\"a = 1\" = 'x'", { entity: "tags", key: "a = 1", comparison: "=", values: ["x"] }],
    ["tags.`a``b` = 'x'", { entity: "tags", key: "a`b", comparison: "=", values: ["x"] }],
    ["`tags`.`k` = 'x'", { entity: "tags", key: "k", comparison: "=", values: ["x"] }],
    ["metrics.val/loss:1-2 = 3", { entity: "metrics", key: "val/loss:1-2", comparison: "=", values: [3] }],
    ["metrics.`@5` = 3", { entity: "metrics", key: "@5", comparison: "=", values: [3] }],
    ["3d_loss = 1", { entity: null, key: "3d_loss", comparison: "=", values: [1] }],
    ["params.a like '%b%'", { entity: "params", key: "a", comparison: "LIKE", values: ["%b%"] }],
    ["params.a ILike 'B_'", { entity: "params", key: "a", comparison: "ILIKE", values: ["B_"] }],
    ["params.a is null", { entity: "params", key: "a", comparison: "IS NULL", values: [] }],
    ["params.a IS NOT NULL", { entity: "params", key: "a", comparison: "IS NOT NULL", values: [] }],
    ["run_id IN ('a')", { entity: null, key: "run_id", comparison: "IN", values: ["a"] }],
    ["run_id in ('a' ,\n'b',)", { entity: null, key: "run_id", comparison: "IN", values: ["a", "b"] }],
    ["run_id NOT IN ('a','b')", { entity: null, key: "run_id", comparison: "NOT IN", values: ["a", "b"] }],
    ["params.like LIKE 'in'", { entity: "params", key: "like", comparison: "LIKE", values: ["in"] }],
    ["params.漢字 = 'ü'", { entity: "params", key: "漢字", comparison: "=", values: ["ü"] }],
    [
      "tags.a = '; DROP TABLE runs --'",
      { entity: "tags", key: "a", comparison: "=", values: ["; DROP TABLE runs --"] },
    ],
  ])("%s", (text, clause) => {
    expect(readClauses(text)).toEqual([clause]);
    expect(readClauses(`  ${text}\t`)).toEqual([clause]);
  });

  test("clauses joined by AND, in any case", () => {
    const clauses = readClauses("a = 1 AND b = 2 and params.`and` = 'AND' And c IS NULL");
    expect(clauses.map(({ key }) => key)).toEqual(["a", "b", "and", "c"]);
  });

  test.each(["", "   ", "\n\t"])("nothing in %j", (text) => expect(readClauses(text)).toEqual([]));
});

describe("what is refused", () => {
  test.each([
    ["a = 1 OR b = 2", "AND was expected at letter 7"],
    ["a = 1 b = 2", "AND was expected at letter 7"],
    ["a = 1 AND", "a name was expected at the end"],
    ["AND a = 1", "a comparison was expected at letter 5"],
    ["(a = 1)", "a name was expected at letter 1"],
    ["NOT a = 1", "a comparison was expected at letter 5"],
    ["a", "a comparison was expected at the end"],
    ["a =", "a value in quotes or a number was expected at the end"],
    ["a = b", "a value in quotes or a number was expected at letter 5"],
    ["a = `b`", "a value in quotes or a number was expected at letter 5"],
    ["a = tags.b", "a value in quotes or a number was expected at letter 5"],
    ["a == 1", "a value in quotes or a number was expected at letter 4"],
    ["a <> 1", "a value in quotes or a number was expected at letter 4"],
    ["a ! 1", "'!' at letter 3"],
    ["1 = a", "a name was expected at letter 1"],
    ["'a' = 'b'", "a name was expected at letter 1"],
    ["a = 'b", "the quote at letter 5 is not closed"],
    ["a = 'b'' ", "the quote at letter 5 is not closed"],
    ["a.`b = 1", "the quote at letter 3 is not closed"],
    ["a. = 1", "a name was expected at letter 3"],
    ["a.", "a name was expected at letter 3"],
    [".a = 1", "a name was expected at letter 1"],
    ["a = 1.2.3", "'1.2.3' is no number"],
    ["a = 1e", "'1e' is no number"],
    ["a = 1e999", "'1e999' is no number"],
    ["a IN ()", "a value in quotes or a number was expected at letter 7"],
    ["a IN 'b'", "a list in brackets was expected at letter 6"],
    ["a IN ('b' 'c')", "a comma was expected at letter 11"],
    ["a IN ('b'", "a comma was expected at the end"],
    ["a IN ('b',", "a value in quotes or a number was expected at the end"],
    ["a IN (('b'))", "a value in quotes or a number was expected at letter 7"],
    ["a IS 'b'", "a comparison was expected at letter 3"],
    ["a NOT LIKE 'b'", "a comparison was expected at letter 3"],
    ["a = 'b'; DROP TABLE runs", "AND was expected at letter 8"],
    ["a = 'b' -- c", "AND was expected at letter 9"],
    ["a = 'b' UNION SELECT 1", "AND was expected at letter 9"],
    ["a = 'b\0c'", "it holds a NUL letter"],
  ])("%s", (text, why) => {
    expect(() => readClauses(text)).toThrow(why);
    expect(() => readClauses(text)).toThrow(HttpError);
  });

  test("too much of anything", () => {
    const many = (count: number, item: string, by: string): string => Array(count).fill(item).join(by);
    expect(readClauses(many(100, "a = 1", " AND "))).toHaveLength(100);
    expect(() => readClauses(many(101, "a = 1", " AND "))).toThrow("more than 100");
    expect(one(`a IN (${many(5000, "'b'", ",")})`)?.values).toHaveLength(5000);
    expect(() => readClauses(`a IN (${many(5001, "'b'", ",")})`)).toThrow("more than 5000 values");
    expect(() => readClauses(`a = '${"b".repeat(100_000)}'`)).toThrow("100000 letters");
  });
});

test("whatever comes in, an answer comes out, and an error is MLflow's", () => {
  const pieces = fc.constantFrom(
    "'",
    '"',
    "`",
    ".",
    "(",
    ")",
    ",",
    "=",
    "!",
    "<",
    " ",
    "AND",
    "IN",
    "a",
    "1",
    "-",
    "\\",
    "%",
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 40 }).map((list) => list.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        readClauses(text);
        readOrderItem(text);
      } catch (error) {
        expect(error).toBeInstanceOf(HttpError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("any key and any value come through in quotes", () => {
  const text = fc.string().filter((letters) => !letters.includes("\0"));
  fc.assert(
    fc.property(text, text, (key, value) => {
      const filter = `tags.\`${key.replaceAll("`", "``")}\` = '${value.replaceAll("'", "''")}'`;
      expect(readClauses(filter)).toEqual([{ entity: "tags", key, comparison: "=", values: [value] }]);
    }),
  );
});

test.each([
  ["quotes", "'".repeat(99_000)],
  ["doubled quotes", `a = '${"''".repeat(49_000)}`],
  ["backticks", "`".repeat(99_000)],
  ["brackets", `a IN ${"(".repeat(99_000)}`],
  ["spaces", " ".repeat(99_999)],
  ["dots", "a.".repeat(49_000)],
  ["digits", "1".repeat(99_000)],
  ["exponents", `a = ${"1e".repeat(49_000)}`],
  ["signs", "=".repeat(99_000)],
  ["words", "a ".repeat(49_000)],
])("a hundred thousand letters of %s take no time", (_, text) => {
  const from = performance.now();
  try {
    readClauses(text);
  } catch (error) {
    expect(error).toBeInstanceOf(HttpError);
    expect((error as Error).message.length).toBeLessThan(300);
  }
  expect(performance.now() - from).toBeLessThan(5_000); // quadratic time would take minutes
});

describe("orders", () => {
  test.each([
    ["metrics.loss", { entity: "metrics", key: "loss", ascending: true }],
    ["metrics.`val loss` desc", { entity: "metrics", key: "val loss", ascending: false }],
    ["start_time ASC", { entity: null, key: "start_time", ascending: true }],
    ['"Run Name" DESC', { entity: null, key: "Run Name", ascending: false }],
    ["params.desc DESC", { entity: "params", key: "desc", ascending: false }],
  ])("%s", (text, item) => expect(readOrderItem(text)).toEqual(item));

  test.each(["", "a b", "a ASC DESC", "a, b", "'a' DESC", "1", "a DESC; DROP", "DESC = 1", "a NULLS LAST"])(
    "%j is none",
    (text) => expect(() => readOrderItem(text)).toThrow(HttpError),
  );
});
