import { expect, test } from "vitest";
import { jsonText } from "./json.ts";

const print = (body: Record<string, unknown>): unknown => JSON.parse(jsonText(body));

test("a key in camelCase has a twin in snake_case, whose contents are in snake_case alone", () => {
  const body = { run: { wallSeconds: 3, byHost: [{ gpuCount: 1 }] }, runIds: ["aB"] };
  expect(print(body)).toEqual({
    format_version: 1,
    run: { wall_seconds: 3, wallSeconds: 3, by_host: [{ gpu_count: 1 }], byHost: [{ gpuCount: 1 }] },
    run_ids: ["aB"],
    runIds: ["aB"],
  });
});

test("names of a user, a client or a data set stay as they came", () => {
  const body = {
    metrics: { valLoss: 1 },
    tags: { myTag: "x" },
    planBasis: { params: { learningRate: 1 } },
    "Lost card": 1,
    F1: 2,
    "eval/lossMean": 3,
    metricsShown: [{ lastStep: 2 }],
  };
  expect(print(body)).toEqual({
    format_version: 1,
    ...body,
    plan_basis: { params: { learningRate: 1 } },
    metrics_shown: [{ last_step: 2 }],
  });
});

test("a key that is there in snake_case already is not overwritten", () => {
  expect(print({ run_id: "a", runId: "b" })).toEqual({ format_version: 1, run_id: "a", runId: "b" });
});

test("dates and numbers without a JSON form are printed as JSON prints them", () => {
  expect(print({ at: new Date(0), loss: Number.NaN })).toEqual({
    format_version: 1,
    at: "1970-01-01T00:00:00.000Z",
    loss: null,
  });
});
