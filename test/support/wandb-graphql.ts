/** @file For tests: W&B's GraphQL queries as its clients send them: runs with their rows, lists of runs, artifacts. */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Team } from "./team-server.ts";

/** Time of the first row. */
export const nowMs: number = Date.UTC(2026, 10, 28);

/** A mutation that creates or changes a run of the project `tickets`. */
export const upsert: string = `mutation($id: String, $name: String, $config: JSONString, $tags: [String!],
  $group: String, $summary: JSONString, $notes: String, $display: String, $state: String) {
  upsertBucket(input: {id: $id, name: $name, modelName: "tickets", entityName: "tunewise", config: $config, tags: $tags,
    groupName: $group, summaryMetrics: $summary, notes: $notes, displayName: $display, state: $state}) {
    bucket { id name state notes config } inserted } }`;

/** Creates a named run, logs rows and ends it. */
export async function log(
  team: Team,
  name: string,
  about: object,
  rows: readonly object[] = [],
): Promise<string> {
  const made = await team.graphql("root", upsert, { name, ...about });
  expect(made.body.errors).toBeUndefined();
  const content = rows.map((row, at) =>
    JSON.stringify({ _step: at, _timestamp: nowMs / 1000 + at, _runtime: at, ...row }),
  );
  const files = content.length > 0 ? { "wandb-history.jsonl": { offset: 0, content } } : {};
  const path = `/files/tunewise/tickets/${name}/file_stream`;
  expect((await team.ask("root", "POST", path, { files, complete: true, exitcode: 0 })).status).toBe(200);
  return made.body.data.upsertBucket.bucket.id;
}

/** A query that lists runs of the project. */
export const listing: string = `query Runs($filters: JSONString, $order: String, $after: String, $first: Int) {
  project(name: "tickets", entityName: "tunewise") { runCount(filters: $filters)
    runs(filters: $filters, order: $order, after: $after, first: $first) {
      edges { node { name } cursor } pageInfo { endCursor hasNextPage } } } }`;

/** A page of a list. */
export interface Listed {
  readonly names: string[];
  readonly count: number;
  readonly cursor: string | null;
  readonly hasNext: boolean;
}

/** Requests a page of a list. */
export async function list(team: Team, variables: object, who = "root"): Promise<Listed> {
  const { body } = await team.graphql(who, listing, variables);
  if (body.errors) throw new Error(body.errors[0].message);
  const { runs, runCount } = body.data.project;
  return {
    names: runs.edges.map(({ node }: { node: { name: string } }) => node.name),
    count: runCount,
    cursor: runs.pageInfo.endCursor,
    hasNext: runs.pageInfo.hasNextPage,
  };
}

/** Logs three different runs. */
export async function some(team: Team): Promise<void> {
  for (const [at, name] of ["a", "b", "c"].entries()) {
    await log(team, name, {
      config: JSON.stringify({
        lr: { value: (at + 1) / 10 },
        model: { value: { rank: 8 << at, "n.m": "x" } },
      }),
      tags: ["all", name],
      group: at === 0 ? "day" : "night",
      summary: `{"loss": {"min": ${at}}, "nan": NaN, "word": "w${at}"}`,
      display: `run ${name.toUpperCase()}`,
    });
  }
}

/** A query about the run `a`. */
export const runOf = (fields: string): string =>
  `query($specs: [JSONString!]!, $from: Int64, $to: Int64, $n: Int) { project(name: "tickets") { run(name: "a") { ${fields} } } }`;

/** Commits an artifact with one file. */
export async function artifact(team: Team, text: string, alias: string): Promise<string> {
  const input = {
    entityName: "tunewise",
    projectName: "tickets",
    artifactTypeName: "dataset",
    runName: "a",
    artifactCollectionName: "rows",
    digest: text,
    aliases: [{ alias, artifactCollectionName: "rows" }],
  };
  const made = await team.graphql(
    "root",
    "mutation($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id } } }",
    { input },
  );
  const { id } = made.body.data.createArtifact.artifact;
  const md5 = createHash("md5").update(text).digest("base64");
  const files = await team.graphql(
    "root",
    `mutation($files: [CreateArtifactFileSpecInput!]!) { createArtifactFiles(input: {artifactFiles: $files,
      storageLayout: V2}) { files { edges { node { uploadUrl } } } } }`,
    { files: [{ artifactID: id, name: "a.txt", md5 }] },
  );
  await fetch(files.body.data.createArtifactFiles.files.edges[0].node.uploadUrl, {
    method: "PUT",
    body: text,
  });
  await team.graphql(
    "root",
    "mutation($id: ID!) { commitArtifact(input: {artifactID: $id}) { artifact { id } } }",
    {
      id,
    },
  );
  return id;
}
