/** @file Tests traces over HTTP, on each database, in both versions of MLflow's protocol. */
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../../../test/support/store-places.ts";
import { traceFields } from "../../../../../../test/support/team-server.ts";
import { serveTest } from "../../../../../../test/support/tracking-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are compared with what is expected of them
type Json = any;

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function server() {
    const { url, failures, context } = await serveTest({ store: await make() });
    const ask = async (
      method: string,
      path: string,
      body?: unknown,
    ): Promise<{ status: number; body: Json }> => {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const response = await fetch(`${url}/api/${path}`, init);
      return { status: response.status, body: await response.json() };
    };
    const keep = (id: string, info: object = {}, project = 0): Promise<{ status: number; body: Json }> => {
      const { trace_info } = traceFields(id, project).trace;
      return ask("POST", "3.0/mlflow/traces", { trace: { trace_info: { ...trace_info, ...info } } });
    };
    const search = async (filter = "", more: object = {}): Promise<string[]> => {
      const locations = [{ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } }];
      const { status, body } = await ask("POST", "3.0/mlflow/traces/search", { locations, filter, ...more });
      expect([filter, status, body.message]).toEqual([filter, 200, undefined]);
      return body.traces.map((trace: { trace_id: string }) => trace.trace_id);
    };
    return { url, context, failures, ask, keep, search };
  }

  it("a trace is kept, read and brought up to date, and its spans are a file", async () => {
    const { url, ask, keep, failures } = await server();
    const info = {
      trace_id: "tr-1",
      state: "OK",
      request_time: "2026-01-31T12:00:00.500Z",
      execution_duration: "1.25s",
      trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } },
      request_preview: "secret",
      trace_metadata: { secret: "secret" },
      assessments: [],
      tags: { k: "secret", "mlflow.artifactLocation": "mlflow-artifacts:/0/traces/tr-1/artifacts" },
    };
    expect(await keep("tr-1")).toEqual({ status: 200, body: { trace: { trace_info: info } } });
    const again = await keep("tr-1", {
      state: "ERROR",
      tags: { more: "x", "mlflow.artifactLocation": "s3://evil" },
    });
    expect(again.body.trace.trace_info).toEqual({
      ...info,
      state: "ERROR",
      tags: { ...info.tags, more: "x" },
    });
    const { body } = await ask("GET", "3.0/mlflow/traces/tr-1");
    expect(body).toEqual(again.body);
    const file = `${url}/api/2.0/mlflow-artifacts/artifacts/0/traces/tr-1/artifacts/traces.json`;
    expect((await fetch(file, { method: "PUT", body: '{"spans":[]}' })).status).toBe(200);
    expect(
      await (await fetch(`${url}/ajax-api/3.0/mlflow/get-trace-artifact?request_id=tr-1`)).json(),
    ).toEqual({
      spans: [],
    });
    const stray = file.replace("tr-1", "tr-2");
    expect((await fetch(stray, { method: "PUT", body: "{}" })).status).toBe(404);
    expect((await fetch(file.replace("/0/", "/7/"), { method: "PUT", body: "{}" })).status).toBe(400);
    expect((await keep("tr-1", {}, 99)).status).toBe(404);
    expect((await ask("GET", "3.0/mlflow/traces/none")).body.message).toBe("Trace with ID 'none' not found.");
    expect(failures).toEqual([]);
  });

  it("filters, orders and pages", async () => {
    const { ask, keep, search, failures } = await server();
    const made = await ask("POST", "2.0/mlflow/runs/create", { experiment_id: "0" });
    const run = made.body.run.info.run_id;
    await keep("tr-a", { tags: { "mlflow.traceName": "answer", color: "red" }, execution_duration: "2s" });
    await keep("tr-b", { request_time: "2026-02-01T00:00:00Z", trace_metadata: { "mlflow.sourceRun": run } });
    await keep("tr-c", { request_time: "2026-02-02T00:00:00Z", state: "ERROR", execution_duration: null });
    await ask("POST", "2.0/mlflow/traces/link-to-run", { run_id: run, trace_ids: ["tr-c"] });
    expect(await search()).toEqual(["tr-c", "tr-b", "tr-a"]);
    expect(await search("attributes.status = 'ERROR'")).toEqual(["tr-c"]);
    expect(await search("trace.name LIKE 'ans%' AND tags.color = 'red'")).toEqual(["tr-a"]);
    expect(await search("tag.color IS NULL")).toEqual(["tr-c", "tr-b"]);
    expect(await search(`attributes.run_id = '${run}'`)).toEqual(["tr-c", "tr-b"]);
    expect(await search("attributes.execution_time_ms >= 2000")).toEqual(["tr-a"]);
    expect(await search("attributes.end_time > 1769904000000")).toEqual(["tr-b"]);
    expect(await search("metadata.`mlflow.sourceRun` != 'x'")).toEqual(["tr-b"]);
    expect(await search("request_id IN ('tr-a', 'tr-b')", { order_by: ["execution_time_ms DESC"] })).toEqual([
      "tr-a",
      "tr-b",
    ]);
    const locations = [{ mlflow_experiment: { experiment_id: "0" } }];
    const first = await ask("POST", "3.0/mlflow/traces/search", { locations, max_results: 2 });
    const page_token = first.body.next_page_token;
    expect(await search("", { max_results: 2, page_token })).toEqual(["tr-a"]);
    for (const filter of ["span.name = 'x'", "attributes.color = 'x'", "status > 'OK'", "timestamp = 'x'"]) {
      const { status } = await ask("POST", "3.0/mlflow/traces/search", { locations, filter });
      expect([filter, status]).toEqual([filter, 400]);
    }
    expect(failures).toEqual([]);
  });

  it("a trace is linked to a run before it is there, as clients do that send spans in the background", async () => {
    const { ask, keep, search, failures } = await server();
    const made = await ask("POST", "2.0/mlflow/runs/create", { experiment_id: "0" });
    const run = made.body.run.info.run_id;
    const link = { run_id: run, trace_ids: ["tr-late", "tr-late", "tr-never"] };
    for (let time = 0; time < 2; time++)
      expect((await ask("POST", "2.0/mlflow/traces/link-to-run", link)).status).toBe(200);
    expect(await search(`attributes.run_id = '${run}'`)).toEqual([]);
    await keep("tr-late");
    expect(await search(`attributes.run_id = '${run}'`)).toEqual(["tr-late"]);
    const removal = { experiment_id: "0", request_ids: ["tr-late"] };
    expect((await ask("POST", "2.0/mlflow/traces/delete-traces", removal)).body).toEqual({
      traces_deleted: 1,
    });
    await keep("tr-late");
    expect(await search(`attributes.run_id = '${run}'`)).toEqual([]);
    expect(failures).toEqual([]);
  });

  it("an expectation that is an object is given back as JSON, as MLflow's clients read it", async () => {
    const { ask, keep } = await server();
    await keep("tr-1");
    const assessment = { assessment_name: "plan", expectation: { value: { steps: [1, 2] } } };
    const { status, body } = await ask("POST", "3.0/mlflow/traces/tr-1/assessments", { assessment });
    expect([status, body.assessment.expectation]).toEqual([
      200,
      { serialized_value: { serialization_format: "JSON_FORMAT", value: '{"steps":[1,2]}' } },
    ]);
  });

  it("feedback and expectations are given, found, changed, replaced and removed", async () => {
    const { ask, keep, search, failures } = await server();
    await keep("tr-1");
    const path = "3.0/mlflow/traces/tr-1/assessments";
    const source = { source_type: "HUMAN", source_id: "ada" };
    const feedback = { assessment_name: "good", source, feedback: { value: 0.5 }, rationale: "half" };
    const { body } = await ask("POST", path, {
      assessment: { ...feedback, valid: false, trace_id: "other" },
    });
    const { assessment_id } = body.assessment;
    expect(body.assessment).toMatchObject({ ...feedback, trace_id: "tr-1", valid: true });
    expect(await search("feedback.good >= 0.5")).toEqual(["tr-1"]);
    expect(await search("feedback.good > 0.5")).toEqual([]);
    const change = {
      assessment: { feedback: { value: "yes" }, metadata: { a: "1" } },
      update_mask: "feedback,metadata",
    };
    const changed = await ask("PATCH", `${path}/${assessment_id}`, change);
    expect(changed.body.assessment).toMatchObject({
      ...feedback,
      feedback: { value: "yes" },
      metadata: { a: "1" },
    });
    expect(await search("feedback.good = 'yes'")).toEqual(["tr-1"]);
    const later = { ...feedback, feedback: { value: "no" }, overrides: assessment_id };
    const second = (await ask("POST", path, { assessment: later })).body.assessment.assessment_id;
    expect((await ask("GET", `${path}/${assessment_id}`)).body.assessment.valid).toBe(false);
    expect(await search("feedback.good = 'yes'")).toEqual([]);
    expect((await ask("DELETE", `${path}/${second}`, {})).status).toBe(200);
    expect((await ask("GET", "3.0/mlflow/traces/tr-1")).body.trace.trace_info.assessments).toMatchObject([
      { assessment_id, valid: true },
    ]);
    for (const assessment of [
      ...[{}, { assessment_name: "a" }, { assessment_name: "a", feedback: 1 }],
      { assessment_name: "a", feedback: { value: 1 }, expectation: { value: 1 } },
      { assessment_name: "a", feedback: { value: "x".repeat(100_001) } },
    ]) {
      expect((await ask("POST", path, { assessment })).status).toBe(400);
    }
    expect((await ask("GET", `${path}/a-none`)).status).toBe(404);
    expect(failures).toEqual([]);
  });

  it("deletion takes rows and files, of one project", async () => {
    const { url, context, ask, keep, search, failures } = await server();
    const other = Number(
      (await ask("POST", "2.0/mlflow/experiments/create", { name: "x" })).body.experiment_id,
    );
    for (const id of ["tr-1", "tr-2", "tr-3"]) await keep(id);
    await keep("tr-4", {}, other);
    await ask("POST", "3.0/mlflow/traces/tr-1/assessments", {
      assessment: { assessment_name: "a", feedback: { value: 1 } },
    });
    const file = `${url}/api/2.0/mlflow-artifacts/artifacts/0/traces/tr-1/artifacts/traces.json`;
    await fetch(file, { method: "PUT", body: "{}" });
    const remove = (fields: object): Promise<{ status: number; body: Json }> =>
      ask("POST", "2.0/mlflow/traces/delete-traces", { experiment_id: "0", ...fields });
    expect((await remove({})).status).toBe(400);
    expect((await remove({ request_ids: ["tr-1"], max_timestamp_millis: 5 })).status).toBe(400);
    expect((await remove({ request_ids: ["tr-1", "tr-4"] })).body).toEqual({ traces_deleted: 1 });
    expect(await context.artifacts.list("0/traces/tr-1")).toEqual([]);
    expect((await fetch(file)).status).toBe(404);
    expect((await remove({ max_timestamp_millis: 2_000_000_000_000, max_traces: 1 })).body).toEqual({
      traces_deleted: 1,
    });
    expect(await search()).toEqual(["tr-3"]);
    expect((await ask("GET", "3.0/mlflow/traces/tr-4")).status).toBe(200);
    expect(failures).toEqual([]);
  });

  it("MLflow 2 begins a trace, ends it, and finds it", async () => {
    const { ask, failures } = await server();
    const begun = await ask("POST", "2.0/mlflow/traces", {
      experiment_id: "0",
      timestamp_ms: 1000,
      request_metadata: [{ key: "a", value: "1" }],
      tags: [],
    });
    const { request_id } = begun.body.trace_info;
    expect(begun.body.trace_info).toMatchObject({ status: "IN_PROGRESS", timestamp_ms: 1000 });
    const end = { timestamp_ms: 1250, status: "OK", request_metadata: [{ key: "b", value: "2" }] };
    const tags = [{ key: "mlflow.traceName", value: "f" }];
    await ask("PATCH", `2.0/mlflow/traces/${request_id}`, { request_id, ...end, tags });
    const expected = {
      request_id,
      experiment_id: "0",
      timestamp_ms: 1000,
      execution_time_ms: 250,
      status: "OK",
      request_metadata: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
      tags: [
        ...tags,
        { key: "mlflow.artifactLocation", value: `mlflow-artifacts:/0/traces/${request_id}/artifacts` },
      ],
    };
    expect((await ask("GET", `2.0/mlflow/traces/${request_id}/info`)).body).toEqual({ trace_info: expected });
    const found = await ask(
      "GET",
      "2.0/mlflow/traces?experiment_ids=0&max_results=5&filter=name%20%3D%20'f'",
    );
    expect(found.body.traces).toEqual([expected]);
    expect(failures).toEqual([]);
  });
});
