/**
 * @file Calls every route and every root field of W&B's schema without permission: users without a role in a project
 * learn nothing of it, and readers change nothing. New routes are covered automatically.
 */

import type { Route } from "@tunewise/tracker/http";
import { identifyUsers, schemaText } from "@tunewise/tracker/server";
import { buildSchema, type GraphQLObjectType } from "graphql";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  fillVault,
  grant,
  serveTeam,
  type Team,
  traceFields,
  type Vault,
} from "../../../../../test/support/team-server.ts";
import { trackingProtocols } from "./protocols.ts";

function routesOf({ context }: Team): Route[] {
  return trackingProtocols(context, identifyUsers(context), { output: null }).flatMap(({ routes }) => routes);
}

/** Fields that point each route to the vault; routes ignore fields that they do not know. */
function fieldsFor(vault: Vault): Record<string, unknown> {
  const { project, run, model, registered, name } = vault;
  return {
    experiment_id: String(project),
    experiment_ids: [String(project)],
    experiment_name: name,
    run_id: run,
    run_uuid: run,
    run_ids: [run],
    source_run_id: run,
    name: registered,
    version: "1",
    alias: "champion",
    stage: "Staging",
    source: `runs:/${run}/x`,
    key: "k",
    value: "1",
    timestamp: 1,
    metric_key: "loss",
    new_name: `${name} renamed`,
    status: "FINISHED",
    models: [{ model_id: model }],
    datasets: [{ dataset: { name: "d", digest: "e" }, dataset_name: "d" }],
    prompt_template: "x",
    prompt_parameters: [{ key: "q", value: "1" }],
    model_route: "x",
    model_input: "x",
    mlflow_version: "3.18.0",
    ...traceFields(vault.trace, project),
    trace_id: vault.trace,
    trace_ids: [vault.trace],
    request_id: vault.trace,
    prompt_versions: [{ name: "p", version: "1" }],
    locations: [{ mlflow_experiment: { experiment_id: String(project) } }],
    timestamp_ms: 1,
    assessment: { assessment_name: "a", feedback: { value: 1 } },
    update_mask: "feedback",
    model_json: JSON.stringify({ artifact_path: "", flavors: {}, utc_time_created: "", run_id: run }),
  };
}

/** Bodies for tunewise's own routes, which refuse unknown fields. */
function ownBody(path: string, { name, project, run }: Vault): unknown {
  if (path.endsWith("/runs/curves")) return { runs: [run], keys: ["loss"] };
  if (path.endsWith("/runs/differences") || path.endsWith("/runs/answers")) return { runs: [run, run] };
  if (path.endsWith("/plan") || path.endsWith("/check")) return {};
  if (/\/recipes\/.*\/runs$/.test(path)) return { plan: "none", micro_usd: 1, seconds: null };
  if (path.endsWith("/readings")) return { micro_usd: 1, metered_ms: 1 };
  if (path.endsWith("/stop")) return { reason: "secret" };
  if (path.endsWith("/charges")) return { kind: "tokens", micro_usd: 1, source: "secret" };
  if (path.endsWith("/runs/table"))
    return {
      projects: [project],
      columns: ["attributes.name", "params.p"],
      pinned: [run],
      group: ["tags.k"],
    };
  if (path.endsWith("/runs/change")) return { ids: [run], action: "tag", key: "k", value: "secret" };
  if (path.includes("/views/")) return { project, state: { filter: "secret" } };
  const price = { price_micro_usd_per_hour: 1, price_source: "test" };
  return { id: `launch-${name.replace(/\W/g, "-")}`, command: "x", project: name, ...price };
}

/** Builds a request to a route, about the vault. */
function requestFor(route: Route, vault: Vault): { path: string; body: unknown } {
  const { project, run, model, wandbRun, name } = vault;
  const words: Readonly<Record<string, string>> = {
    id: route.path.includes("/traces/") ? vault.trace : model,
    assessment: vault.assessment,
    entity: "tunewise",
    project: name,
    run: wandbRun,
    key: "k",
    path: `${project}/${run}/artifacts/x.txt`,
  };
  const isOwn = route.path.startsWith("/api/tunewise/");
  const path = route.path.replace(/[:*](\w+)/g, (_, word: string) =>
    isOwn && word === "id" ? run : (words[word] ?? word),
  );
  if (isOwn && (route.method === "POST" || route.method === "PUT"))
    return { path, body: ownBody(path, vault) };
  // without a project, the route would be about the caller's own view
  if (isOwn && path.includes("/views/")) return { path: `${path}?project=${project}`, body: undefined };
  if (isOwn && path.endsWith("/runs/values"))
    return { path: `${path}?column=params.secret&projects=${project}`, body: undefined };
  const fields = fieldsFor(vault);
  // here `name` is that of the new logged model, not of a registered one
  if (path.endsWith("/logged-models")) fields["name"] = "made";
  if (path.endsWith("/registered-models/alias") && route.method === "POST") fields["alias"] = "second";
  if (route.path.endsWith("/traces/:id")) fields["status"] = "OK";
  if (path.endsWith("/status") || path.includes("/logged-models/")) fields["status"] = "LOGGED_MODEL_READY";
  if (route.method === "PUT") return { path, body: "secret" };
  if (route.method !== "GET" && route.method !== "DELETE") {
    if (path.endsWith("/upload-artifact"))
      return { path: `${path}?run_uuid=${run}&path=y.txt`, body: "secret" };
    return { path, body: route.path.endsWith("/file_stream") ? { files: {} } : fields };
  }
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) {
    if (path.endsWith("get-history-bulk") && key === "run_id") query.append("run_id", run);
    else if (typeof value === "string" && key !== "status") query.append(key, value);
    if (key === "run_ids") query.append(key, run);
    if (key === "experiment_ids" && path.endsWith("/traces")) query.append(key, String(project));
  }
  const file = path.endsWith("mlflow-artifacts/artifacts") ? `${project}/${run}/artifacts` : "x.txt";
  query.append("path", path.endsWith("artifacts/list") ? "" : file);
  query.append("artifact_file_path", "x.txt");
  // limits the stream of changes to its first event
  query.append("seconds", "0");
  return { path: `${path}?${query}`, body: undefined };
}

/** Dumps the store, except tokens (whose last use changes), server secrets and cached documents. */
async function everything({ context }: Team): Promise<string> {
  const tables = await context.database.all(
    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
  );
  const rows: unknown[] = [];
  for (const { name } of tables) {
    if (name === "tokens" || name === "server_secrets") continue;
    rows.push(name, await context.database.all(`SELECT * FROM ${name}`));
  }
  return JSON.stringify(rows, (key, value) => (key === "document" ? undefined : value));
}

const nameOf = (route: Route): string => `${route.method} ${route.path}`;

/** Whether a route is about the whole server, such as its audit, and so only for its admins. */
const isServerWide = ({ about, policy }: Route): boolean => about === "nothing" && policy === "admin";

/** Expected status of a route for a user without a role in the vault. */
function expectedForNobody(route: Route): number {
  const { about, policy } = route;
  if (isServerWide(route)) return 403;
  if (about === "nothing") return 501; // not implemented for anyone
  if (about === "parts" || about === "readable") return 200; // tested below
  if (about === "registry") return policy === "read" ? 200 : 403;
  // Everyone can see names of the registry; for anything else the reply must not reveal whether it exists.
  return typeof about === "object" && "registryAnd" in about ? 403 : 404;
}

/** Failures of the server, except for routes that it answers with 501. */
const realFailures = ({ failures }: Team): unknown[] =>
  failures.filter((failure) => (failure as { code?: string }).code !== "NOT_IMPLEMENTED");

const makesProject = ({ about }: Route): boolean => about === "new-project";

describe("every route", () => {
  it("answers the operator of the server, so that the requests of this walk mean what they say", {
    timeout: 180_000,
  }, async () => {
    const team = await serveTeam();
    for (const [at, route] of routesOf(team).entries()) {
      if (route.policy === "open" || makesProject(route)) continue;
      const vault = await fillVault(team, `vault ${at}`);
      const { path, body } = requestFor(route, vault);
      const { status, text } = await team.ask("root", route.method, path, body);
      // Nothing is deleted that could be restored, the registered name is taken, a training has no decision, and there
      // is no recipe.
      const isOdd = /restore$|registered-models\/create$|\/decision(\/file)?$|\/recipes\//.test(route.path);
      const odd = isOdd ? [200, 400, 404] : [200, 201];
      const isOffered =
        (route.about !== "nothing" && !/\/(mpu|presigned)\//.test(route.path)) || isServerWide(route);
      const expected = isOffered ? odd : [501];
      const answer = [
        nameOf(route),
        expected.includes(status) ? "as expected" : `${status} ${text.slice(0, 300)}`,
      ];
      expect(answer).toEqual([nameOf(route), "as expected"]);
    }
    expect(realFailures(team)).toEqual([]);
  });

  it("refuses whoever says no name, under both prefixes, with HEAD too", async () => {
    const team = await serveTeam();
    const vault = await fillVault(team);
    const before = await everything(team);
    for (const route of routesOf(team)) {
      const { path, body } = requestFor(route, vault);
      const answer = await team.ask(null, route.method, path, body);
      if (route.policy === "open") continue;
      expect([nameOf(route), answer.status]).toEqual([nameOf(route), 401]);
      expect(answer.headers.get("www-authenticate")).toContain("Basic");
      expect(answer.text).not.toContain("secret");
      if (route.method !== "GET") continue;
      expect((await team.ask(null, "HEAD", path)).status).toBe(401);
    }
    expect(await everything(team)).toBe(before);
  });

  it("refuses a user without a role in the project", async () => {
    const team = await serveTeam();
    const vault = await fillVault(team);
    const before = await everything(team);
    for (const route of routesOf(team)) {
      if (route.policy === "open" || makesProject(route)) continue;
      const { path, body } = requestFor(route, vault);
      const methods = route.method === "GET" ? (["GET", "HEAD"] as const) : [route.method];
      for (const method of methods) {
        const { status, text } = await team.ask("eve", method, path, body);
        expect([nameOf(route), method, status]).toEqual([nameOf(route), method, expectedForNobody(route)]);
        if (route.about !== "registry")
          expect([nameOf(route), text]).not.toEqual([nameOf(route), expect.stringContaining("secret")]);
      }
    }
    expect(await everything(team)).toBe(before);
    expect(realFailures(team)).toEqual([]);
  });

  it("lets a reader read, and refuses every change", async () => {
    const team = await serveTeam();
    const vault = await fillVault(team);
    await grant(team, "rita", vault.project, "read");
    const before = await everything(team);
    for (const route of routesOf(team)) {
      if (route.policy === "open" || makesProject(route)) continue;
      const { path, body } = requestFor(route, vault);
      const { status } = await team.ask("rita", route.method, path, body);
      const isOffered = route.about !== "nothing" && !/\/(mpu|presigned)\//.test(route.path);
      const allowed = /\/decision(\/file)?$/.test(route.path) ? 404 : 200; // a training has no decision
      if (route.path.includes("/recipes/")) {
        // there is no recipe of this name; for roles on existing ones see test/journey/served-recipes.test.ts
        expect([nameOf(route), status]).toEqual([nameOf(route), 404]);
        continue;
      }
      const expected = route.policy !== "read" ? 403 : isOffered ? allowed : 501;
      if (route.about === "nothing") {
        expect([nameOf(route), status]).toEqual([nameOf(route), isServerWide(route) ? 403 : 501]);
        continue;
      }
      expect([nameOf(route), status]).toEqual([nameOf(route), expected]);
    }
    expect(await everything(team)).toBe(before);
    expect(realFailures(team)).toEqual([]);
  });

  it("lets a writer write, and leaves what takes a project away to its admins", async () => {
    const team = await serveTeam();
    const vault = await fillVault(team);
    await grant(team, "wim", vault.project, "write");
    for (const route of routesOf(team)) {
      if (route.policy !== "admin") continue;
      const { path, body } = requestFor(route, vault);
      expect([nameOf(route), (await team.ask("wim", route.method, path, body)).status]).toEqual([
        nameOf(route),
        403,
      ]);
    }
    const log = { run_id: vault.run, key: "loss", value: 2, timestamp: 2 };
    expect((await team.ask("wim", "POST", "/api/2.0/mlflow/runs/log-metric", log)).status).toBe(200);
    await grant(team, "wim", vault.project, "admin");
    const gone = await team.ask("wim", "POST", "/api/2.0/mlflow/experiments/delete", fieldsFor(vault));
    expect(gone.status).toBe(200);
  });
});

/** Root fields, each with a query or mutation about the vault. */
function rootsFor(vault: Vault): Record<string, string> {
  const { name, wandbRun, wandbRunId, artifactId, pendingId, fileId, collectionId } = vault;
  const place = `entityName: "tunewise", projectName: "${name}"`;
  const run = `${place}, runName: "${wandbRun}"`;
  const manifestId = Buffer.from(
    Buffer.from(pendingId, "base64").toString().replace("Artifact", "ArtifactManifest"),
  ).toString("base64");
  const alias = `artifactID: "${artifactId}", aliases: [{ artifactCollectionName: "secret", alias: "x" }]`;
  const inside = `{ id name run(name: "${wandbRun}") { config files(names: ["x.txt"]) { edges { node { directUrl } } } } }`;
  return {
    viewer: "{ viewer { username } }",
    serverInfo: "{ serverInfo { features { name } } }",
    entity: '{ entity(name: "x") { name } }',
    model: `{ model(name: "${name}") ${inside} }`,
    project: `{ project(name: "${name}") ${inside} }`,
    artifact: `{ artifact(id: "${artifactId}") { metadata files { edges { node { directUrl } } } } }`,
    models: `{ models(entityName: "tunewise") { edges { node { name } } } }`,
    artifactCollection: `{ artifactCollection(id: "${collectionId}") { name } }`,
    clientIDMapping: `{ clientIDMapping(clientID: "${name}-client") { serverID } }`,
    upsertBucket: `mutation { upsertBucket(input: { id: "${wandbRunId}", notes: "x" }) { bucket { config } } }`,
    createRunFiles: `mutation { createRunFiles(input: { ${run}, files: ["a"] }) { files { uploadUrl } } }`,
    markRunFilesUploaded: `mutation { markRunFilesUploaded(input: { ${run}, files: ["a"] }) { success } }`,
    stopRun: `mutation { stopRun(input: { id: "${wandbRunId}" }) { success } }`,
    createArtifactType: `mutation { createArtifactType(input: { ${place}, name: "t" }) { artifactType { id } } }`,
    createArtifact: `mutation { createArtifact(input: { ${run}, artifactTypeName: "model", digest: "e",
      artifactCollectionName: "secret" }) { artifact { metadata } } }`,
    createArtifactManifest: `mutation { createArtifactManifest(input: { ${run}, artifactID: "${pendingId}", digest: "d",
      name: "wandb_manifest.json" }) { artifactManifest { file { uploadUrl } } } }`,
    updateArtifactManifest: `mutation { updateArtifactManifest(input: { artifactManifestID: "${manifestId}" })
      { artifactManifest { file { uploadUrl } } } }`,
    createArtifactFiles: `mutation { createArtifactFiles(input: { artifactFiles: [{ artifactID: "${pendingId}",
      name: "a", md5: "AAAAAAAAAAAAAAAAAAAAAA==" }] }) { files { edges { node { uploadUrl } } } } }`,
    commitArtifact: `mutation { commitArtifact(input: { artifactID: "${pendingId}" }) { artifact { metadata } } }`,
    useArtifact: `mutation { useArtifact(input: { ${run}, artifactID: "${artifactId}" }) { artifact { metadata } } }`,
    addAliases: `mutation { addAliases(input: { ${alias} }) { success } }`,
    deleteAliases: `mutation { deleteAliases(input: { ${alias} }) { success } }`,
    deleteArtifact: `mutation { deleteArtifact(input: { artifactID: "${artifactId}", deleteAliases: true })
      { artifact { metadata } } }`,
    deleteRun: `mutation { deleteRun(input: { id: "${wandbRunId}" }) { success } }`,
    deleteFiles: `mutation { deleteFiles(input: { files: ["${fileId}"] }) { success } }`,
    updateRunState: `mutation { updateRunState(input: { id: "${wandbRunId}", state: "failed" }) { success } }`,
    notifyScriptableRunAlert: `mutation { notifyScriptableRunAlert(input: { ${run}, title: "a", text: "b" })
      { success } }`,
    rewindRun: `mutation { rewindRun(input: { ${run}, metricName: "_step", metricValue: 1 })
      { rewoundRun { id } } }`,
    updateArtifact: `mutation { updateArtifact(input: { artifactID: "${artifactId}", description: "x" })
      { artifact { metadata } } }`,
  };
}

const freeRoots = ["viewer", "serverInfo", "entity"];
/** Root fields refused for everyone, with advice on what to do instead. */
const refusedRoots = ["rewindRun"];

describe("every root field of GraphQL", () => {
  const schema = buildSchema(schemaText);
  const rootNames = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys((type as GraphQLObjectType).getFields()),
  );

  it("is in this walk, and answers the operator of the server", async () => {
    const team = await serveTeam();
    expect(Object.keys(rootsFor(await fillVault(team))).sort()).toEqual([...rootNames].sort());
    for (const [at, root] of rootNames.entries()) {
      const vault = await fillVault(team, `vault${at}`);
      const { status, body } = await team.graphql("root", rootsFor(vault)[root] ?? "");
      const isRefused = refusedRoots.includes(root);
      expect([root, status, body.errors !== undefined, body.data[root] === null]).toEqual([
        ...[root, 200, isRefused, isRefused],
      ]);
    }
    expect(realFailures(team)).toEqual([]);
  });

  it("tells nothing to a user without a role, under another name and beside what is allowed", async () => {
    const team = await serveTeam();
    const vault = await fillVault(team);
    const before = await everything(team);
    for (const [root, query] of Object.entries(rootsFor(vault))) {
      if (freeRoots.includes(root)) continue;
      const aliased = query.replace(
        `${root}(`,
        `allowed: ${query.startsWith("mutation") ? "__typename" : "viewer { name }"} hidden: ${root}(`,
      );
      const answer: Answer = await team.graphql("eve", aliased);
      // unreadable objects look missing; a list is empty
      const hidden = root === "models" ? { edges: [] } : null;
      expect([root, answer.status, answer.body.data.hidden]).toEqual([root, 200, hidden]);
      expect(answer.text).not.toContain("secret");
      if (!query.startsWith("mutation")) continue;
      // a project named as the target exists or would be created; ids and runs may be hidden or missing
      const message = /^createArtifact(Type)?$/.test(root)
        ? "eve may not (read|write to) project \\d+. Whoever runs the server can allow it"
        : "There is nothing of this id or name that eve may see. If it exists, the server's operator";
      expect([root, answer.body.errors?.[0]?.message]).toEqual([root, expect.stringMatching(message)]);
    }
    expect(await everything(team)).toBe(before);
    expect(realFailures(team)).toEqual([]);
  });

  it("changes nothing for a reader, and gives no address to write to", async () => {
    const team = await serveTeam();
    const vault = await fillVault(team);
    await grant(team, "rita", vault.project, "read");
    const before = await everything(team);
    for (const [root, query] of Object.entries(rootsFor(vault))) {
      const { body } = await team.graphql("rita", query);
      const isChange = query.startsWith("mutation");
      expect([root, body.data[root] === null, body.errors !== undefined]).toEqual([root, isChange, isChange]);
    }
    expect(await everything(team)).toBe(before);
    const { body } = await team.graphql(
      "rita",
      `{ project(name: "${vault.name}") { run(name: "${vault.wandbRun}") { files(names: ["x.txt"]) { edges { node {
        directUrl uploadUrl url upload: url(upload: true) } } } } }
        artifact(id: "${vault.artifactId}") { files { edges { node { directUrl uploadUrl } } } } }`,
    );
    const [file] = body.data.project.run.files.edges;
    expect(file.node).toMatchObject({ directUrl: expect.any(String), uploadUrl: null, upload: null });
    expect(body.data.artifact.files.edges[0].node).toMatchObject({
      directUrl: expect.any(String),
      uploadUrl: null,
    });
    expect(await (await fetch(file.node.directUrl)).text()).toBe("secret");
    const put = await fetch(file.node.directUrl, { method: "PUT", body: "x" });
    expect(put.status).toBe(403);
  });

  it("tells its caller's own name", async () => {
    const team = await serveTeam();
    expect((await team.graphql("eve", "{ viewer { username name entity admin } }")).body.data.viewer).toEqual(
      {
        username: "eve",
        name: "eve",
        entity: "tunewise",
        admin: false,
      },
    );
    expect((await team.graphql("root", "{ viewer { username admin } }")).body.data.viewer.admin).toBe(true);
  });
});
