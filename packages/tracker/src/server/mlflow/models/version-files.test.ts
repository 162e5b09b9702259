/** Tests files of a model's version, and external sources that a server can be configured to accept. */
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { addRun, serveTest, type TestTracking } from "../../../../../../test/support/tracking-server.ts";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function post({ url }: TestTracking, path: string, fields: object): Promise<Answer> {
  const init = { method: "POST", body: JSON.stringify(fields) };
  const response = await fetch(`${url}/api/2.0/mlflow/${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function place(options: Parameters<typeof serveTest>[0] = {}): Promise<TestTracking> {
  const server = await serveTest(options);
  await addRun(server.context, "run1");
  await addRun(server.context, "run2");
  await post(server, "registered-models/create", { name: "name" });
  return server;
}

const create = (server: TestTracking, source: string, more: object = {}): Promise<Answer> =>
  post(server, "model-versions/create", { name: "name", source, ...more });

describe("a file of a version", () => {
  test("is sent as an attachment, in parts too", async () => {
    const server = await place();
    const put = `${server.url}/api/2.0/mlflow-artifacts/artifacts/0/run1/artifacts/model/a/MLmodel`;
    await fetch(put, { method: "PUT", body: "<script>flavors" });
    await create(server, "runs:/run1/model");
    const file = `${server.url}/model-versions/get-artifact?name=name&version=1&path=a/MLmodel`;
    const answer = await fetch(file);
    expect(await answer.text()).toBe("<script>flavors");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": "attachment; filename*=UTF-8''MLmodel",
      "x-content-type-options": "nosniff",
    });
    expect(await (await fetch(file, { headers: { range: "bytes=8-" } })).text()).toBe("flavors");
  });

  // CVE-2023-1177, CVE-2023-6909, CVE-2023-6977
  test.each(["../path", "a/../../x", "/etc/passwd", "..\\x", "%2e%2e/x", "C:/x", "a\0"])(
    "%j is no path, whatever the version",
    async (path) => {
      const server = await place();
      await create(server, "runs:/run1/model");
      for (const version of ["1", "7"]) {
        const query = new URLSearchParams({ name: "name", version, path }).toString();
        // Two leading slashes count as one and do not start a host name.
        for (const slashes of ["/", "//"]) {
          const answer = await fetch(`${server.url}${slashes}model-versions/get-artifact?${query}`);
          expect([answer.status, await answer.json()]).toEqual([
            400,
            {
              error_code: "INVALID_PARAMETER_VALUE",
              message: expect.stringMatching(/^Invalid (path|value)/),
            },
          ]);
        }
      }
    },
  );

  test("of no version, no file, or files that lie elsewhere", async () => {
    const server = await place({ allowed: ["s3://team"] });
    await create(server, "runs:/run1/model");
    await create(server, "s3://team/model");
    const status = async (version: string, path: string): Promise<number> =>
      (await fetch(`${server.url}/model-versions/get-artifact?name=name&version=${version}&path=${path}`))
        .status;
    expect([await status("7", "a"), await status("1", "none"), await status("1", "")]).toEqual([
      404, 404, 400,
    ]);
    expect(await status("2", "a")).toBe(501);
  });
});

describe("a source below a place that the server allows", () => {
  const allowed = ["mlflow-artifacts:/models", "s3://team"];

  test.each([
    "mlflow-artifacts:/models",
    "mlflow-artifacts:/models/",
    "mlflow-artifacts:/models///",
    "mlflow-artifacts:/models/foo///bar",
    "mlflow-artifacts:/models/a/..../",
    "s3://team/x",
  ])("%s", async (source) => {
    const server = await place({ allowed, links: [] });
    expect((await create(server, source, { run_id: "run1" })).status).toBe(200);
    expect((await create(server, source, { run_id: "none" })).status).toBe(400);
  });

  test.each([
    "mlflow-artifacts:/modelsx",
    "mlflow-artifacts://host:9000/models",
    "mlflow-artifacts:/models/../../x",
    "mlflow-artifacts:/models/./x",
    "mlflow-artifacts:/models/..%2f..%2fx",
    "mlflow-artifacts:/models/x%00",
    "mlflow-artifacts:/models/x#y",
    "mlflow-artifacts:/models/x\\y",
    "s3://teamother/x",
    "http://host:9000/models/../../../",
    "file:///etc",
    "/etc",
  ])("%s is none", async (source) => {
    const server = await place({ allowed, links: [] });
    for (const more of [{}, { run_id: "run1" }, { model_id: "m-1" }]) {
      const { status, body } = await create(server, source, more);
      expect([status, body["message"]]).toEqual([
        400,
        expect.stringContaining("If supplying a source as an http, https,"),
      ]);
    }
  });
});

describe("a source that is a path, on a server that shares its folder", () => {
  test("with the run or the model that it belongs to", async () => {
    const server = await place({ isShared: true });
    const folder = `${server.folder}/0/run1/artifacts`;
    const { href } = pathToFileURL(folder);
    const made = await post(server, "logged-models", { experiment_id: "0", name: "m" });
    const { info } = made.body["model"] as { info: Record<string, string> };
    const model_id = info["model_id"] ?? "";
    for (const [source, more] of [
      [folder, { run_id: "run1" }],
      [`${folder}/`, { run_id: "run1" }],
      [href, { run_id: "run1" }],
      [`${href}/model`, { run_id: "run1" }],
      [`${href}/.`, { run_id: "run1" }],
      [`${href}/model/..`, { run_id: "run1" }],
      [info["artifact_uri"] ?? "", { model_id }],
      [`models:/${model_id}`, { model_id }],
    ] as const) {
      const { status, body } = await create(server, source, more);
      expect([source, status, body["message"]]).toEqual([source, 200, undefined]);
    }
    const found = await fetch(
      `${server.url}/api/2.0/mlflow/model-versions/get-download-uri?name=name&version=6`,
    );
    expect(await found.json()).toEqual({ artifact_uri: href });
  });

  test("and no other", async () => {
    const server = await place({ isShared: true });
    const root = `${server.folder}/0/run1/artifacts`;
    for (const [source, more] of [
      [root, {}],
      [pathToFileURL(root).href, {}],
      [root, { run_id: "run2" }],
      [root, { run_id: "none" }],
      [root, { model_id: "m-none" }],
      ["/tmp", { run_id: "run1" }],
      ["file:///tmp", {}],
      ["file:///tmp", { run_id: "run1" }],
      [`${root}/../../run2/artifacts`, { run_id: "run1" }],
      [`${root}/..`, { run_id: "run1" }],
      [`${root}x`, { run_id: "run1" }],
      [`file://${root}/%2e%2e/x`, { run_id: "run1" }],
    ] as const) {
      const { status, body } = await create(server, source, more);
      expect([source, status, body["message"]]).toEqual([
        source,
        400,
        expect.stringContaining("To use a local path as a model version source"),
      ]);
    }
    const elsewhere = await create(server, "file://123.456.789.123/x", { run_id: "run1" });
    expect([elsewhere.status, elsewhere.body["message"]]).toEqual([
      500,
      "file://123.456.789.123/x is not a valid remote uri.",
    ]);
  });
});
