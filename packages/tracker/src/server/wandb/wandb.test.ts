/** @file Tests W&B's protocol over HTTP: requests of its clients, and misuse. */
import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import {
  changeTrackedRun,
  findTrackedRun,
  openTrackingContext,
  readPoints,
  type TrackingContext,
} from "../../index.ts";
import { problem } from "../../problem/index.ts";
import { serveTracking } from "../serve-tracking.ts";
import { wandbProtocol } from "./protocol.ts";
import { refuse } from "./refuse.ts";

interface Client {
  readonly context: TrackingContext;
  readonly url: string;
  /** Sends a query and returns the reply's body. */
  readonly ask: (query: string, variables?: object) => Promise<Answer>;
  readonly stream: (run: string, body: object) => Promise<Response>;
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared, not used
  readonly data: any;
  readonly errors?: readonly { readonly message: string }[];
}

async function client(): Promise<Client> {
  const folder = await temporaryFolder();
  const host = { now: () => new Date(), random: Math.random };
  const context = await openTrackingContext({ store: ":memory:", artifacts: folder }, host);
  const server = await serveTracking({
    host: "127.0.0.1",
    port: 0,
    protocols: [wandbProtocol(context)],
    identify: null,
  });
  onTestFinished(async () => {
    await server.close(0);
    await context.close();
  });
  const post = (path: string, body: object): Promise<Response> =>
    fetch(server.url + path, { method: "POST", body: JSON.stringify(body) });
  return {
    context,
    url: server.url,
    ask: async (query, variables = {}) =>
      (await (await post("/graphql", { query, variables })).json()) as Answer,
    stream: (run, body) => post(`/files/tunewise/tickets/${run}/file_stream`, body),
  };
}

const upsert = `mutation UpsertBucket($name: String, $id: String, $project: String, $config: JSONString,
  $repo: String) {
  upsertBucket(input: {id: $id, name: $name, modelName: $project, config: $config, jobRepo: $repo}) {
    bucket { id name displayName config historyLineCount project { name entity { name } } }
    inserted
  }
}`;

const createFiles = `mutation($files: [String!]!, $run: String!) {
  createRunFiles(input: {entityName: "tunewise", projectName: "tickets", runName: $run, files: $files}) {
    files { name uploadUrl }
  }
}`;

async function begin(at: Client, name = "first"): Promise<Answer> {
  return at.ask(upsert, { name, project: "tickets", config: '{"lr":{"value":NaN}}' });
}

describe("runs", () => {
  test("begin, change and go on", async () => {
    const at = await client();
    const first = await begin(at);
    expect(first.data.upsertBucket).toMatchObject({
      inserted: true,
      bucket: {
        name: "first",
        displayName: "first",
        project: { name: "tickets", entity: { name: "tunewise" } },
      },
    });
    const again = await at.ask(upsert, {
      id: first.data.upsertBucket.bucket.id,
      repo: "https://ada:secret@git.example/x.git",
    });
    expect(again.data.upsertBucket).toMatchObject({
      inserted: false,
      bucket: { config: '{"lr":{"value":NaN}}' },
    });
    const tags = await at.context.database.all("SELECT value FROM tags WHERE key = 'wandb.repo'");
    expect(tags).toEqual([{ value: "https://git.example/x.git" }]);

    await at.stream("first", { complete: true, exitcode: 0 });
    expect(await findTrackedRun(at.context.database, "first")).toMatchObject({ status: "completed" });
    await begin(at);
    expect(await findTrackedRun(at.context.database, "first")).toMatchObject({
      status: "running",
      endedMs: null,
    });
  });

  test("tell what a client needs to go on", async () => {
    const at = await client();
    await at.ask(upsert, {
      name: "first",
      project: "tickets",
      config: '{"_wandb":{"value":{"t":{"1":2},"m":[]}}}',
    });
    const line = '{"_step":0,"loss":NaN}';
    await at.stream("first", { files: { "wandb-history.jsonl": { offset: 0, content: [line] } } });
    const { data } = await at.ask(`query RunResumeStatus { model(name: "tickets", entityName: "tunewise") {
      first: bucket(name: "first", missingOk: true) { historyLineCount eventsLineCount historyTail eventsTail
        summaryMetrics wandbConfig(keys: ["t"]) }
      other: bucket(name: "other", missingOk: true) { id }
    } }`);
    expect(data.model).toEqual({
      first: {
        historyLineCount: 1,
        eventsLineCount: 0,
        historyTail: JSON.stringify([line]),
        eventsTail: "[]",
        summaryMetrics: "{}",
        wandbConfig: '{"t":{"1":2}}',
      },
      other: null,
    });
  });

  test("learn that they are to stop, in both ways", async () => {
    const at = await client();
    const { id } = (await begin(at)).data.upsertBucket.bucket;
    expect(await (await at.stream("first", {})).json()).toEqual({ exitcode: null, limits: {} });
    await at.ask("mutation($id: ID!) { stopRun(input: {id: $id}) { success } }", { id });
    expect(await (await at.stream("first", {})).json()).toEqual({
      exitcode: null,
      limits: {},
      stopped: true,
    });
    const query = `query RunStoppedStatus { project(name: "tickets") { run(name: "first") { stopped } } }`;
    expect((await at.ask(query)).data.project.run).toEqual({ stopped: true });
  });

  test("that are refused say so with status 200, and a reason", async () => {
    const at = await client();
    await begin(at);
    await at.context.write(async (transaction) => {
      const { number } = await findTrackedRun(transaction, "first");
      await changeTrackedRun(transaction, number, { stage: "deleted" });
    });
    expect((await begin(at)).errors).toEqual([
      { message: "Run first is deleted and accepts no more data.", path: ["upsertBucket"] },
    ]);
    expect((await at.stream("first", {})).status).toBe(400);
    expect((await at.stream("other", {})).status).toBe(404);
    for (const name of ["a/b", "..\\x", "a\u0000", "x".repeat(200), "a#b"]) {
      expect((await begin(at, name)).errors?.[0]?.message).toMatch(
        /^A name of a run has at most 128 letters/,
      );
    }
  });

  test.each([
    ["an offset below zero", { offset: -1, content: ["{}"] }],
    ["an offset that is no count", { offset: "0", content: ["{}"] }],
    ["an offset beyond all lines", { offset: 1e15, content: ["{}"] }],
    ["lines that are no texts", { offset: 0, content: [{}] }],
  ])("refuse %s", async (_, lines) => {
    const at = await client();
    await begin(at);
    const reply = await at.stream("first", { files: { "wandb-history.jsonl": lines } });
    expect([reply.status, await reply.json()]).toEqual([
      400,
      expect.objectContaining({ error: "Lines come as an offset and a list of texts." }),
    ]);
    const points = { run: 1, key: "loss" };
    expect(await readPoints(at.context.database, points, { limit: 1, after: null })).toEqual([]);
  });
});

describe("GraphQL", () => {
  test("leaves out what it does not know", async () => {
    const at = await client();
    const { data, errors } = await at.ask(
      `query { viewer { id entity shoeSize } serverInfo { features { name } } }`,
    );
    expect(errors).toBeUndefined();
    expect(Object.keys(data.viewer)).toEqual(["id", "entity"]);
    const input = { entityName: "tunewise", projectName: "tickets", name: "dataset", later: [1] };
    const made = await at.ask(
      "mutation($input: CreateArtifactTypeInput!) { createArtifactType(input: $input) { artifactType { name } } }",
      { input },
    );
    expect(made).toEqual({ data: { createArtifactType: { artifactType: { name: "dataset" } } } });
  });

  const nested = (depth: number): string => `{ viewer ${"{ teams ".repeat(depth)}${"}".repeat(depth)} }`;
  test.each([
    ["an unknown query", "{ sweep(name: 1) { id } }", "tunewise does not answer the query sweep."],
    ["an unknown mutation", "mutation { dropAll }", "tunewise does not answer the mutation dropAll."],
    ["a subscription", "subscription { runs }", "tunewise does not know subscriptions."],
    ["what is no query", "{ viewer", "Syntax Error: Expected Name, found <EOF>."],
    ["nothing", "", "Syntax Error: Unexpected <EOF>."],
    [
      "two operations",
      "query A { viewer { id } } query B { viewer { id } }",
      "The query holds no one operation to answer.",
    ],
    ["a deep query", nested(40), "The query is nested too deeply."],
    [
      "a fragment inside of itself",
      "{ viewer { ...F } } fragment F on User { teams { ...F } }",
      "The query is nested too deeply.",
    ],
    [
      "fragments that multiply",
      `{ viewer { ...A } } ${[..."ABCDEFGHIJKL"].map((name, at, all) => `fragment ${name} on User { ...${all[at + 1] ?? "Z"} ...${all[at + 1] ?? "Z"} }`).join(" ")} fragment Z on User { id }`,
      "The query asks for too many fields.",
    ],
    ["a long query", `{ viewer { ${"id ".repeat(20_000)} } }`, expect.stringContaining("tokens")],
  ])("refuses %s", async (_, query, message) => {
    const at = await client();
    expect((await at.ask(query)).errors).toEqual([expect.objectContaining({ message })]);
  });
});

test.each([
  ["ARTIFACT_STORE_FULL", { place: "p", path: "a", reason: "ENOSPC" }, 507],
  ["STORE_FULL", { path: "p", reason: "full", folder: "f" }, 507],
  ["ARTIFACT_PATH_TAKEN", { path: "a", reason: "a folder" }, 400],
  ["ARTIFACT_PATH_TOO_LONG", { path: "a", reason: "long" }, 400],
  ["UPLOAD_CUT_OFF", { path: "a", bytes: 1 }, 400],
  ["ARTIFACT_STORE_FAILED", { place: "p", reason: "EIO" }, 500],
] as const)("%s is told by its status", (code, params, status) => {
  const reply = refuse(problem(code, params));
  expect([reply.status, JSON.stringify(reply.body).includes('"p"')]).toEqual([status, false]);
});

describe("files", () => {
  test("go in and out by signed addresses, and by no others", async () => {
    const at = await client();
    await begin(at);
    const names = ["a b.txt", "media/x.json", "../../escape", "/etc/passwd", "a\\b"];
    const { files } = (await at.ask(createFiles, { run: "first", files: names })).data.createRunFiles;
    expect(files.map(({ uploadUrl }: { uploadUrl: string | null }) => uploadUrl !== null)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    const [{ uploadUrl }, other] = files;
    expect((await fetch(uploadUrl, { method: "PUT", body: "hello" })).status).toBe(200);
    expect((await fetch(uploadUrl)).status).toBe(403);
    const [, , mark, until] = new URL(uploadUrl).pathname.split("/");
    const moved = other.uploadUrl.replace(/wandb-files\/[^/]+\/[^/]+/, `wandb-files/${mark}/${until}`);
    expect((await fetch(moved, { method: "PUT", body: "x" })).status).toBe(403);
    const later = uploadUrl.replace(/\/(\d{13})\//, (_: string, ms: string) => `/${Number(ms) + 1}/`);
    expect((await fetch(later, { method: "PUT", body: "x" })).status).toBe(403);

    const { data } = await at.ask(
      `{ model(name: "tickets") { bucket(name: "first") { files(names: ["./a b.txt"]) { edges { node { directUrl sizeBytes } } } } } }`,
    );
    const { directUrl, sizeBytes } = data.model.bucket.files.edges[0].node;
    expect(sizeBytes).toBe(5);
    const whole = await fetch(directUrl);
    expect([whole.headers.get("content-disposition"), await whole.text()]).toEqual(["attachment", "hello"]);
    const part = await fetch(directUrl, { headers: { range: "bytes=1-3" } });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([
      206,
      "bytes 1-3/5",
      "ell",
    ]);
    expect((await fetch(directUrl, { method: "PUT", body: "x" })).status).toBe(403);
  });

  test("of artifacts are what their MD5 says, or are not taken", async () => {
    const at = await client();
    const input = {
      entityName: "tunewise",
      projectName: "tickets",
      artifactTypeName: "dataset",
      artifactCollectionName: "rows",
      digest: "d0",
    };
    const made = await at.ask(
      "mutation($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id state } } }",
      { input },
    );
    const { id, state } = made.data.createArtifact.artifact;
    expect(state).toBe("PENDING");
    const md5 = createHash("md5").update("right").digest("base64");
    const add = `mutation($files: [CreateArtifactFileSpecInput!]!) {
      createArtifactFiles(input: {artifactFiles: $files, storageLayout: V2}) {
        files { edges { node { uploadUrl } } } } }`;
    const ask = async (): Promise<string | null> =>
      (await at.ask(add, { files: [{ artifactID: id, name: "a.txt", md5 }] })).data.createArtifactFiles.files
        .edges[0].node.uploadUrl;
    const uploadUrl = (await ask()) ?? "";
    const commit =
      "mutation($id: ID!) { commitArtifact(input: {artifactID: $id}) { artifact { state versionIndex } } }";
    expect((await at.ask(commit, { id })).errors?.[0]?.message).toBe(
      "The file a.txt of the artifact has not arrived.",
    );
    expect((await fetch(uploadUrl, { method: "PUT", body: "wrong" })).status).toBe(400);
    expect((await at.ask(commit, { id })).errors).toHaveLength(1);
    expect((await fetch(uploadUrl, { method: "PUT", body: "right" })).status).toBe(200);
    expect(await ask()).toBeNull();
    const done = await at.ask(commit, { id });
    expect(done.data.commitArtifact.artifact).toEqual({ state: "COMMITTED", versionIndex: 0 });
    expect(
      (await at.ask(add, { files: [{ artifactID: id, name: "b.txt", md5 }] })).errors?.[0]?.message,
    ).toBe("The artifact is committed and changes no more.");
  });
});
