/** @file Tests filters of runs: matches, and filters refused before any comparison. */

import { DeadlinePassed } from "@tunewise/core/untrusted";
import { expect, test } from "vitest";
import { fittingRuns, patternRefusal, readRunFilter } from "./run-filter.ts";
import type { RunValues } from "./run-values.ts";

const run = (config: unknown, tags: readonly string[] = []): RunValues => ({
  plain: {
    name: "a",
    display_name: "a run",
    state: "finished",
    username: "ada",
    created_at: "2026-11-28T10:00:00.000Z",
    heartbeat_at: "2026-11-28T11:00:00.000Z",
  },
  tags: new Map([["wandb.tags", JSON.stringify(tags)]]),
  config,
  summary: { loss: 1, "a.b": { c: [1, 2] } },
});

const fits = (filter: object, of: RunValues = run({})): boolean =>
  fittingRuns(readRunFilter(JSON.stringify(filter)), [of]).length === 1;

test.each([
  [{ "config.lr": 0.1 }, { lr: { value: 0.1 } }],
  [{ "config.lr.value": 0.1 }, { lr: { value: 0.1, desc: null } }],
  [{ "config.a.value": 3 }, { a: { value: { value: 3 } } }],
  [{ "config.a.b.c": 3 }, { "a.b": { value: { c: 3 } } }],
  [{ "config.a.b.c": 3 }, { a: { value: { "b.c": 3 } } }],
  [{ "config.list": 2 }, { list: { value: [1, 2] } }],
  [{ "config.list": [1, 2] }, { list: { value: [1, 2] } }],
  [{ "config.list": { $gt: 1 } }, { list: { value: [1, 2] } }],
  [{ "config.lr": { $ne: 1 } }, {}],
  [{ "config.lr": { $in: [null, 3] } }, {}],
  [{ "config.on": true }, { on: { value: true } }],
  [{ "summary_metrics.a.b.c": 2 }, {}],
  [{ created_at: { $gte: "2026-11-28", $lt: "2026-11-29T00" } }, {}],
  [{ display_name: { $regex: "(?i)^A" } }, {}],
])("%j fits", (filter, config) => {
  expect(fits(filter, run(config))).toBe(true);
});

test.each([
  [{ "config.lr": "0.1" }, { lr: { value: 0.1 } }],
  [{ "config.lr": { $gt: "0" } }, { lr: { value: 0.1 } }],
  [{ "config.lr": { $exists: true } }, {}],
  [{ "config.constructor": { $exists: true } }, {}],
  [{ "config.lr": { $not: { $gt: 0 } } }, { lr: { value: 0.1 } }],
  [{ $nor: [{ name: "a" }] }, {}],
  [{ tags: { $in: ["x"] } }, {}],
])("%j does not fit", (filter, config) => {
  expect(fits(filter, run(config))).toBe(false);
});

const nested = (levels: number, inside = "{}"): string =>
  `${'{"$and":['.repeat(levels)}${inside}${"]}".repeat(levels)}`;

test.each([
  ["deeper than it may be", nested(40), "A filter has at most 32 levels."],
  ["of 10,000 levels", nested(10_000), "The filters are no JSON, or nest too deep."],
  [
    "whose operators nest",
    `{"name":${'{"$not":'.repeat(40)}1${"}".repeat(41)}`,
    "A filter has at most 32 levels.",
  ],
  ["that is no JSON", "{", "The filters are no JSON, or nest too deep."],
  ["that is a list", "[]", "A filter is an object of conditions."],
  ["of an unknown field", '{"color": 1}', 'tunewise does not know "color" of a run'],
  ["with an unknown operator", '{"name": {"$where": "1"}}', 'tunewise does not know "$where" in a filter.'],
  ["with an unknown connective", '{"$expr": {}}', 'tunewise does not know "$expr" in a filter.'],
  ["with a pattern that is none", '{"name": {"$regex": "("}}', "is not a regular expression"],
  ["with a pattern that is no text", '{"name": {"$regex": 1}}', "at most 1000 letters"],
  ["with a long pattern", `{"name": {"$regex": "${"a".repeat(2000)}"}}`, "at most 1000 letters"],
  ["of many parts", `{"config.${"a.".repeat(20)}b": 1}`, "tunewise does not know"],
  ["with no list", '{"name": {"$in": 1}}', "$in takes a list."],
  ["with thousands of values", `{"name": {"$in": [${"1,".repeat(3000)}1]}}`, "takes at most 2000 values"],
  [
    "with thousands of conditions",
    `{"$and": [${`{"$or": [${'{"name":1},'.repeat(900)}{"name":1}]},`.repeat(3)}{}]}`,
    "at most 2000 conditions",
  ],
  ["that is long", `{"name": "${"a".repeat(200_001)}"}`, "A filter has at most 200000 letters."],
])("a filter %s is refused", (_, text, message) => {
  expect(() => readRunFilter(text)).toThrow(message);
});

test("a pattern that explodes is cut off", () => {
  const filter = readRunFilter(JSON.stringify({ "config.text": { $regex: "(a+)+$" } }));
  const started = performance.now();
  expect(() => fittingRuns(filter, [run({ text: { value: `${"a".repeat(60)}b` } })])).toThrow(
    "The patterns of this filter take too long",
  );
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("patterns that are slow for each part of the runs have a limit in all", () => {
  const filter = readRunFilter(JSON.stringify({ "config.text": { $regex: "^(a|a)*$" } }));
  const slow = run({ text: { value: `${"a".repeat(17)}b` } });
  const ask = (): void => {
    for (let part = 0; part < 100_000; part++) fittingRuns(filter, [slow]);
  };
  const started = performance.now();
  expect(ask).toThrow("The patterns of this filter take too long");
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a pattern whose compilation was cut off is not called invalid", () => {
  expect(patternRefusal("^run", new DeadlinePassed(0.1)).message).toMatch(/deadline of 0.1 s.*try again/);
});
