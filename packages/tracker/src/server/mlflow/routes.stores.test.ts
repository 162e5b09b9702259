/** @file Tests MLflow's routes over HTTP, on each database: cases that real clients do not cover, and misuse. */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import { serveTest } from "../../../../../test/support/tracking-server.ts";

type Json = Record<string, unknown>;

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function server() {
    const { url, failures, context } = await serveTest({ store: await make() });
    const call = async (
      method: string,
      path: string,
      body?: unknown,
    ): Promise<[status: number, answer: Json]> => {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const response = await fetch(`${url}/api/2.0/mlflow/${path}`, init);
      return [response.status, (await response.json()) as Json];
    };
    const get = async (path: string): Promise<Json> => (await call("GET", path))[1];
    const post = async (path: string, body: unknown): Promise<Json> => {
      const [status, answer] = await call("POST", path, body);
      expect([path, status, answer["message"]]).toEqual([path, 200, undefined]);
      return answer;
    };
    const refused = async (path: string, body: unknown): Promise<string> => {
      const [status, answer] = await call("POST", path, body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      return `${answer["error_code"]}: ${answer["message"]}`;
    };
    const run = async (more: Json = {}): Promise<string> => {
      const made = await post("runs/create", { experiment_id: "0", ...more });
      return (made["run"] as { info: { run_id: string } }).info.run_id;
    };
    const about = async (id: string) =>
      (await get(`runs/get?run_id=${id}`))["run"] as {
        info: Json;
        data: Record<string, Json[]>;
        inputs: Json;
      };
    return { url, context, failures, get, post, refused, run, about };
  }

  it("a run from start to end, in MLflow's words", async () => {
    const { post, run, about } = await server();
    const id = await run({
      start_time: 5,
      user_id: "ada",
      run_name: "first",
      tags: [{ key: "a", value: "b" }],
    });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await about(id)).toEqual({
      info: {
        run_uuid: id,
        run_id: id,
        experiment_id: "0",
        run_name: "first",
        user_id: "ada",
        status: "RUNNING",
        start_time: 5,
        artifact_uri: `mlflow-artifacts:/0/${id}/artifacts`,
        lifecycle_stage: "active",
      },
      data: {
        metrics: [],
        params: [],
        tags: [
          { key: "a", value: "b" },
          { key: "mlflow.runName", value: "first" },
        ],
      },
      inputs: {},
    });
    const updated = await post("runs/update", {
      run_id: id,
      status: "FAILED",
      end_time: "9",
      run_name: "second",
    });
    expect(updated["run_info"]).toMatchObject({ status: "FAILED", end_time: 9, run_name: "second" });
    expect((await about(id)).data["tags"]).toContainEqual({ key: "mlflow.runName", value: "second" });
    await post("runs/set-tag", { run_uuid: id, key: "mlflow.runName", value: "third" });
    expect((await about(id)).info["run_name"]).toBe("third");
    await post("runs/log-metric", { run_id: id, key: "late", value: 1, timestamp: 1 });
    const unnamed = await about(await run());
    expect(unnamed.info["run_name"]).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    expect(unnamed.info["user_id"]).toBe("unknown");
  });

  it("numbers that JSON has no words for, and the latest of a metric", async () => {
    const { post, run, about, get } = await server();
    const id = await run();
    const point = (value: unknown, step: number, timestamp = 1): Json => ({
      key: "m",
      value,
      step,
      timestamp,
    });
    await post("runs/log-batch", {
      run_id: id,
      metrics: [
        point("NaN", 3),
        point("-Infinity", 2),
        point("Infinity", 1),
        point("0.5", 0),
        point(7, 0),
        point(7, 0),
      ],
    });
    expect((await about(id)).data["metrics"]).toEqual([{ key: "m", value: "NaN", timestamp: 1, step: 3 }]);
    await post("runs/log-metric", { run_id: id, key: "m", value: -1, timestamp: "2", step: "3" });
    await post("runs/log-metric", { run_id: id, key: "m", value: 9, timestamp: 9, step: 2 });
    expect((await about(id)).data["metrics"]).toEqual([{ key: "m", value: -1, timestamp: 2, step: 3 }]);
    const history = (await get(`metrics/get-history?run_id=${id}&metric_key=m`))["metrics"] as Json[];
    expect(history.map(({ value }) => value)).toEqual([0.5, 7, "Infinity", "-Infinity", 9, "NaN", -1]);
  });

  it("histories page by page", async () => {
    const { post, run, get } = await server();
    const id = await run();
    const metrics = Array.from({ length: 10 }, (_, at) => ({
      key: "m",
      value: at,
      timestamp: at % 3,
      step: 5,
    }));
    await post("runs/log-batch", {
      run_id: id,
      metrics: [...metrics, { key: "m", value: "NaN", timestamp: 2, step: 5 }],
    });
    const seen: unknown[] = [];
    let token = "";
    for (let page = 0; page < 20; page++) {
      const answer = await get(
        `metrics/get-history?run_id=${id}&metric_key=m&max_results=2&page_token=${token}`,
      );
      const points = answer["metrics"] as Json[];
      expect(points.length).toBeLessThanOrEqual(2);
      seen.push(...points.map(({ value }) => value));
      token = String(answer["next_page_token"] ?? "");
      if (token === "") break;
    }
    expect(seen.toSorted()).toEqual(
      [..."0123456789"]
        .map(Number)
        .concat(Number.NaN)
        .map((value) => (Number.isNaN(value) ? "NaN" : value))
        .toSorted(),
    );
  });

  it("a batch is written whole or not at all", async () => {
    const { post, refused, run, about } = await server();
    const id = await run();
    await post("runs/log-parameter", { run_id: id, key: "p", value: "1" });
    const metrics = [{ key: "m", value: 1, timestamp: 1 }];
    const batch = {
      run_id: id,
      metrics,
      params: [
        { key: "q", value: "2" },
        { key: "p", value: "3" },
      ],
    };
    expect(await refused("runs/log-batch", batch)).toMatch(
      /^INVALID_PARAMETER_VALUE: Changing param values is not allowed/,
    );
    expect((await about(id)).data).toMatchObject({ metrics: [], params: [{ key: "p", value: "1" }] });
    await post("runs/log-batch", { run_id: id, params: [{ key: "p", value: "1" }] });
  });

  it("what is too long is cut or refused, as in MLflow", async () => {
    const { post, refused, run, about } = await server();
    const id = await run();
    const long = `${"x".repeat(5999)}😀`;
    await post("runs/log-parameter", { run_id: id, key: "p", value: long });
    await post("runs/set-tag", { run_id: id, key: "t", value: "y".repeat(9000) });
    const { data } = await about(id);
    expect(data["params"]?.[0]?.["value"]).toBe("x".repeat(5999));
    expect(String(data["tags"]?.find(({ key }) => key === "t")?.["value"])).toHaveLength(8000);
    const one = (key: string): Json => ({ run_id: id, metrics: [{ key, value: 1, timestamp: 1 }] });
    await post("runs/log-batch", one("k".repeat(250)));
    for (const key of [
      "k".repeat(251),
      "",
      ".",
      "..",
      "../a",
      "/a",
      "a/",
      "a//b",
      "a/../b",
      "./a",
      "a\nb",
      "a,b",
      "a\\b",
      "a\0b",
    ]) {
      expect([key, await refused("runs/log-batch", one(key))]).toEqual([
        key,
        expect.stringMatching(/^INVALID_PARAM/),
      ]);
    }
    const many = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: "1" }));
    expect(await refused("runs/log-batch", { run_id: id, params: many(101) })).toContain(
      "at most 100 params. Got 101",
    );
    expect(await refused("runs/log-batch", { run_id: id, tags: many(101) })).toContain(
      "at most 100 tags. Got 101",
    );
    const points = Array.from({ length: 1001 }, (_, at) => ({ key: "m", value: at, timestamp: 1 }));
    expect(await refused("runs/log-batch", { run_id: id, metrics: points })).toContain(
      "at most 1000 metrics. Got 1001",
    );
    const all = { run_id: id, metrics: points.slice(0, 1000), tags: many(1) };
    expect(await refused("runs/log-batch", all)).toContain(
      "at most 1000 metrics, params, and tags. Got 1001",
    );
    const name = "n".repeat(501);
    expect(await refused("experiments/create", { name })).toContain(
      "'name' exceeds the maximum length of 500",
    );
    const tag = { experiment_id: "0", key: "a", value: "v".repeat(5001) };
    expect(await refused("experiments/set-experiment-tag", tag)).toContain(
      "'value' exceeds the maximum length of 5000",
    );
  });

  it.each([
    [{ value: 1, timestamp: 1 }, "Missing value for required parameter 'metrics[0].key'"],
    [{ key: "a", timestamp: 1 }, "Missing value for required parameter 'metrics[0].value'"],
    [{ key: "a", value: 1 }, "Missing value for required parameter 'metrics[0].timestamp'"],
    [{ key: 5, value: 1, timestamp: 1 }, "Invalid value 5 for parameter 'metrics[0].key' supplied"],
    [{ key: "a", value: "x", timestamp: 1 }, "Invalid value \"x\" for parameter 'metrics[0].value' supplied"],
    [{ key: "a", value: true, timestamp: 1 }, "Invalid value true for parameter 'metrics[0].value' supplied"],
    [{ key: "a", value: 1, timestamp: -1 }, "Invalid value -1 for parameter 'metrics[0].timestamp' supplied"],
    [
      { key: "a", value: 1, timestamp: 1.5 },
      "Invalid value 1.5 for parameter 'metrics[0].timestamp' supplied",
    ],
    [
      { key: "a", value: 1, timestamp: 1, step: "x" },
      "Invalid value \"x\" for parameter 'metrics[0].step' supplied",
    ],
    ["x", "Invalid value [\"x\"] for parameter 'metrics' supplied"],
  ])("a point %j", async (metric, message) => {
    const { refused, run } = await server();
    expect(await refused("runs/log-batch", { run_id: await run(), metrics: [metric] })).toContain(message);
  });

  it("deleted experiments take their runs with them, and bring those alone back", async () => {
    const { post, refused, run, about, get } = await server();
    const { experiment_id } = await post("experiments/create", { name: "x" });
    const [early, late] = [await run({ experiment_id }), await run({ experiment_id })];
    await post("runs/delete", { run_id: early });
    await new Promise((wait) => setTimeout(wait, 5));
    await post("experiments/delete", { experiment_id });
    expect((await about(late)).info["lifecycle_stage"]).toBe("deleted");
    for (const [path, body] of [
      ["experiments/delete", { experiment_id }],
      ["experiments/update", { experiment_id, new_name: "y" }],
      ["experiments/set-experiment-tag", { experiment_id, key: "a", value: "b" }],
      ["experiments/create", { name: "x" }],
      ["runs/create", { experiment_id }],
      ["runs/log-metric", { run_id: late, key: "a", value: 1, timestamp: 1 }],
      ["runs/update", { run_id: late, status: "FINISHED" }],
    ] as const) {
      await refused(path, body);
    }
    await post("experiments/restore", { experiment_id });
    expect((await about(late)).info["lifecycle_stage"]).toBe("active");
    expect((await about(early)).info["lifecycle_stage"]).toBe("deleted");
    expect(await refused("experiments/restore", { experiment_id })).toMatch(/^RESOURCE_DOES_NOT_EXIST/);
    const { experiment } = await get(`experiments/get?experiment_id=${experiment_id}`);
    expect(experiment).toMatchObject({ name: "x", artifact_location: `mlflow-artifacts:/${experiment_id}` });
  });

  it("experiments are searched by name, time and tag", async () => {
    const { post, get } = await server();
    for (const [name, tags] of [
      ["a", [{ key: "k", value: "v" }]],
      ["ab", [{ key: "k", value: "W" }]],
      ["Abc", []],
    ] as const) {
      await post("experiments/create", { name, tags });
      await new Promise((wait) => setTimeout(wait, 3));
    }
    const names = async (query: Json): Promise<unknown[]> =>
      ((await post("experiments/search", query))["experiments"] as Json[]).map(({ name }) => name);
    expect(await names({})).toEqual(["Abc", "ab", "a", "Default"]);
    expect(await names({ filter: "name LIKE 'a%'" })).toEqual(["ab", "a"]);
    expect(await names({ filter: "name ILIKE 'a%' AND name != 'a'" })).toEqual(["Abc", "ab"]);
    expect(await names({ filter: "tags.k ILIKE 'w'" })).toEqual(["ab"]);
    expect(await names({ filter: "tags.k IS NULL", order_by: ["name"] })).toEqual(["Abc", "Default"]);
    expect(await names({ filter: "tags.k IS NOT NULL" })).toEqual(["ab", "a"]);
    expect(await names({ filter: "name IN ('a', 'Abc')" })).toEqual(["Abc", "a"]);
    expect(await names({ filter: "creation_time > 0" })).toEqual(["Abc", "ab", "a"]);
    const page = await get("experiments/search?max_results=3&view_type=ALL");
    expect((page["experiments"] as Json[]).length).toBe(3);
    expect(await names({ page_token: page["next_page_token"] })).toEqual(["Default"]);
    await post("experiments/delete-experiment-tag", { experiment_id: "1", key: "k" });
    expect(await names({ filter: "tags.k LIKE '%'" })).toEqual(["ab"]);
  });

  it("datasets of runs, and of experiments", async () => {
    const { post, run, about, refused } = await server();
    const id = await run();
    const tags = [{ key: "mlflow.data.context", value: "training" }];
    const dataset = { name: "rows", digest: "1", source_type: "local", source: "{}" };
    await post("runs/log-inputs", {
      run_id: id,
      datasets: [{ tags, dataset }, { dataset: { ...dataset, digest: "2", profile: "{}" } }],
    });
    await post("runs/log-inputs", { run_id: id, datasets: [{ tags: [], dataset }] });
    expect((await about(id)).inputs).toEqual({
      dataset_inputs: [
        { tags, dataset },
        { tags: [], dataset: { ...dataset, digest: "2", profile: "{}" } },
      ],
    });
    const found = await post("experiments/search-datasets", { experiment_ids: ["0"] });
    expect(found["dataset_summaries"]).toEqual([
      { experiment_id: "0", name: "rows", digest: "1", context: "training" },
      { experiment_id: "0", name: "rows", digest: "2" },
    ]);
    expect(await refused("runs/log-inputs", { run_id: id })).toContain("required parameter 'datasets'");
    const nameless = { run_id: id, datasets: [{ dataset: { digest: "1" } }] };
    expect(await refused("runs/log-inputs", nameless)).toContain(
      "required parameter 'datasets[0].dataset.name'",
    );
    const long = { run_id: id, datasets: [{ dataset: { ...dataset, digest: "d".repeat(37) } }] };
    expect(await refused("runs/log-inputs", long)).toContain("exceeds the maximum length of 36");
    await post("runs/delete", { run_id: id });
    await refused("runs/log-inputs", { run_id: id, datasets: [{ dataset }] });
  });

  it("an upload that breaks off leaves what was there before", async () => {
    const { url, run, context, failures } = await server();
    const id = await run();
    const path = `/api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/a.bin`;
    await fetch(url + path, { method: "PUT", body: "before" });
    const head = `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n`;
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    await new Promise<void>((sent) => socket.write(head + "x".repeat(100_000), () => sent()));
    await new Promise((wait) => setTimeout(wait, 50));
    socket.destroy();
    await new Promise((wait) => setTimeout(wait, 50));
    expect(await (await fetch(url + path)).text()).toBe("before");
    expect(await context.artifacts.list(`0/${id}/artifacts`)).toEqual([
      { name: "a.bin", isFolder: false, bytes: 6 },
    ]);
    expect(failures).toMatchObject([{ code: "UPLOAD_CUT_OFF", params: { bytes: 100_000 } }]);
  });

  it("models that nobody keeps are not there", async () => {
    const { refused, run, about } = await server();
    const id = await run();
    const point = { key: "m", value: 1, timestamp: 1, model_id: "m-1" };
    const wanted = /^RESOURCE_DOES_NOT_EXIST/;
    expect(await refused("runs/log-metric", { run_id: id, ...point })).toMatch(wanted);
    expect(await refused("runs/log-batch", { run_id: id, metrics: [point] })).toMatch(wanted);
    expect(await refused("runs/log-inputs", { run_id: id, models: [{ model_id: "m-1" }] })).toMatch(wanted);
    expect((await about(id)).data["metrics"]).toEqual([]);
  });

  it("a page in a browser uploads a small file", async () => {
    const { url, run } = await server();
    const id = await run();
    const path = `${url}/ajax-api/2.0/mlflow/upload-artifact`;
    const send = async (query: string, body: string | Uint8Array): Promise<[number, unknown]> => {
      const response = await fetch(`${path}?${query}`, { method: "POST", body });
      return [response.status, ((await response.json()) as Json)["message"]];
    };
    expect(await send(`run_uuid=${id}&path=a.txt`, "hello")).toEqual([200, undefined]);
    expect(await (await fetch(`${url}/get-artifact?run_uuid=${id}&path=a.txt`)).text()).toBe("hello");
    expect(await send("", "hello")).toEqual([400, "Request must specify run_uuid."]);
    expect(await send(`run_uuid=${id}`, "hello")).toEqual([400, "Request must specify path."]);
    expect(await send(`run_uuid=${id}&path=.`, "hello")).toEqual([400, "Invalid path"]);
    expect(await send(`run_uuid=${id}&path=a.txt`, "")).toEqual([400, "Request must specify data."]);
    const large = new Uint8Array(10 * 1024 ** 2 + 1);
    expect(await send(`run_uuid=${id}&path=a.txt`, large)).toEqual([
      400,
      expect.stringContaining("too large"),
    ]);
  });

  it("a tag that is gone is gone from the run's ready text", async () => {
    const { post, run, about, refused } = await server();
    const id = await run({ tags: [{ key: "a", value: "b" }] });
    expect((await about(id)).data["tags"]).toContainEqual({ key: "a", value: "b" });
    await post("runs/delete-tag", { run_id: id, key: "a" });
    expect((await about(id)).data["tags"]).not.toContainEqual({ key: "a", value: "b" });
    expect(await refused("runs/delete-tag", { run_id: id, key: "a" })).toContain("No tag with name: a");
  });

  it("a file is stored as it comes, and read in parts", async () => {
    const { url, run, get, failures } = await server();
    const id = await run();
    const file = `${url}/ajax-api/2.0/mlflow-artifacts/artifacts/0/${id}/artifacts/a%20b/ü.bin`;
    const content = randomBytes(2_000_000);
    expect((await fetch(file, { method: "PUT", body: content })).status).toBe(200);
    const whole = await fetch(file);
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
    expect(whole.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''%C3%BC.bin");
    for (const [range, from, to] of [
      ["bytes=0-0", 0, 1],
      ["bytes=5-", 5, 2_000_000],
      ["bytes=-7", 1_999_993, 2_000_000],
      ["bytes=100-99999999", 100, 2_000_000],
    ] as const) {
      const part = await fetch(file, { headers: { range } });
      expect([range, part.status]).toEqual([range, 206]);
      expect(part.headers.get("content-range")).toBe(`bytes ${from}-${to - 1}/2000000`);
      expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(from, to))).toBe(true);
    }
    expect((await fetch(file, { headers: { range: "bytes=2000000-" } })).status).toBe(416);
    const several = await fetch(file, { headers: { range: "bytes=0-1,5-6" } });
    expect(several.status).toBe(200);
    await several.body?.cancel();
    const head = await fetch(file, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "2000000"]);
    expect(await get(`artifacts/list?run_id=${id}`)).toEqual({
      root_uri: `mlflow-artifacts:/0/${id}/artifacts`,
      files: [{ path: "a b", is_dir: true }],
    });
    expect((await get(`artifacts/list?run_id=${id}&path=a%20b`))["files"]).toEqual([
      { path: "a b/ü.bin", is_dir: false, file_size: 2_000_000 },
    ]);
    expect((await fetch(`${url}/get-artifact?run_uuid=${id}&path=a%20b/%C3%BC.bin`)).status).toBe(200);
    expect((await fetch(file, { method: "DELETE" })).status).toBe(200);
    expect((await fetch(file, { method: "DELETE" })).status).toBe(404);
    expect((await fetch(file)).status).toBe(404);
    expect(failures).toEqual([]);
  });

  it("charts pick steps as MLflow does, and keep the spike that it loses", async () => {
    const { post, run, get } = await server();
    const id = await run();
    const metrics = Array.from({ length: 100 }, (_, step) => ({
      key: "m",
      value: step === 33 ? 50 : 1,
      timestamp: 1,
      step,
    }));
    await post("runs/log-batch", { run_id: id, metrics });
    const answer = await get(`metrics/get-history-bulk-interval?run_ids=${id}&metric_key=m&max_results=5`);
    expect((answer["metrics"] as Json[]).map(({ step }) => step)).toEqual([0, 20, 33, 40, 60, 80, 99]);
    const part = await get(
      `metrics/get-history-bulk-interval?run_ids=${id}&metric_key=m&max_results=5&start_step=10&end_step=14`,
    );
    expect((part["metrics"] as Json[]).map(({ step }) => step)).toEqual([10, 11, 12, 13, 14]);
    const bulk = await get(`metrics/get-history-bulk?run_id=${id}&metric_key=m&max_results=3`);
    expect((bulk["metrics"] as Json[]).map(({ run_id, step }) => [run_id, step])).toEqual([
      [id, 0],
      [id, 1],
      [id, 2],
    ]);
  });

  it("says what it is", async () => {
    const { url } = await server();
    expect(await (await fetch(`${url}/health`)).text()).toBe("OK");
    expect(await (await fetch(`${url}/version`)).text()).toBe("3.18.0");
    const info = (await (await fetch(`${url}/api/3.0/mlflow/server-info`)).json()) as Json;
    expect(info).toMatchObject({ workspaces_enabled: false, multipart_uploads_enabled: false });
  });
});
