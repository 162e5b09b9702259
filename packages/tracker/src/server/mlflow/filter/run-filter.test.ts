/** @file Tests filters of runs and experiments as conditions on the store. */

import { describe, expect, test } from "vitest";
import { HttpError } from "../../../http/index.ts";
import { readExperimentFilter, readExperimentOrder } from "./experiment-filter.ts";
import { readRunFilter, readRunOrder } from "./run-filter.ts";

const started = { of: "run", column: "started_ms" };

describe("runs", () => {
  test.each([
    ["metric.a > 1", { of: "metric", key: "a" }],
    ["metrics.a > 1", { of: "metric", key: "a" }],
    ["param.a = '1'", { of: "param", key: "a" }],
    ["params.a = '1'", { of: "param", key: "a" }],
    ["parameter.a = '1'", { of: "param", key: "a" }],
    ["parameters.a = '1'", { of: "param", key: "a" }],
    ["tag.a = '1'", { of: "tag", key: "a" }],
    ["tags.a IS NULL", { of: "tag", key: "a" }],
    ["attribute.start_time > 1", started],
    ["attributes.start_time > 1", started],
    ["attr.created > 1", started],
    ["run.Created > 1", started],
    ["end_time <= 1", { of: "run", column: "ended_ms" }],
    ["\"run name\" = 'a'", { of: "run", column: "name" }],
    ["attributes.`Run name` = 'a'", { of: "run", column: "name" }],
    ["user_id ILIKE 'a'", { of: "run", column: "person" }],
    ["run_id NOT IN ('a', 'b')", { of: "run", column: "id" }],
    ["dataset.name LIKE 'a'", { of: "dataset", property: "name" }],
    ["datasets.digest IN ('a')", { of: "dataset", property: "digest" }],
    ["dataset.context != 'a'", { of: "dataset", property: "context" }],
  ])("%s", (text, field) => expect(readRunFilter(text)[0]?.field).toEqual(field));

  test.each([
    ["status = 'FINISHED'", ["completed"]],
    [
      "status != 'RUNNING'",
      ["scheduled", "completed", "failed", "crashed", "stopped", "interrupted", "killed"],
    ],
    ["status IN ('KILLED', 'SCHEDULED')", ["scheduled", "stopped", "interrupted", "killed"]],
    ["status NOT IN ('KILLED', 'SCHEDULED', 'RUNNING', 'FINISHED')", ["crashed", "failed"]],
    ["status LIKE 'F%'", ["completed", "crashed", "failed"]],
    ["status LIKE 'f%'", []],
    ["status ILIKE '%nning'", ["running"]],
    ["status LIKE '_________'", ["scheduled"]],
    ["status = 'completed'", []],
    [`status LIKE '${"%I".repeat(500)}'`, []],
  ])("%s", (text, states) => {
    const [condition] = readRunFilter(text);
    expect(condition?.comparison).toBe("IN");
    expect(condition?.values.filter((value) => value !== "").toSorted()).toEqual(states.toSorted());
  });

  test.each([
    ["metrics.a = '1'", "Expected numeric value type for metrics 'a'"],
    ["metrics.a LIKE 1", "Invalid comparator 'LIKE'"],
    ["metrics.a IS NULL", "Invalid comparator 'IS NULL'"],
    ["params.a = 1", "Expected a quoted string value for params 'a'"],
    ["params.a < '1'", "Invalid comparator '<'"],
    ["tags.a IN ('1')", "Invalid comparator 'IN'"],
    ["run_name < 'a'", "Invalid comparator '<'"],
    ["start_time = '1'", "Expected numeric value type"],
    ["start_time = 1.5", "whole number of milliseconds"],
    ["nothing.a = '1'", "Invalid entity type 'nothing'"],
    ["constructor.a = '1'", "Invalid entity type 'constructor'"],
    ["nothing = '1'", "Invalid attribute key 'nothing'"],
    ["toString = '1'", "Invalid attribute key 'toString'"],
    ["attributes.artifact_uri = 'file:///etc'", "Invalid attribute key 'artifact_uri'"],
    ["dataset.source = 'a'", "Invalid dataset key 'source'"],
  ])("%s is refused", (text, why) => {
    expect(() => readRunFilter(text)).toThrow(why);
    expect(() => readRunFilter(text)).toThrow(HttpError);
  });

  test("orders", () => {
    expect(readRunOrder(["metrics.a DESC", "Created"])).toEqual([
      { field: { of: "metric", key: "a" }, ascending: false },
      { field: started, ascending: true },
    ]);
    expect(() => readRunOrder(["nothing.a"])).toThrow("Invalid entity type");
    expect(() => readRunOrder(Array(21).fill("run_id"))).toThrow("20 items");
  });
});

describe("experiments", () => {
  test.each([
    ["name LIKE 'a%'", { field: { of: "project", column: "name" }, comparison: "LIKE", values: ["a%"] }],
    [
      "attribute.creation_time > 5",
      { field: { of: "project", column: "created_ms" }, comparison: ">", values: [5] },
    ],
    [
      "last_update_time != 5",
      { field: { of: "project", column: "changed_ms" }, comparison: "!=", values: [5] },
    ],
    ["tags.`a b` ILIKE 'x'", { field: { of: "tag", key: "a b" }, comparison: "ILIKE", values: ["x"] }],
    ["tag.a IS NOT NULL", { field: { of: "tag", key: "a" }, comparison: "IS NOT NULL", values: [] }],
  ])("%s", (text, condition) => expect(readExperimentFilter(text)).toEqual([condition]));

  test.each([
    ["metrics.a = 1", "Invalid entity type 'metrics'"],
    ["experiment_id = '1'", "Invalid attribute key 'experiment_id'"],
    ["name > 'a'", "Invalid comparator '>'"],
    ["name = 1", "Expected a quoted string value"],
    ["creation_time = 'a'", "Expected a number"],
    ["creation_time = 0.5", "whole number of milliseconds"],
    ["tags.a < 'b'", "Invalid comparator '<'"],
  ])("%s is refused", (text, why) => expect(() => readExperimentFilter(text)).toThrow(why));

  test("orders", () => {
    expect(readExperimentOrder([])).toEqual([
      { column: "created_ms", ascending: false },
      { column: "number", ascending: true },
    ]);
    expect(readExperimentOrder(["name DESC"])).toEqual([{ column: "name", ascending: false }]);
    expect(() => readExperimentOrder(["tags.a"])).toThrow("Invalid order_by entity");
    expect(() => readExperimentOrder(Array(21).fill("name"))).toThrow("20 items");
  });
});
