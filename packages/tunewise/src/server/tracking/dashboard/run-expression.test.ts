/** @file Tests the page's filters: allowed comparisons, and names of columns. */

import { HttpError } from "@tunewise/tracker/http";
import { describe, expect, test } from "vitest";
import { readRunExpression } from "./run-expression.ts";
import { columnOf, nameOfColumn } from "./table-columns.ts";

const attribute = (name: string) => ({ of: "attribute", name });

describe("comparisons", () => {
  test.each([
    ["metric.a > 1", { of: "metric", key: "a" }, ">", [1]],
    ["metrics.a = '1.5'", { of: "metric", key: "a" }, "=", [1.5]],
    ["metrics.a IN (1, 2)", { of: "metric", key: "a" }, "IN", [1, 2]],
    ["metrics.a IS NULL", { of: "metric", key: "a" }, "IS NULL", []],
    ["params.lr < 0.001", { of: "param", key: "lr" }, "<", [0.001]],
    ["parameter.lr = '0.001'", { of: "param", key: "lr" }, "=", ["0.001"]],
    ["tags.a NOT IN ('x', 'y')", { of: "tag", key: "a" }, "NOT IN", ["x", "y"]],
    ["name LIKE 'a%'", attribute("name"), "LIKE", ["a%"]],
    ["attributes.`Run name` != 'a'", attribute("name"), "!=", ["a"]],
    ["user_id = 'ada'", attribute("person"), "=", ["ada"]],
    ["spent >= 1.92", attribute("spent"), ">=", [1.92]],
    ["created > '2026-11-28'", attribute("start_time"), ">", [Date.UTC(2026, 10, 28)]],
    ["end_time <= '2026-11-28T10:00:00Z'", attribute("end_time"), "<=", [Date.UTC(2026, 10, 28, 10)]],
    ["start_time < 1700000000000", attribute("start_time"), "<", [1.7e12]],
    ["status = 'completed'", attribute("status"), "IN", ["completed"]],
    ["status != 'FINISHED'", attribute("status"), "NOT IN", ["completed"]],
    ["status IN ('FAILED', 'stopped')", attribute("status"), "IN", ["crashed", "failed", "stopped"]],
    ["status LIKE 'st%'", attribute("status"), "LIKE", ["st%"]],
    ["dataset.name = 'd'", { of: "dataset", property: "name" }, "=", ["d"]],
  ])("%s", (text, field, comparison, values) => {
    expect(readRunExpression(text)).toEqual({ field, comparison, values });
  });

  test.each([
    ["metrics.a LIKE '1'", "LIKE does not compare numbers"],
    ["metrics.a = 'x'", "a number is expected for a, not 'x'"],
    ["params.a < '1'", "< does not compare texts, such as a; numbers stand without quotes"],
    ["params.a IN ('1', 2)", "a text in quotes is expected for a, not 2"],
    ["params.a IN (2, 'x')", "a number is expected for a, not 'x'"],
    ["name = 1", "a text in quotes is expected for name, not 1"],
    ["start_time > 'soon'", "a time is expected for start_time"],
    ["start_time > 1.5", "a time is expected for start_time"],
    ["nothing.a = 1", "nothing is none of metrics, params"],
    ["constructor.a = 1", "constructor is none of"],
    ["toString = 'x'", "There is no attribute toString; there are run_id, name"],
    ["attributes.fingerprint = 'x'", "There is no attribute fingerprint"],
    ["dataset.source = 'x'", "and no source"],
    ["curve.a = 1", "curve is none of"],
  ])("%s is refused", (text, why) => {
    expect(() => readRunExpression(text)).toThrow(why);
    expect(() => readRunExpression(text)).toThrow(HttpError);
  });

  test("nothing is no expression", () => expect(readRunExpression(" ")).toBeNull());

  test("they are joined as they were written", () => {
    const one = { field: { of: "metric", key: "a" }, comparison: "<", values: [1] };
    expect(readRunExpression("not (metrics.a < 1 or metrics.a < 1) and metrics.a < 1")).toEqual({
      all: [{ not: { any: [one, one] } }, one],
    });
  });
});

describe("columns", () => {
  test.each([
    ["metrics.eval/loss", { of: "metric", key: "eval/loss" }],
    ["metrics.a.b", { of: "metric", key: "a.b" }],
    ["params.`x`", { of: "param", key: "`x`" }],
    ["tags.'; DROP TABLE runs; --", { of: "tag", key: "'; DROP TABLE runs; --" }],
    ["metrics.😀", { of: "metric", key: "😀" }],
    ["curve.loss", { of: "curve", key: "loss" }],
    ["attributes.waste", attribute("waste")],
  ])("%s", (name, column) => {
    expect(columnOf(name)).toEqual(column);
    expect(nameOfColumn(columnOf(name))).toBe(name);
  });

  test("other names of the same", () => {
    expect(["run_name", "attr.name", "run.Run name"].map((name) => nameOfColumn(columnOf(name)))).toEqual(
      Array(3).fill("attributes.name"),
    );
  });

  test.each(["dataset.name", "nothing.x", "nothing", "__proto__", "attributes.__proto__", "attributes."])(
    "%s is none",
    (name) => expect(() => columnOf(name)).toThrow(HttpError),
  );
});
