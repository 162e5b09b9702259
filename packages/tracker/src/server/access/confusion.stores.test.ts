/** @file Tests ids and names that belong to another project than the one given, on both databases. */

import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import {
  type Answer,
  fillVault,
  grant,
  serveTeam,
  type Team,
  type Vault,
} from "../../../../../test/support/team-server.ts";
import { listGrants, readAudit } from "../../index.ts";

const api = "/api/2.0/mlflow";

/** Creates a vault hidden from `wim`, and one of his own. */
async function twoVaults(team: Team): Promise<{ hidden: Vault; own: Vault }> {
  const [hidden, own] = [await fillVault(team, "hidden"), await fillVault(team, "own")];
  await grant(team, "wim", own.project, "admin");
  return { hidden, own };
}

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);
  const serve = async (): Promise<Team> => serveTeam({ store: await make() });

  it("lists and searches what may be read alone", async () => {
    const team = await serve();
    const { hidden, own } = await twoVaults(team);
    const ask = (path: string, body: object): Promise<Answer> =>
      team.ask("wim", "POST", `${api}/${path}`, body);
    const names = (answer: Answer): string[] =>
      answer.body.experiments.map(({ name }: { name: string }) => name);
    expect(names(await ask("experiments/search", {}))).toEqual(["own"]);
    expect(names(await ask("experiments/search", { filter: "name LIKE 'h%'" }))).toEqual([]);
    expect(names(await team.ask("wim", "GET", `${api}/experiments/search?max_results=1`))).toEqual(["own"]);
    expect(names(await team.ask("root", "GET", `${api}/experiments/search`))).toEqual([
      "own",
      "hidden",
      "Default",
    ]);
    const both = [String(hidden.project), String(own.project)];
    const found = await ask("runs/search", { experiment_ids: both });
    const projects = found.body.runs.map(
      (run: { info: { experiment_id: string } }) => run.info.experiment_id,
    );
    expect(new Set(projects)).toEqual(new Set([String(own.project)]));
    expect((await ask("runs/search", { experiment_ids: [both[0]] })).status).toBe(404);
    // Hidden and missing objects get the same reply from every route.
    const none = "0".repeat(32);
    const alike: [string, string, object?, object?][] = [
      ["POST", "runs/search", { experiment_ids: [both[0]] }, { experiment_ids: ["999"] }],
      ["POST", "runs/create", { experiment_id: both[0] }, { experiment_id: "999" }],
      ["POST", "runs/log-metric", { run_id: hidden.run }, { run_id: none }],
      ["GET", `experiments/get?experiment_id=${both[0]} experiments/get?experiment_id=999`],
      ["GET", "experiments/get-by-name?experiment_name=hidden experiments/get-by-name?experiment_name=away"],
      ["GET", `runs/get?run_id=${hidden.run} runs/get?run_id=${none}`],
      ["GET", `logged-models/${hidden.model} logged-models/m-${none}`],
      ["GET", `artifacts/list?run_id=${hidden.run} artifacts/list?run_id=${none}`],
    ];
    for (const [method, paths, first, second] of alike) {
      const [there = "", away = there] = paths.split(" ");
      const point = { key: "a", value: 1, timestamp: 1 };
      const seen = await team.ask("wim", method, `${api}/${there}`, first && { ...point, ...first });
      const lost = await team.ask("wim", method, `${api}/${away}`, second && { ...point, ...second });
      expect(seen.body, paths).toMatchObject({ error_code: "RESOURCE_DOES_NOT_EXIST" });
      expect([seen.status, seen.body], paths).toEqual([404, lost.body]);
    }
    expect((await ask("runs/search", {})).body.runs).toEqual([]);
    const data = await ask("experiments/search-datasets", { experiment_ids: both });
    expect(data.body.dataset_summaries).toMatchObject([{ experiment_id: both[1] }]);
    const models = await ask("logged-models/search", { experiment_ids: both });
    expect(
      models.body.models.map((model: { info: { experiment_id: string } }) => model.info.experiment_id),
    ).toEqual([both[1]]);
    const query = `run_ids=${own.run}&run_ids=${hidden.run}&metric_key=loss`;
    expect((await team.ask("wim", "GET", `${api}/metrics/get-history-bulk-interval?${query}`)).status).toBe(
      404,
    );
    expect((await team.ask("eve", "POST", `${api}/experiments/search`, {})).body.experiments).toEqual([]);
  });

  it("writes nothing into another project by way of a model, a run or a file", async () => {
    const team = await serve();
    const { hidden, own } = await twoVaults(team);
    const post = async (path: string, body: object): Promise<number> =>
      (await team.ask("wim", "POST", `${api}/${path}`, body)).status;
    const point = { key: "loss", value: 0, timestamp: 1, step: 1, model_id: hidden.model };
    expect(await post("runs/log-metric", { run_id: own.run, ...point })).toBe(404);
    expect(await post("runs/log-batch", { run_id: own.run, metrics: [point] })).toBe(404);
    expect(await post("runs/outputs", { run_id: own.run, models: [{ model_id: hidden.model }] })).toBe(404);
    expect(await post("runs/log-inputs", { run_id: own.run, models: [{ model_id: hidden.model }] })).toBe(
      404,
    );
    expect(await post("runs/log-metric", { run_id: own.run, ...point, model_id: own.model })).toBe(200);
    expect(await post("runs/log-metric", { run_id: own.run, ...point, model_id: "m-none" })).toBe(404);
    const made = { experiment_id: String(own.project), name: "x" };
    expect(await post("logged-models", { ...made, source_run_id: hidden.run })).toBe(404);
    expect(await post("logged-models", { ...made, source_run_id: own.run })).toBe(200);
    const files = "/ajax-api/2.0/mlflow-artifacts/artifacts";
    for (const path of [
      `${hidden.project}/${own.run}/artifacts/x`,
      `${own.project}/${hidden.run}/artifacts/x`,
      `0${own.project}/models/${own.model}/artifacts/x`,
      `999/models/${own.model}/artifacts/x`,
      `${hidden.project}/models/${own.model}/artifacts/x`,
      `${own.project}/../${hidden.project}/${hidden.run}/artifacts/x`,
      `${own.project}/${own.run}/artifacts/..%2f..%2f..%2f${hidden.project}/${hidden.run}/artifacts/x.txt`,
    ]) {
      for (const method of ["PUT", "GET", "HEAD", "DELETE"]) {
        const { status } = await team.ask(
          "wim",
          method,
          `${files}/${path}`,
          method === "PUT" ? "x" : undefined,
        );
        expect([path, method, [400, 403, 404].includes(status)]).toEqual([path, method, true]);
      }
    }
    const ours = `${files}/${own.project}/models/${own.model}/artifacts/x.txt`;
    expect((await team.ask("wim", "DELETE", ours)).status).toBe(200);
    // Two names of one field: access is checked on the same run that is written to.
    const twice = { run_id: own.run, run_uuid: hidden.run, key: "loss", value: 5, timestamp: 5 };
    expect(await post("runs/log-metric", twice)).toBe(200);
    const history = await team.ask(
      "root",
      "GET",
      `${api}/metrics/get-history?run_id=${hidden.run}&metric_key=loss`,
    );
    expect(history.body.metrics).toHaveLength(1);
    const mixed = await team.ask("wim", "GET", `${api}/runs/get?run_id=${own.run}&run_id=${hidden.run}`);
    expect(mixed.status).toBe(400);
  });

  it("guards versions by what they were made from", async () => {
    const team = await serve();
    const { hidden, own } = await twoVaults(team);
    const ask = async (method: string, path: string, body: object): Promise<number> =>
      (await team.ask("wim", method, `${api}/${path}`, body)).status;
    const version = { name: hidden.registered, version: "1" };
    expect(await ask("PATCH", "model-versions/update", { ...version, description: "x" })).toBe(403);
    expect(await ask("DELETE", "registered-models/delete", { name: hidden.registered })).toBe(403);
    expect(await ask("POST", "registered-models/rename", { name: hidden.registered, new_name: "mine" })).toBe(
      403,
    );
    expect(await ask("POST", "registered-models/alias", { ...version, alias: "best" })).toBe(403);
    expect(
      await ask("DELETE", "registered-models/alias", { name: hidden.registered, alias: "champion" }),
    ).toBe(403);
    const archives = { name: hidden.registered, stage: "Production", archive_existing_versions: true };
    expect(
      await ask("POST", "model-versions/create", { name: hidden.registered, source: `runs:/${own.run}/x` }),
    ).toBe(200);
    expect(await ask("POST", "model-versions/transition-stage", { ...archives, version: "2" })).toBe(403);
    const plain = { ...archives, version: "2", archive_existing_versions: false };
    expect(await ask("POST", "model-versions/transition-stage", plain)).toBe(200);
    for (const source of [
      { source: `runs:/${hidden.run}/x` },
      { source: `models:/${hidden.model}` },
      { source: `models:/${hidden.registered}/1` },
      { source: `models:/${hidden.registered}@champion` },
      { source: `models:/${own.model}`, run_id: hidden.run },
      { source: `mlflow-artifacts:/${hidden.project}/${hidden.run}/artifacts/x`, run_id: hidden.run },
    ]) {
      expect([
        source,
        await ask("POST", "model-versions/create", { name: own.registered, ...source }),
      ]).toEqual([source, 403]);
    }
    expect(await ask("DELETE", "registered-models/delete", { name: own.registered })).toBe(200);
    const eve = await team.ask("eve", "POST", `${api}/registered-models/create`, { name: "eve" });
    expect([eve.status, eve.body.message]).toEqual([403, expect.stringContaining("may write in no project")]);
  });

  it("knows a run of W&B's by its project, not by words that now belong to another one", async () => {
    const team = await serve();
    const hidden = await fillVault(team, "hidden");
    const renamed = { experiment_id: String(hidden.project), new_name: "elsewhere" };
    await team.ask("root", "POST", `${api}/experiments/update`, renamed);
    expect((await team.ask("wim", "POST", `${api}/experiments/create`, { name: "hidden" })).status).toBe(200);
    const asked = `{ project(name: "hidden") { name run(name: "${hidden.wandbRun}") { config } artifact(name: "secret:latest") { id } } }`;
    const { body } = await team.graphql("wim", asked);
    expect(body.data.project).toEqual({ name: "hidden", run: null, artifact: null });
    const run = `entityName: "tunewise", projectName: "hidden", runName: "${hidden.wandbRun}"`;
    for (const change of [
      `upsertBucket(input: { modelName: "hidden", name: "${hidden.wandbRun}", notes: "x" }) { bucket { config } }`,
      `upsertBucket(input: { modelName: "hidden", id: "${hidden.wandbRunId}" }) { bucket { config } }`,
      `createRunFiles(input: { ${run}, files: ["a"] }) { files { uploadUrl } }`,
    ]) {
      const answer = await team.graphql("wim", `mutation { a: ${change} }`);
      expect([change, answer.body.data, answer.body.errors?.length]).toEqual([change, { a: null }, 1]);
    }
    const stream = `/files/tunewise/hidden/${hidden.wandbRun}/file_stream`;
    expect((await team.ask("wim", "POST", stream, { files: {} })).status).toBe(404);
    const artifact = `createArtifact(input: { ${run}, artifactTypeName: "t", digest: "z",
      artifactCollectionName: "c" }) { artifact { createdBy { config } } }`;
    const made = await team.graphql("wim", `mutation { ${artifact} }`);
    expect(made.body.data.createArtifact.artifact.createdBy).toBe(null);
    // The run's own client resumes it in its project.
    const own = `mutation { upsertBucket(input: { modelName: "hidden", name: "${hidden.wandbRun}" }) { inserted } }`;
    expect((await team.graphql("root", own)).body.data.upsertBucket).toEqual({ inserted: false });
    const all = await team.ask("root", "GET", `${api}/experiments/search`);
    expect(all.body.experiments.map(({ name }: { name: string }) => name).sort()).toEqual([
      "Default",
      "elsewhere",
      "hidden",
    ]);
    expect(team.failures).toEqual([]);
  });

  it("makes makers admins, by either client, and runs their callers'", async () => {
    const team = await serve();
    const made = await team.ask("eve", "POST", `${api}/experiments/create`, { name: "eves" });
    const id = made.body.experiment_id;
    const tags = [{ key: "mlflow.user", value: "root" }];
    const run = await team.ask("eve", "POST", `${api}/runs/create`, {
      experiment_id: id,
      user_id: "root",
      tags,
    });
    expect(run.body.run.info.user_id).toBe("eve");
    const begin =
      'mutation { upsertBucket(input: { modelName: "eves-too", name: "r" }) { bucket { id } inserted } }';
    expect((await team.graphql("eve", begin)).body.data.upsertBucket.inserted).toBe(true);
    expect((await team.graphql("rita", begin)).body.errors[0].message).toContain(
      "rita may not write to project",
    );
    const people = await team.context.database.all("SELECT DISTINCT person FROM runs");
    expect(people).toEqual([{ person: "eve" }]);
    expect(
      (await listGrants(team.context.database, null)).map(({ project, user, role }) => [
        project.name,
        user,
        role,
      ]),
    ).toEqual([
      ["eves", "eve", "admin"],
      ["eves-too", "eve", "admin"],
    ]);
    expect(await readAudit(team.context.database, { limit: 9, person: "eve" })).toHaveLength(2);
    const taken = await team.ask("rita", "POST", `${api}/experiments/create`, { name: "eves" });
    expect([taken.status, taken.body.error_code]).toEqual([400, "RESOURCE_ALREADY_EXISTS"]);
    const gone = await team.ask("eve", "POST", `${api}/experiments/delete`, { experiment_id: id });
    expect(gone.status).toBe(200);
  });
});
