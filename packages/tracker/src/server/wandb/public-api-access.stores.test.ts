/** @file Tests artifacts in W&B's public API, and access to other users' projects, on each database. */

import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import { grant, serveTeam, type Team } from "../../../../../test/support/team-server.ts";
import { artifact, list, listing, log, runOf, some } from "../../../../../test/support/wandb-graphql.ts";
import { findWandbRun } from "../../index.ts";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);
  const serve = async (): Promise<Team> => serveTeam({ store: await make() });

  it("lists artifacts of runs, types and collections; adds, takes and deletes", async () => {
    const team = await serve();
    await log(team, "a", {});
    const [first, second] = [await artifact(team, "one", "best"), await artifact(team, "two", "other")];
    const use = `mutation($id: ID!) { useArtifact(input: {artifactID: $id, entityName: "tunewise",
      projectName: "tickets", runName: "a"}) { artifact { id } } }`;
    await team.graphql("root", use, { id: first });
    const nodes = "edges { node { versionIndex } } totalCount";
    const query = `{ project(name: "tickets") {
      artifactTypes { edges { node { name createdAt artifactCollections { totalCount edges { node { name } } } } } }
      artifactType(name: "dataset") { artifactCollection(name: "rows") { id
        artifacts(first: 1) { ${nodes} pageInfo { endCursor hasNextPage } } } artifact(name: "rows:v0") { id } }
      run(name: "a") { outputArtifacts { ${nodes} } inputArtifacts { ${nodes} } }
      artifact(name: "rows:best") { usedBy { edges { node { name } } } createdBy { name } } } }`;
    const { project } = (await team.graphql("root", query)).body.data;
    expect(project).toMatchObject({
      artifactTypes: {
        edges: [
          {
            node: {
              name: "dataset",
              artifactCollections: { totalCount: 1, edges: [{ node: { name: "rows" } }] },
            },
          },
        ],
      },
      artifactType: {
        artifactCollection: {
          artifacts: {
            totalCount: 2,
            edges: [{ node: { versionIndex: 1 } }],
            pageInfo: { hasNextPage: true },
          },
        },
        artifact: { id: first },
      },
      run: {
        outputArtifacts: {
          totalCount: 2,
          edges: [{ node: { versionIndex: 0 } }, { node: { versionIndex: 1 } }],
        },
        inputArtifacts: { totalCount: 1, edges: [{ node: { versionIndex: 0 } }] },
      },
      artifact: { usedBy: { edges: [{ node: { name: "a" } }] }, createdBy: { name: "a" } },
    });
    const change = (
      what: string,
    ): string => `mutation($input: ${what[0]?.toUpperCase()}${what.slice(1)}Input!) {
      ${what}(input: $input) { success } }`;
    const alias = (name: string, artifactCollectionName = "rows"): object => ({
      entityName: "tunewise",
      projectName: "tickets",
      artifactCollectionName,
      alias: name,
    });
    const aliasesOf = async (id: string): Promise<string[]> => {
      const found = await team.graphql(
        "root",
        "query($id: ID!) { artifact(id: $id) { aliases { alias } } }",
        { id },
      );
      return found.body.data.artifact.aliases.map((item: { alias: string }) => item.alias);
    };
    await team.graphql("root", change("addAliases"), {
      input: { artifactID: second, aliases: [alias("best")] },
    });
    expect([await aliasesOf(first), await aliasesOf(second)]).toEqual([
      ["v0"],
      ["v1", "best", "latest", "other"],
    ]);
    await team.graphql("root", change("deleteAliases"), {
      input: { artifactID: second, aliases: [alias("other")] },
    });
    expect(await aliasesOf(second)).toEqual(["v1", "best", "latest"]);
    const elsewhere = { input: { artifactID: second, aliases: [alias("x", "registry")] } };
    const refused = await team.graphql("root", change("addAliases"), elsewhere);
    expect(refused.body.errors[0].message).toContain("tunewise has no registry of artifacts");
    const kept = await team.graphql("root", change("deleteArtifact"), { input: { artifactID: second } });
    expect(kept.body.errors[0].message).toContain("has the aliases best");
    const input = { artifactID: second, deleteAliases: true };
    expect((await team.graphql("root", change("deleteArtifact"), { input })).body.errors).toBeUndefined();
    expect(await aliasesOf(first)).toEqual(["v0", "latest"]);
    // version numbers are never reused
    const third = await artifact(team, "three", "new");
    const version = "query($id: ID!) { artifact(id: $id) { versionIndex } }";
    expect((await team.graphql("root", version, { id: third })).body.data.artifact.versionIndex).toBe(2);
    const tags = { input: { artifactID: third, tagsToAdd: [{ tagName: "x" }] } };
    const lost = await team.graphql(
      "root",
      "mutation($input: UpdateArtifactInput!) { updateArtifact(input: $input) { artifact { id } } }",
      tags,
    );
    expect(lost.body.errors[0].message).toContain("tunewise keeps no tags of artifacts");
  });

  it("shows people what they may read, and nothing else, whatever leads to it", async () => {
    const team = await serve();
    await some(team);
    const id = await artifact(team, "one", "best");
    const { project } = (
      await findWandbRun(team.context.database, {
        entity: "tunewise",
        project: "tickets",
        name: "a",
      })
    )?.run ?? { project: -1 };
    const models = "{ models { edges { node { name runCount } } } }";
    const queries: [string, object][] = [
      [listing, {}],
      [
        runOf("config history files { edges { node { url } } } outputArtifacts { totalCount }"),
        { specs: [] },
      ],
      [
        "query($id: ID!) { artifact(id: $id) { files { edges { node { directUrl } } } usedBy { edges { node { config } } } } }",
        { id },
      ],
      [
        "query($id: ID!) { artifactCollection(id: $id) { artifacts { totalCount } } }",
        { id: Buffer.from(`ArtifactSequence:${project}:rows`).toString("base64") },
      ],
    ];
    for (const [query, variables] of queries) {
      const { body } = await team.graphql("wim", query, variables);
      expect([body.errors, Object.values(body.data)], query).toEqual([undefined, [null]]);
    }
    expect((await team.graphql("wim", models)).body.data.models.edges).toEqual([]);
    const run = Buffer.from("Run:1").toString("base64");
    const changes: [string, object][] = [
      ['mutation($id: ID!) { updateRunState(input: {id: $id, state: "failed"}) { success } }', { id: run }],
      ["mutation($id: ID!) { addAliases(input: {artifactID: $id, aliases: []}) { success } }", { id }],
      [
        "mutation($ids: [ID!]!) { deleteFiles(input: {files: $ids}) { success } }",
        { ids: [Buffer.from("File:1:x").toString("base64")] },
      ],
      [
        `mutation { notifyScriptableRunAlert(input: {entityName: "tunewise", projectName: "tickets", runName: "a", title: "x", text: "y"}) { success } }`,
        {},
      ],
      [
        "mutation($id: ID!) { deleteArtifact(input: {artifactID: $id, deleteAliases: true}) { success } }",
        { id },
      ],
      ["mutation($id: ID!) { deleteRun(input: {id: $id}) { success } }", { id: run }],
    ];
    const refusals = async (asked = changes): Promise<string[]> => {
      const messages: string[] = [];
      for (const [query, variables] of asked)
        messages.push((await team.graphql("wim", query, variables)).body.errors?.[0].message ?? "done");
      return messages;
    };
    const hidden = await refusals();
    for (const message of hidden)
      expect(message).toContain("There is nothing of this id or name that wim may see");
    // missing objects get the same reply, so that ids and names cannot be probed
    const none = (kind: string): string =>
      Buffer.from(`${kind}:9999${kind === "File" ? ":x" : ""}`).toString("base64");
    const missing: [string, object][] = changes.map(([query, variables]) => [
      query.replace('runName: "a"', 'runName: "none"'),
      {
        ...("id" in variables ? { id: none(query.includes("rtifact") ? "Artifact" : "Run") } : {}),
        ...("ids" in variables ? { ids: [none("File")] } : {}),
      },
    ]);
    expect(await refusals(missing)).toEqual(hidden);
    const upsert = `mutation($id: String) { upsertBucket(input: {id: $id, modelName: "tickets"}) { inserted } }`;
    expect(await refusals([[upsert, { id: run }]])).toEqual(await refusals([[upsert, { id: none("Run") }]]));
    await grant(team, "wim", project, "read");
    expect((await list(team, {}, "wim")).names).toEqual(["a", "b", "c"]);
    expect((await team.graphql("wim", models)).body.data.models.edges).toEqual([
      { node: { name: "tickets", runCount: 3 } },
    ]);
    for (const message of await refusals()) expect(message).toContain("wim may not write to project");
    await grant(team, "wim", project, "write");
    expect(await refusals()).toEqual(Array(6).fill("done"));
  });
});
