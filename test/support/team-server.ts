/** @file For tests: a tracking server with users, and a project with data that only some of them may see. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  addToken,
  addUser,
  openTrackingContext,
  putGrant,
  type TrackingContext,
  tokenBytes,
  tokenFrom,
  type UserRole,
} from "@tunewise/tracker";
import { identifyUsers, serveTracking } from "@tunewise/tracker/server";
import { onTestFinished } from "vitest";
import { claimProjects, type ServedRecipes } from "../../packages/tunewise/src/app/dashboard/index.ts";
import { trackingProtocols } from "../../packages/tunewise/src/server/index.ts";
import { temporaryFolder } from "./track-disk.ts";

/** A running server and functions to call it. */
export interface Team {
  readonly url: string;
  readonly context: TrackingContext;
  /** Tokens by user name. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Errors inside the server. */
  readonly failures: unknown[];
  /** Sends a request as a user; `null`: without credentials. */
  readonly ask: (who: string | null, method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Sends a request to W&B's GraphQL API. */
  readonly graphql: (who: string, query: string, variables?: object) => Promise<Answer>;
}

/** A response. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of many shapes
  readonly body: any;
  readonly headers: Headers;
}

/** `root` runs the server; the others have no rights until a test grants them. */
const people: readonly (readonly [string, UserRole])[] = [
  ["root", "admin"],
  ["eve", "member"],
  ["rita", "member"],
  ["wim", "member"],
];

/** Starts a server until the test ends. */
export async function serveTeam({
  store = ":memory:",
  now = () => Date.now(),
  page,
  output = null,
  recipes,
}: {
  readonly store?: string;
  readonly now?: () => number;
  /** Folder of the built page. */
  readonly page?: string;
  /** Output folder whose runs the store records. */
  readonly output?: string | null;
  /** Recipes that the page may plan, check and start. */
  readonly recipes?: ServedRecipes;
} = {}): Promise<Team> {
  const folder = join(await temporaryFolder(), "artifacts");
  const runtime = { now: () => new Date(now()), random: Math.random };
  const context = await openTrackingContext({ store, artifacts: folder }, runtime);
  const tokens = new Map<string, string>();
  for (const [name, role] of people) {
    const { secret, ...kept } = tokenFrom(randomBytes(tokenBytes));
    tokens.set(name, secret);
    await context.write(async (transaction) => {
      await addUser(transaction, { name, role, password: null, createdMs: 1 });
      await addToken(transaction, { ...kept, owner: name, name: "", createdMs: 1, expiresMs: null });
    });
  }
  const failures: unknown[] = [];
  if (recipes) await claimProjects(context, recipes);
  const identify = identifyUsers(context);
  const server = await serveTracking({
    host: "127.0.0.1",
    port: 0,
    protocols: trackingProtocols(context, identify, { output, page, recipes }),
    identify,
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(async () => {
    await server.close(0);
    await context.close();
  });
  const { url } = server;
  const ask: Team["ask"] = (who, method, path, body) =>
    send(`${url}${path}`, method, body, who === null ? {} : { authorization: `Bearer ${tokens.get(who)}` });
  const graphql: Team["graphql"] = (who, query, variables = {}) =>
    send(
      `${url}/graphql`,
      "POST",
      { query, variables },
      { authorization: `Basic ${Buffer.from(`api:${tokens.get(who)}`).toString("base64")}` },
    );
  return { url, context, tokens, failures, ask, graphql };
}

/** Sends a request: a string unchanged, an object as JSON. */
export async function send(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const type = typeof body === "object" ? { "content-type": "application/json" } : {};
  const response = await fetch(url, { method, headers: { ...type, ...headers }, ...init });
  const text = await response.text();
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(text);
  } catch {
    // not every response is JSON
  }
  return { status: response.status, text, body: parsed, headers: response.headers };
}

/** A project and its contents, by the names that clients use. */
export interface Vault {
  readonly project: number;
  readonly name: string;
  readonly run: string;
  readonly model: string;
  readonly registered: string;
  readonly trace: string;
  readonly assessment: string;
  readonly wandbRun: string;
  /** IDs in W&B's format. */
  readonly wandbRunId: string;
  readonly artifactId: string;
  readonly pendingId: string;
  readonly fileId: string;
  readonly collectionId: string;
}

const api = "/api/2.0/mlflow";

/** Creates a project as `root` with every kind of content; everything confidential contains the text `secret`. */
export async function fillVault(team: Team, name = "vault"): Promise<Vault> {
  const post = async (path: string, body: object): Promise<Answer["body"]> => {
    const answer = await team.ask("root", "POST", `${api}/${path}`, body);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.text}`);
    return answer.body;
  };
  const project = Number((await post("experiments/create", { name })).experiment_id);
  const at = { experiment_id: String(project) };
  await post("experiments/set-experiment-tag", { ...at, key: "k", value: "secret" });
  const run: string = (await post("runs/create", { ...at, run_name: "secret run" })).run.info.run_id;
  const model: string = (await post("logged-models", { ...at, name: "secret", source_run_id: run })).model
    .info.model_id;
  await post("runs/log-batch", {
    run_id: run,
    metrics: [{ key: "loss", value: 1, timestamp: 1, step: 1 }],
    params: [{ key: "secret", value: "secret" }],
    tags: [{ key: "k", value: "secret" }],
  });
  await post("runs/log-inputs", { run_id: run, datasets: [{ dataset: { name: "secret", digest: "d" } }] });
  await team.ask("root", "PATCH", `${api}/logged-models/${model}/tags`, {
    tags: [{ key: "k", value: "secret" }],
  });
  for (const owner of [`${project}/${run}`, `${project}/models/${model}`]) {
    for (const file of ["x.txt", "x/x.txt"]) {
      await team.context.artifacts.put(`${owner}/artifacts/${file}`, Readable.from([Buffer.from("secret")]));
    }
  }
  // the test of all routes requests a view with this name
  await team.ask("root", "PUT", "/api/tunewise/v1/views/name", { project, state: { filter: "secret" } });
  const registered = `${name}-model`;
  await post("registered-models/create", { name: registered });
  await post("model-versions/create", { name: registered, source: `runs:/${run}/x`, run_id: run });
  await post("registered-models/alias", { name: registered, alias: "champion", version: "1" });
  const traced = await fillTrace(team, project, run);
  return { project, name, run, model, registered, ...traced, ...(await fillWandb(team, name)) };
}

async function fillTrace(
  team: Team,
  project: number,
  run: string,
): Promise<Pick<Vault, "trace" | "assessment">> {
  const trace = `tr-${project}-${run}`;
  const traces = "/api/3.0/mlflow/traces";
  await team.ask("root", "POST", traces, traceFields(trace, project));
  const assessment = { assessment_name: "secret", feedback: { value: "secret" } };
  const said = await team.ask("root", "POST", `${traces}/${trace}/assessments`, { assessment });
  await team.context.artifacts.put(
    `${project}/traces/${trace}/artifacts/traces.json`,
    Readable.from([Buffer.from("secret")]),
  );
  return { trace, assessment: said.body.assessment.assessment_id };
}

/** A trace in the form that clients send. */
export function traceFields(trace_id: string, project: number): { trace: { trace_info: object } } {
  return {
    trace: {
      trace_info: {
        trace_id,
        request_time: "2026-01-31T12:00:00.5Z",
        execution_duration: "1.25s",
        state: "OK",
        trace_location: {
          type: "MLFLOW_EXPERIMENT",
          mlflow_experiment: { experiment_id: String(project) },
        },
        request_preview: "secret",
        tags: { k: "secret" },
        trace_metadata: { secret: "secret" },
      },
    },
  };
}

type Wandb = Pick<Vault, "wandbRun" | "wandbRunId" | "artifactId" | "pendingId" | "fileId" | "collectionId">;

async function fillWandb({ graphql, context }: Team, name: string): Promise<Wandb> {
  const wandbRun = `${name}-run`;
  const mutate = async (
    field: string,
    type: string,
    input: object,
    fields: string,
  ): Promise<Answer["body"]> => {
    const query = `mutation M($input: ${type}!) { ${field}(input: $input) { ${fields} } }`;
    const { body, text } = await graphql("root", query, { input });
    if (body?.errors) throw new Error(text);
    return body.data[field];
  };
  const config = JSON.stringify({ secret: { value: "secret" } });
  const input = { modelName: name, name: wandbRun, displayName: "secret", config };
  const bucket = await mutate("upsertBucket", "UpsertBucketInput", input, "bucket { id }");
  const artifact = async (): Promise<string> => {
    const made = await mutate(
      "createArtifact",
      "CreateArtifactInput",
      {
        entityName: "tunewise",
        projectName: name,
        runName: wandbRun,
        artifactTypeName: "model",
        artifactCollectionName: "secret",
        digest: "d",
        metadata: "secret",
        clientID: `${name}-client`,
      },
      "artifact { id }",
    );
    return made.artifact.id;
  };
  const artifactId = await artifact();
  const file = { artifactID: artifactId, name: "secret.txt", md5: md5OfSecret };
  const files = await mutate(
    "createArtifactFiles",
    "CreateArtifactFilesInput",
    { artifactFiles: [file] },
    "files { edges { node { uploadUrl } } }",
  );
  await send(files.files.edges[0].node.uploadUrl, "PUT", "secret");
  await mutate("commitArtifact", "CommitArtifactInput", { artifactID: artifactId }, "artifact { id }");
  await context.artifacts.put(
    `runs/${Buffer.from(bucket.bucket.id, "base64").toString().split(":")[1]}/x.txt`,
    Readable.from([Buffer.from("secret")]),
  );
  const { body } = await graphql(
    "root",
    `{ project(name: "${name}") { run(name: "${wandbRun}") { files(names: ["x.txt"]) { edges { node { id } } } } }
      artifact(id: "${artifactId}") { artifactSequence { id } } }`,
  );
  return {
    wandbRun,
    wandbRunId: bucket.bucket.id,
    artifactId,
    pendingId: await artifact(),
    fileId: body.data.project.run.files.edges[0].node.id,
    collectionId: body.data.artifact.artifactSequence.id,
  };
}

/** Base64 of the MD5 of `secret`. */
const md5OfSecret = "Xr4ilOzQ4PCOq3aQ0qbuaQ==";

/** Grants a user a role in a project. */
export function grant(
  { context }: Team,
  user: string,
  project: number,
  role: "read" | "write" | "admin",
): Promise<void> {
  return context.write((transaction) => putGrant(transaction, { project, user, role }));
}
