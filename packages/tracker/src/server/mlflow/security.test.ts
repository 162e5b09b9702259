/**
 * @file A negative test for each kind of vulnerability of MLflow's server that these routes could have.
 *
 * @source the CVE records that each test names
 */
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { serveTest, type TestTracking } from "../../../../../test/support/tracking-server.ts";
import { createRouter } from "../../http/index.ts";
import { openTrackingContext } from "../../index.ts";
import { mlflowProtocol } from "./protocol.ts";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Headers;
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // not every reply is JSON
  }
  return { status: response.status, body, text, headers: response.headers };
}

const post = (url: string, body: unknown, headers = {}): Promise<Answer> =>
  ask(url, { method: "POST", body: JSON.stringify(body), headers });

/** Sends a request whose path no client library normalizes, and returns the complete raw response. */
function raw({ url }: TestTracking, head: string): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () =>
      socket.end(`${head}\r\nConnection: close\r\n\r\n`),
    );
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

async function withRun(server: TestTracking): Promise<{ run: string; files: string }> {
  const made = await post(`${server.url}/api/2.0/mlflow/runs/create`, { experiment_id: "0" });
  const run = (made.body["run"] as { info: { run_id: string } }).info.run_id;
  return { run, files: `${server.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts` };
}

/** Paths that try to leave a folder. */
const waysOut = [
  "../secret",
  "a/../../secret",
  "..\\secret",
  "a\\..\\..\\secret",
  "/etc/passwd",
  "//etc/passwd",
  "C:/secret",
  "C:\\secret",
  "file:///etc/passwd",
  "a/../../../../../../etc/passwd",
  "%2e%2e/secret",
  "..%2fsecret",
  "%252e%252e%252fsecret",
  "a#/../../secret",
  "a?/../../secret",
  "a\0b",
  "./../secret",
  "a//b",
  ".../..",
  "a/./b",
  " ../secret",
];

// CVE-2023-1177, -2780, -3765, -6909, -6974, -6977, CVE-2024-1483, -2928, -3848
describe("an address of a client's own", () => {
  test.each([
    "file:///etc",
    "/etc",
    "/",
    "C:/",
    "http://169.254.169.254/latest/meta-data",
    "https://evil.example/x",
    "ftp://evil.example/x",
    "s3://bucket/x",
    "dbfs:/x",
    "mlflow-artifacts:/0/other",
    "mlflow-artifacts:/../../etc",
    "http:///#/../../../../etc/",
    "http:///?/../../../../etc/",
    "file:/allowed/../etc",
    "file:/allowed/%2e%2e/etc",
    "file:/allowed#/../../etc",
    "file:/allowed?/../../etc",
    "file:/allowed\\..\\..\\etc",
    "file:/allowed-not",
    "file:/allowed//evil.example/x",
    "..",
    "a/../../b",
  ])("%s is no place for artifacts", async (artifact_location) => {
    const { url } = await serveTest({ allowed: ["file:/allowed"] });
    const made = await post(`${url}/ajax-api/2.0/mlflow/experiments/create`, {
      name: "x",
      artifact_location,
    });
    expect([made.status, made.body["error_code"]]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
    const found = await ask(`${url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=x`);
    expect(found.status).toBe(404);
  });

  test("a place below an allowed one is told to clients and never opened here", async () => {
    const server = await serveTest({ allowed: ["file:/allowed"] });
    const api = `${server.url}/api/2.0/mlflow`;
    const made = await post(`${api}/experiments/create`, { name: "x", artifact_location: "file:/allowed/x" });
    const experiment_id = String(made.body["experiment_id"]);
    const run = await post(`${api}/runs/create`, { experiment_id });
    const { run_id, artifact_uri } = (run.body["run"] as { info: Record<string, string> }).info;
    expect(artifact_uri).toBe(`file:/allowed/x/${run_id}/artifacts`);
    expect((await ask(`${api}/artifacts/list?run_id=${run_id}`)).status).toBe(400);
    expect((await ask(`${server.url}/get-artifact?run_id=${run_id}&path=passwd`)).status).toBe(400);
  });
});

// CVE-2023-3765, -6753, -6831, -6909, -6976, -6977, CVE-2024-8859, CVE-2025-11201, CVE-2026-53995
describe("a way out of the folder", () => {
  test("reading, listing, writing, deleting", async () => {
    const server = await serveTest();
    const { run, files } = await withRun(server);
    await mkdir(server.folder, { recursive: true });
    await writeFile(join(server.folder, "secret"), "secret");
    const path = (way: string): string => encodeURIComponent(way);
    for (const way of waysOut) {
      const requests: [string, RequestInit?][] = [
        [`${files}/${path(way)}`],
        [`${files}/${path(way)}`, { method: "PUT", body: "written" }],
        [`${files}/${path(way)}`, { method: "DELETE" }],
        [`${server.url}/api/2.0/mlflow-artifacts/artifacts?path=${path(`0/${run}/artifacts/${way}`)}`],
        [`${server.url}/api/2.0/mlflow/artifacts/list?run_id=${run}&path=${path(way)}`],
        [`${server.url}/get-artifact?run_id=${run}&path=${path(way)}`],
        [`${server.url}/get-artifact?run_uuid=${run}&path=${path(way)}`],
        [
          `${server.url}/api/2.0/mlflow/upload-artifact?run_uuid=${run}&path=${path(way)}`,
          { method: "POST", body: "x" },
        ],
      ];
      for (const [url, init] of requests) {
        const answer = await ask(url.replace("/api/", "/ajax-api/"), init);
        expect([way, url, answer.status]).toEqual([way, url, 400]);
        expect(answer.text).not.toContain("secret\n");
      }
    }
    expect(await readFile(join(server.folder, "secret"), "utf8")).toBe("secret");
  });

  test.each(["../", "%2e%2e/", "..%2f", "%252e%252e/", "..\\", "%5c..%5c"])(
    "raw paths with %s",
    async (up) => {
      const server = await serveTest();
      const { run } = await withRun(server);
      const path = `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/${up.repeat(6)}etc/passwd`;
      for (const method of ["GET", "DELETE"]) {
        const answer = await raw(server, `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1`);
        expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
        expect(answer).not.toContain("root:");
      }
    },
  );

  test.each([
    "secret",
    "0/secret",
    "0/../secret",
    "0/{run}/secret",
    "0/{run}",
    "1/{run}/artifacts/x",
    "00/{run}/artifacts/x",
    "0/00000000000000000000000000000000/artifacts/x",
    "0/models/../artifacts/x",
    "0/traces/tr-1/artifacts/x",
    "x/{run}/artifacts/x",
  ])("%s belongs to no run", async (path) => {
    const server = await serveTest();
    const { run } = await withRun(server);
    const url = `${server.url}/api/2.0/mlflow-artifacts/artifacts/${encodeURIComponent(path.replace("{run}", run))}`;
    for (const method of ["GET", "PUT", "DELETE"]) {
      const answer = await ask(url, method === "PUT" ? { method, body: "x" } : { method });
      expect([method, answer.status === 400 || answer.status === 404]).toEqual([method, true]);
    }
  });

  test("a link in the store is not followed", async () => {
    const server = await serveTest();
    const { run, files } = await withRun(server);
    await ask(`${files}/a.txt`, { method: "PUT", body: "a" });
    const folder = join(server.folder, "0", run, "artifacts");
    await symlink("/etc", join(folder, "etc"));
    await symlink("/etc/passwd", join(folder, "passwd"));
    for (const path of ["etc/passwd", "passwd"]) {
      expect((await ask(`${files}/${path}`)).status).toBe(404);
      expect((await ask(`${server.url}/get-artifact?run_id=${run}&path=${path}`)).status).toBe(404);
    }
    const listed = await ask(`${server.url}/api/2.0/mlflow/artifacts/list?run_id=${run}`);
    expect((listed.body["files"] as object[]).map((file) => (file as { path: string }).path)).toEqual([
      "a.txt",
    ]);
  });

  test("ids of runs and experiments are no paths", async () => {
    const { url } = await serveTest();
    for (const id of ["../../etc", "..", "a/b", "a\0", "a b", "x".repeat(257), "'; DROP TABLE runs --"]) {
      const run = await ask(`${url}/api/2.0/mlflow/runs/get?run_id=${encodeURIComponent(id)}`);
      expect([id, run.status]).toEqual([id, 400]);
      const experiment = await ask(
        `${url}/api/2.0/mlflow/experiments/get?experiment_id=${encodeURIComponent(id)}`,
      );
      expect([id, experiment.status]).toEqual([id, 400]);
    }
  });
});

test("CVE-2023-6568: what a client stored is never a page of this server", async () => {
  const server = await serveTest();
  const { run, files } = await withRun(server);
  const page = "<script>alert(1)</script>";
  await ask(`${files}/page.html`, { method: "PUT", body: page, headers: { "content-type": "text/html" } });
  for (const url of [`${files}/page.html`, `${server.url}/get-artifact?run_id=${run}&path=page.html`]) {
    const { headers, text } = await ask(url);
    expect(text).toBe(page);
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("content-disposition")).toMatch(/^attachment/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("sandbox");
  }
  const refused = await post(
    `${server.url}/api/2.0/mlflow/runs/log-metric`,
    { run_id: page },
    {
      "content-type": "<script>alert(1)</script>",
    },
  );
  expect(refused.headers.get("content-type")).toMatch(/^application\/json/);
  expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
});

test("CVE-2025-1473: pages of other sites may not write, under any prefix", async () => {
  const server = await serveTest();
  for (const prefix of ["/api", "/ajax-api"]) {
    const url = `${server.url}${prefix}/2.0/mlflow/experiments/create`;
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      const answer = await post(url, { name: "x" }, { origin, "content-type": "text/plain" });
      expect([prefix, origin, answer.status]).toEqual([prefix, origin, 403]);
    }
    const rebound = await raw(
      server,
      `GET ${prefix}/2.0/mlflow/experiments/search HTTP/1.1\r\nHost: evil.example`,
    );
    expect(rebound).toMatch(/^HTTP\/1\.1 403 /);
  }
});

// CVE-2024-4263, CVE-2026-2652, -0545, -118624, -118625, -118626
test("every route has a policy, and its twin the same", async () => {
  const context = await openTrackingContext(
    { store: ":memory:", artifacts: "/nowhere" },
    { now: () => new Date(0), random: () => 0 },
  );
  const protocol = mlflowProtocol(context, "3.18.0");
  const policies = new Map(protocol.routes.map(({ method, path, policy }) => [`${method} ${path}`, policy]));
  for (const [name, policy] of policies) {
    if (name.includes("/api/"))
      expect([name, policies.get(name.replace("/api/", "/ajax-api/"))]).toEqual([name, policy]);
    const isAbout = /\/(health|version|server-info)$/.test(name);
    expect([name, policy === "open"]).toEqual([name, isAbout]);
    if (/^(PUT|DELETE|PATCH) /.test(name)) expect([name, policy]).toEqual([name, "write"]);
    const changes = /\/(create|update|delete|restore|log-\w+|log-batch|set-[\w-]+|delete-[\w-]+)$/.test(name);
    // deleting or restoring a whole experiment requires more than write access
    const expected = /\/experiments\/(delete|restore)$/.test(name) ? "admin" : "write";
    if (changes && !name.includes("/mpu/")) expect([name, policy]).toEqual([name, expected]);
  }
  const [route] = protocol.routes;
  const without = { ...route, path: "/x", policy: undefined } as unknown as (typeof protocol.routes)[number];
  expect(() => createRouter([{ ...protocol, routes: [without] }])).toThrow("no policy");
  for (const about of [
    undefined,
    null,
    "everything",
    {},
    { some: () => [] },
    { all: () => [], among: () => [] },
  ]) {
    const silent = { ...route, path: "/x", policy: "read", about } as unknown as typeof without;
    expect(() => createRouter([{ ...protocol, routes: [silent] }])).toThrow("does not say what it is about");
  }
  const owned = { ...route, path: "/x", policy: "open", about: "registry" } as unknown as typeof without;
  expect(() => createRouter([{ ...protocol, routes: [owned] }])).toThrow("does not say what it is about");
  await context.close();
});

test("what is left out answers 404 or 501 on every prefix", async () => {
  const { url } = await serveTest();
  for (const prefix of ["/api", "/ajax-api"]) {
    for (const path of ["2.0/mlflow/gateway-proxy", "3.0/mlflow/jobs"]) {
      expect((await post(`${url}${prefix}/${path}`, {})).status).toBe(404);
    }
    for (const path of ["2.0/mlflow/webhooks", "3.0/mlflow/datasets/create", "3.0/mlflow/scorers/register"]) {
      const refused = await post(`${url}${prefix}/${path}`, {});
      expect([refused.status, refused.body]).toEqual([
        501,
        { error_code: "NOT_IMPLEMENTED", message: expect.stringMatching(/^This server (keeps|sends) no /) },
      ]);
    }
    const parts = await post(`${url}${prefix}/2.0/mlflow-artifacts/mpu/create/0/x/artifacts/y`, {});
    expect([parts.status, parts.body["error_code"]]).toEqual([501, "NOT_IMPLEMENTED"]);
    const signed = await ask(`${url}${prefix}/2.0/mlflow-artifacts/presigned/0/x/artifacts/y`);
    expect(signed.status).toBe(501);
  }
  // MLflow's clients recognize this message and continue without spans
  const spans = await post(`${url}/v1/traces`, {});
  expect(spans.body["message"]).toContain("REST OTLP span logging is not supported");
});

test("errors tell nothing of the database or of the disk", async () => {
  const server = await serveTest();
  const { url } = server;
  const api = `${url}/api/2.0/mlflow`;
  await post(`${api}/experiments/create`, { name: "x" });
  const { run } = await withRun(server);
  const quotes = "'\"`; DROP TABLE runs; --";
  const answers = [
    await post(`${api}/experiments/create`, { name: "x" }),
    await post(`${api}/runs/search`, { experiment_ids: ["0"], filter: `tags.a = ${quotes}` }),
    await post(`${api}/runs/search`, { experiment_ids: ["0"], order_by: [quotes] }),
    await post(`${api}/runs/search`, { experiment_ids: ["0"], page_token: quotes }),
    await post(`${api}/runs/search`, { experiment_ids: [quotes] }),
    await post(`${api}/runs/log-metric`, { run_id: run, key: quotes, value: 1, timestamp: 1 }),
    await post(`${api}/runs/log-parameter`, { run_id: run, key: "a", value: "\0" }),
    await post(`${api}/runs/log-batch`, {
      run_id: run,
      metrics: [{ key: "a", value: 1, timestamp: 2 ** 60 }],
    }),
    await ask(`${api}/metrics/get-history?run_id=${run}&metric_key=a&page_token=e30`),
    await ask(`${api}/metrics/get-history?run_id=${run}&metric_key=${encodeURIComponent("a\0")}`),
    await ask(`${api}/experiments/get?experiment_id=999999999999999999999`),
    await ask(`${api}/runs/create`, { method: "POST", body: "{" }),
    await ask(`${api}/runs/create`, { method: "POST", body: "[]" }),
    await post(`${api}/runs/log-batch`, { run_id: run, padding: "x".repeat(1_000_001) }),
  ];
  for (const { status, text } of answers) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/SELECT|INSERT|UPDATE |sqlite|constraint|node:|\/tmp|stack/i);
  }
  expect(server.failures).toEqual([]);
});

test("an object's own names are no fields of a request", async () => {
  const server = await serveTest();
  const { url } = server;
  const body =
    '{"__proto__":{"isAdmin":true},"name":"x","tags":[{"key":"__proto__","value":"y"},{"key":"constructor","value":"z"}]}';
  const made = await ask(`${url}/api/2.0/mlflow/experiments/create`, { method: "POST", body });
  expect(made.status).toBe(200);
  const found = await ask(`${url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=x`);
  expect((found.body["experiment"] as { tags: unknown }).tags).toContainEqual({
    key: "constructor",
    value: "z",
  });
  const view = await post(`${url}/api/2.0/mlflow/runs/search`, {
    experiment_ids: ["0"],
    run_view_type: "constructor",
  });
  expect(view.status).toBe(400);
  expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
});
