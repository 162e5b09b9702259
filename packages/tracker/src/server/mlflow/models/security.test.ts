/**
 * @file Tests attacks by way of models: files outside this server, paths out of a model's folder, SQL injection, and
 * disclosure of the store.
 *
 * @source CVE-2023-1177, CVE-2023-2780, CVE-2023-3765, CVE-2023-6831, CVE-2023-6909, CVE-2024-1483, CVE-2024-3848,
 *   CVE-2023-6974, CVE-2025-11201, and the request templates that show them
 */
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { addRun, trackingServer } from "../../../../../../test/support/tracking-server.ts";
import type { TrackingContext } from "../../../index.ts";
import { isLink, readLinks } from "./source-policy.ts";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

type Ask = (method: string, path: string, fields?: Record<string, unknown>) => Promise<Answer>;

/** Starts a server with the run `run1`, a logged model and the registered model `name`. */
async function place(): Promise<{ ask: Ask; context: TrackingContext; id: string }> {
  const { context, server } = await trackingServer();
  await addRun(context, "run1");
  await addRun(context, "run2");
  const ask: Ask = async (method, path, fields) => {
    const text = fields === undefined ? null : JSON.stringify(fields);
    const prefix = path.startsWith("/") ? "" : "/api/2.0/mlflow/";
    const response = await fetch(`${server.url}${prefix}${path}`, { method, body: text });
    const body = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(body) : {},
      text: body,
    };
  };
  const made = await ask("POST", "logged-models", { experiment_id: "0", name: "m", source_run_id: "run1" });
  const { model } = made.body as { model: { info: { model_id: string } } };
  await ask("POST", "registered-models/create", { name: "name" });
  return { ask, context, id: model.info.model_id };
}

const refused = { status: 400, body: { error_code: "INVALID_PARAMETER_VALUE" } };

describe("a version's source", () => {
  const strange = [
    "/etc/passwd",
    "file:///etc",
    "file:/etc",
    "FILE:///etc",
    "C:/windows",
    "..",
    "http://169.254.169.254/latest",
    "https://user:password@example.org/m",
    "https://example.org/m?signature=secret",
    "https://example.org/../m",
    "s3://bucket/model/../../x",
    "s3://bucket/%2e%2e/x",
    "s3://bucket\\x",
    "dbfs:/etc?x",
    "ftp://example.org/m",
    "mlflow-artifacts://evil.example/0/run1/artifacts",
    "mlflow-artifacts:///etc",
    "mlflow-artifacts:/",
    "mlflow-artifacts:/0/run1",
    "mlflow-artifacts:/0/run1/artifacts/../../run2/artifacts",
    "mlflow-artifacts:/0/run1/artifacts/..%2f..%2frun2",
    "mlflow-artifacts:/0/run1/artifacts/%2e%2e/x",
    "mlflow-artifacts:/0/run1/artifacts/a\\..\\b",
    "mlflow-artifacts:/0/run1/artifacts/a#/../../..",
    "mlflow-artifacts:/0/run1/artifacts/a?/../../..",
    "mlflow-artifacts:/0/run1/artifacts//etc",
    "mlflow-artifacts:/0/run1/artifactsx",
    "mlflow-artifacts:/7/run1/artifacts",
    "mlflow-artifacts:/0/none/artifacts",
    "mlflow-artifacts:/0/models/none/artifacts",
    "runs:/none/model",
    "runs://host/run1/model",
    "runs:/run1/../run2",
    "runs:/run1//etc",
    "models:/none",
    "models:/name/1",
    "models:/name/latest",
    "models:/name@best",
    "models:/name/Elsewhere",
    "models://host/name/1",
    "models:/../x",
    "models:/",
    "dummy-source",
    "mlflow-artifacts:/0/run1/artifacts\0",
  ];

  test("names files of this server's own runs and models, or is refused", async () => {
    const { ask } = await place();
    for (const source of strange) {
      for (const more of [{}, { run_id: "run1" }, { run_id: "../../etc" }]) {
        const answer = await ask("POST", "model-versions/create", { name: "name", source, ...more });
        expect(answer, source).toMatchObject(refused);
      }
    }
    expect((await ask("GET", "model-versions/search")).body["model_versions"]).toEqual([]);
  });

  test("may lie outside where the policy allows it, and is a link that is never opened", async () => {
    const { ask, id } = await place();
    const create = (source: string, more: object = {}): Promise<Answer> =>
      ask("POST", "model-versions/create", { name: "name", source, ...more });
    const links = [
      ...[
        "s3://bucket/models/m",
        "gs://bucket/m",
        "dbfs:/models/m",
        "https://models.example/m",
        "hf://org/model",
      ],
      "abfss://container@account.dfs.core.windows.net/m",
    ];
    for (const [at, source] of links.entries()) {
      const made = await create(source, at === 0 ? { run_id: "run1", model_id: id } : {});
      expect(made, source).toMatchObject({
        status: 200,
        body: { model_version: { source, status: "READY" } },
      });
      const address = await ask("GET", `model-versions/get-download-uri?name=name&version=${at + 1}`);
      expect(address.body["artifact_uri"]).toBe(source);
    }
    expect(await create("s3://bucket/m", { run_id: "none" })).toMatchObject(refused);
    const { body } = await create("s3://bucket/m", { run_id: "none" });
    expect(body.message).toContain("Invalid run_id 'none': no run of this server has it.");
    const ftp = await create("ftp://models.example/m");
    expect([ftp.status, ftp.body["message"]]).toEqual([
      400,
      expect.stringContaining("tunewise serve --model-sources ftp:,..."),
    ]);
  });

  test("is judged by the prefixes that the operator of the server names", () => {
    const links = readLinks("s3:, https://models.example/team,gs://");
    expect(links).toEqual(["s3:", "https://models.example/team", "gs:"]);
    for (const source of ["s3://b/m", "S3://b/m", "gs://b", "https://models.example/team/m"])
      expect(isLink(links, source), source).toBe(true);
    for (const source of [
      "https://models.example/team2",
      "https://models.example",
      "http://x/m",
      "/etc",
      "m",
    ])
      expect(isLink(links, source), source).toBe(false);
    expect([readLinks("none"), isLink(readLinks("none"), "s3://b/m")]).toEqual([[], false]);
    for (const text of ["", "file:", "file:///models", "models", "/models", "s3:,runs:/"])
      expect(() => readLinks(text), text).toThrow(expect.objectContaining({ code: "MODEL_SOURCES_INVALID" }));
  });

  test("belongs to the run and the model that are said to have made it", async () => {
    const { ask, id } = await place();
    const create = (source: string, more: object = {}): Promise<Answer> =>
      ask("POST", "model-versions/create", { name: "name", source, ...more });
    const own = `mlflow-artifacts:/0/models/${id}/artifacts`;
    for (const answer of [
      await create("runs:/run1/model", { run_id: "run2" }),
      await create("runs:/run1/model", { model_id: id }),
      await create("mlflow-artifacts:/0/run1/artifacts/model", { run_id: "run2" }),
      await create("mlflow-artifacts:/0/run1/artifacts/model", { model_id: id }),
      await create(own, { model_id: `m-${"0".repeat(32)}` }),
      await create(`models:/${id}`, { model_id: "m-other" }),
      await create(`models:/${id}`, { run_id: "none" }),
    ]) {
      expect(answer).toMatchObject(refused);
    }
    const address = async (source: string, more: object = {}): Promise<unknown> => {
      const { body } = await create(source, more);
      const { version } = body["model_version"] as { version: string };
      return (await ask("GET", `model-versions/get-download-uri?name=name&version=${version}`)).body[
        "artifact_uri"
      ];
    };
    expect(await address("runs:/run1/model", { run_id: "run1" })).toBe(
      "mlflow-artifacts:/0/run1/artifacts/model",
    );
    expect(await address("mlflow-artifacts:/0/run1/artifacts/a b")).toBe(
      "mlflow-artifacts:/0/run1/artifacts/a b",
    );
    expect(await address(`models:/${id}`)).toBe(own);
    expect(await address(`${own}/sub`, { model_id: id })).toBe(`${own}/sub`);
    expect(await address("models:/name/latest")).toBe(`${own}/sub`);
  });
});

describe("a model's files", () => {
  test("stay in their folder", async () => {
    const { ask, context, id } = await place();
    await context.artifacts.put("0/secret.txt", Readable.from([Buffer.from("secret")]));
    const paths = ["../../secret.txt", "/etc/passwd", "a/../../../secret.txt", "C:/x", "..\\x", "%2e%2e/x"];
    for (const path of paths) {
      const query = encodeURIComponent(path);
      for (const prefix of ["api", "ajax-api"]) {
        const base = `/${prefix}/2.0/mlflow/logged-models/${id}/artifacts`;
        expect(await ask("GET", `${base}/files?artifact_file_path=${query}`), path).toMatchObject(refused);
        expect(await ask("GET", `${base}/directories?artifact_directory_path=${query}`)).toMatchObject(
          refused,
        );
      }
    }
    for (const other of ["..", "%2e%2e%2fx", "m-x%00", "m'--", "none"]) {
      const answer = await ask("GET", `logged-models/${other}/artifacts/files?artifact_file_path=a`);
      expect(answer.status).toBe(404);
    }
    const answer = await ask("GET", `logged-models/${id}/artifacts/files?artifact_file_path=none`);
    expect(answer).toMatchObject({ status: 404, body: { error_code: "RESOURCE_DOES_NOT_EXIST" } });
  });

  test("come as attachments that no browser shows", async () => {
    const { ask, context, id } = await place();
    const page = "<script>alert(1)</script>";
    await context.artifacts.put(`0/models/${id}/artifacts/a'b.html`, Readable.from([Buffer.from(page)]));
    const answer = await ask("GET", `logged-models/${id}/artifacts/files?artifact_file_path=a'b.html`);
    expect(answer.text).toBe(page);
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    expect(answer.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''a%27b.html");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

test("a filter's words never become a part of a statement", async () => {
  const { ask, id } = await place();
  const search = (filter: string): Promise<Answer> =>
    ask("POST", "logged-models/search", { experiment_ids: ["0"], filter });
  for (const filter of [
    "name = 'm' OR 1 = 1",
    "name = 'm'; DROP TABLE runs",
    "name = 'm' -- ",
    "constructor = 'x'",
    "m.name = 'x'",
    "name = ",
    "name IN ()",
    "name IN ('a'",
    "metrics.acc > 'x'",
    "creation_timestamp > 1.5",
    "name > 'a'",
    "name = 5",
    `name = '${"x".repeat(30_000)}'`,
    Array(101).fill("name = 'm'").join(" AND "),
  ]) {
    const answer = await search(filter);
    expect(answer, filter.slice(0, 80)).toMatchObject(refused);
    expect(answer.text).not.toMatch(/SELECT|logged_models|sqlite/i);
  }
  for (const filter of ["name = ''' OR ''1'' = ''1'", "tags.`k' OR '1` = 'x'", "params.\"a) OR (1\" = 'x'"]) {
    expect(await search(filter), filter).toMatchObject({ status: 200, body: { models: [] } });
  }
  for (const order of ["name; DROP TABLE runs", "constructor", "name DESC, (SELECT 1)"]) {
    const query = `order_by=${encodeURIComponent(order)}`;
    for (const path of ["registered-models/search", "model-versions/search"]) {
      expect(await ask("GET", `${path}?${query}`), order).toMatchObject(refused);
    }
    const fields = { experiment_ids: ["0"], order_by: [{ field_name: order }] };
    expect(await ask("POST", "logged-models/search", fields)).toMatchObject(refused);
  }
  expect((await search("name = 'm'")).text).toContain(id);
});

test("sizes, names and tokens have bounds", async () => {
  const { ask, id } = await place();
  const long = "x".repeat(100_001);
  for (const [method, path, fields] of [
    ["POST", "registered-models/create", { name: "a/b" }],
    ["POST", "registered-models/create", { name: ".." }],
    ["POST", "registered-models/create", { name: "x".repeat(300) }],
    ["POST", "registered-models/create", { name: "\0" }],
    ["POST", "registered-models/create", { name: "a", description: long }],
    ["POST", "registered-models/create", {}],
    ["POST", "registered-models/set-tag", { name: "name", key: "../x", value: "" }],
    ["POST", "registered-models/set-tag", { name: "name", key: "k", value: long }],
    ["POST", "registered-models/alias", { name: "name", alias: "latest", version: "1" }],
    ["POST", "registered-models/alias", { name: "name", alias: "v2", version: "1" }],
    ["POST", "registered-models/alias", { name: "name", alias: "a/b", version: "1" }],
    ["POST", "model-versions/transition-stage", { name: "name", version: "1", stage: "Elsewhere" }],
    ["GET", "model-versions/get?name=name&version=1.5"],
    ["GET", "registered-models/get?name=%00"],
    ["GET", "registered-models/search?max_results=1001"],
    ["GET", "registered-models/search?max_results=0"],
    ["GET", "registered-models/search?page_token=nonsense"],
    ["POST", "logged-models", { experiment_id: "0", name: "a/b" }],
    ["POST", "logged-models", { experiment_id: "0", source_run_id: "../x" }],
    ["POST", "logged-models", { experiment_id: "0", tags: Array(1001).fill({ key: "k", value: "v" }) }],
    ["PATCH", `logged-models/${id}`, { status: "DONE" }],
    ["POST", "logged-models/search", {}],
    ["POST", "runs/log-model", { run_id: "run1", model_json: "{" }],
    ["POST", "runs/log-model", { run_id: "run1", model_json: "{}" }],
    ["POST", "runs/outputs", { run_id: "run1" }],
    ["POST", "runs/outputs", { run_id: "run1", models: [{ model_id: id, step: 1.5 }] }],
  ] as [string, string, Record<string, unknown>?][]) {
    expect(await ask(method, path, fields), `${path} ${JSON.stringify(fields)?.slice(0, 80)}`).toMatchObject(
      refused,
    );
  }
  const big = await ask("POST", "logged-models", { experiment_id: "0", name: "x".repeat(2_100_000) });
  expect(big.status).toBe(413);
  const none = await ask("POST", "logged-models", { experiment_id: "99", name: "m" });
  expect(none).toMatchObject({ status: 404, body: { error_code: "RESOURCE_DOES_NOT_EXIST" } });
});

test("older clients' way to log a model, and outputs of a run", async () => {
  const { ask, id } = await place();
  const entry = { artifact_path: "m", flavors: {}, utc_time_created: "now", run_id: "run1" };
  const history = { run_id: "run1", model_json: JSON.stringify(entry) };
  expect(await ask("POST", "runs/log-model", history)).toMatchObject({ status: 200, body: {} });
  const outputs = { run_id: "run1", models: [{ model_id: id, step: "3" }] };
  expect(await ask("POST", "/ajax-api/2.0/mlflow/runs/outputs", outputs)).toMatchObject({
    status: 200,
    body: {},
  });
  const unknown = { run_id: "run1", models: [{ model_id: "m-none" }] };
  expect((await ask("POST", "runs/outputs", unknown)).status).toBe(404);
  expect((await ask("POST", "runs/log-model", { ...history, run_id: "none" })).status).toBe(404);
});
