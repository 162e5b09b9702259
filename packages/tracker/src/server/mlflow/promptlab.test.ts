/** Tests the run that MLflow's prompt lab creates for a prompt. */
import { expect, test } from "vitest";
import { serveTest, type TestTracking } from "../../../../../test/support/tracking-server.ts";

const whole = {
  experiment_id: "0",
  run_name: "try",
  prompt_template: "Say {{ word }}.",
  prompt_parameters: [{ key: "word", value: "hello" }],
  model_route: "a-model",
  model_parameters: [{ key: "temperature", value: 0.1 }],
  model_input: "Say hello.",
  model_output: "hello",
  model_output_parameters: [{ key: "latency", value: "100" }],
  mlflow_version: "3.0.0",
  user_id: "ada",
  start_time: 456,
};

const ask = ({ url }: TestTracking, body: object): Promise<Response> =>
  fetch(`${url}/ajax-api/2.0/mlflow/runs/create-promptlab-run`, {
    method: "POST",
    body: JSON.stringify(body),
  });

test("is a run with its parameters, ended, and a table", async () => {
  const server = await serveTest();
  const made = await ask(server, whole);
  expect(made.status).toBe(200);
  const { run } = (await made.json()) as { run: { info: Record<string, unknown>; data: object } };
  expect(run.info).toMatchObject({
    run_name: "try",
    user_id: "ada",
    status: "FINISHED",
    start_time: 456,
    experiment_id: "0",
  });
  expect(run.data).toMatchObject({
    params: [
      { key: "model_route", value: "a-model" },
      { key: "prompt_template", value: "Say {{ word }}." },
      { key: "temperature", value: "0.1" },
    ],
    tags: expect.arrayContaining([
      { key: "mlflow.runSourceType", value: "PROMPT_ENGINEERING" },
      { key: "mlflow.loggedArtifacts", value: '[{"path": "eval_results_table.json", "type": "table"}]' },
    ]),
  });
  const file = await fetch(
    `${server.url}/get-artifact?run_id=${run.info["run_id"]}&path=eval_results_table.json`,
  );
  expect(await file.json()).toEqual({
    columns: ["word", "prompt", "output", "latency"],
    data: [["hello", "Say hello.", "hello", "100"]],
  });
});

test("an experiment whose files lie elsewhere gets no table", async () => {
  const server = await serveTest({ allowed: ["s3://team"] });
  const created = await fetch(`${server.url}/api/2.0/mlflow/experiments/create`, {
    method: "POST",
    body: JSON.stringify({ name: "x", artifact_location: "s3://team/x" }),
  });
  const { experiment_id } = (await created.json()) as { experiment_id: string };
  const made = await ask(server, { ...whole, experiment_id });
  expect(made.status).toBe(200);
  expect(await made.text()).not.toContain("loggedArtifacts");
  expect(server.failures).toEqual([]);
});

test.each([
  "experiment_id",
  "prompt_template",
  "prompt_parameters",
  "model_route",
  "model_input",
  "mlflow_version",
])("needs %s", async (name) => {
  const server = await serveTest();
  for (const value of [undefined, null, "", []]) {
    const answer = await ask(server, { ...whole, [name]: value });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      {
        error_code: "INVALID_PARAMETER_VALUE",
        message: `CreatePromptlabRun request must specify ${name}.`,
      },
    ]);
  }
});

test.each([
  { prompt_parameters: [{ key: "../x", value: "" }] },
  { prompt_parameters: [7] },
  { model_parameters: Array(101).fill({ key: "a", value: "" }) },
  { model_output: { a: 1 } },
  { model_input: "\0" },
])("refuses %j and makes no run", async (change) => {
  const server = await serveTest();
  expect((await ask(server, { ...whole, ...change })).status).toBe(400);
  const found = await fetch(`${server.url}/api/2.0/mlflow/runs/search`, {
    method: "POST",
    body: JSON.stringify({ experiment_ids: ["0"] }),
  });
  expect(await found.json()).toEqual({ runs: [] });
});
