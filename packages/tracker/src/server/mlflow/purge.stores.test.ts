/** @file Tests purging deleted objects, on each database: only their costs remain. */

import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import {
  type Answer,
  fillVault,
  serveTeam,
  type Team,
  type Vault,
} from "../../../../../test/support/team-server.ts";
import {
  type ArtifactStore,
  addSpend,
  countDeleted,
  type Purged,
  purge,
  readAudit,
  spendByRun,
} from "../../index.ts";

const api = "/api/2.0/mlflow";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  /** Creates a vault with costs, without the registered version that would protect its run from the purge. */
  async function filled(team: Team, name: string): Promise<Vault> {
    const vault = await fillVault(team, name);
    await ask(team, "DELETE", "registered-models/delete", { name: vault.registered });
    const [row] = await team.context.database.all("SELECT number FROM runs WHERE id = ?", vault.run);
    const line = { ms: 5, kind: "tokens", microUsd: 1_500_000, seconds: 0, quantity: 3, unit: "tokens" };
    const price = { priceMicroUsdPerHour: 0, priceSource: "bill" };
    await team.context.write((transaction) =>
      addSpend(transaction, { run: Number(row?.["number"]), ...line, ...price }),
    );
    return vault;
  }
  const ask = (team: Team, method: string, path: string, body: object): Promise<Answer> =>
    team.ask("root", method, `${api}/${path}`, body);
  const purged = (team: Team, artifacts: ArtifactStore = team.context.artifacts): Promise<Purged> =>
    purge({
      database: team.context.database,
      artifacts,
      person: "cli:ada",
      nowMs: Date.now(),
      beforeMs: Date.now() + 1000,
      signal: new AbortController().signal,
    });
  const money = async ({ context }: Team): Promise<unknown> =>
    (await spendByRun(context.database, { fromMs: 0, toMs: 10 })).map(({ run, microUsd }) => [
      run.id,
      microUsd,
    ]);
  const everything = async ({ context }: Team): Promise<string> => {
    const tables: unknown[] = [];
    for (const name of [
      ...[
        "projects",
        "runs",
        "series",
        "params",
        "tags",
        "inputs",
        "datasets",
        "logged_models",
        "run_outputs",
      ],
      ...[
        "traces",
        "trace_tags",
        "trace_metadata",
        "assessments",
        "wandb_runs",
        "wandb_artifacts",
        "wandb_aliases",
      ],
    ]) {
      tables.push(name, await context.database.all(`SELECT * FROM ${name}`));
    }
    return JSON.stringify(tables);
  };

  it("takes a deleted project with all that is in it, and frees its name; money stays", async () => {
    const team = await serveTeam({ store: await make() });
    const [gone, own] = [await filled(team, "gone"), await filled(team, "own")];
    const before = await money(team);
    await ask(team, "POST", "experiments/delete", { experiment_id: String(gone.project) });
    const counts = { runs: 2, models: 1, projects: 1, kept: 0 };
    expect(await countDeleted(team.context.database, Date.now() + 1000)).toEqual(counts);
    expect(await countDeleted(team.context.database, Date.now() - 60_000)).toMatchObject({
      runs: 0,
      projects: 0,
    });
    expect(await purged(team)).toEqual({ ...counts, leftovers: 0 });
    expect(await money(team)).toEqual(before);
    const left = await everything(team);
    for (const word of [gone.model, gone.trace, "gone-client"]) expect(left).not.toContain(word);
    expect(left.split(gone.run)).toHaveLength(2);
    const { artifacts } = team.context;
    expect(await artifacts.list(String(gone.project))).toEqual([]);
    expect(await artifacts.list(`wandb/content/${gone.project}`)).toEqual([]);
    expect((await artifacts.list(`${own.project}/${own.run}/artifacts`)).length).toBe(2);
    for (const path of [`runs/get?run_id=${gone.run}`, `experiments/get?experiment_id=${gone.project}`]) {
      expect((await team.ask("root", "GET", `${api}/${path}`)).status).toBe(404);
    }
    expect((await ask(team, "POST", "experiments/create", { name: "gone" })).status).toBe(200);
    expect((await team.ask("root", "GET", `${api}/runs/get?run_id=${own.run}`)).status).toBe(200);
    const audit = await readAudit(team.context.database, { limit: 10 });
    expect(audit.filter(({ action }) => action.endsWith("-purged"))).toMatchObject([
      { action: "projects-purged", person: "cli:ada", subject: "1" },
      { action: "models-purged", detail: expect.stringContaining(gone.model) },
      { action: "runs-purged", detail: expect.stringContaining(gone.run) },
    ]);
    expect(await purged(team)).toMatchObject({ runs: 0, models: 0, projects: 0 });
    expect(team.failures).toEqual([]);
  });

  it("takes a single run, keeps what the registry needs, and clears what a cut-off deletion left", async () => {
    const team = await serveTeam({ store: await make() });
    const [kept, gone] = [await fillVault(team, "kept"), await filled(team, "gone")];
    await ask(team, "POST", "runs/delete", { run_id: kept.run });
    await ask(team, "POST", "runs/delete", { run_id: gone.run });
    const stray = `${gone.project}/traces/tr-stray`;
    const { database, artifacts } = team.context;
    await artifacts.put(
      `${stray}/artifacts/traces.json`,
      (await artifacts.open(`${gone.project}/${gone.run}/artifacts/x.txt`))?.content as never,
    );
    expect(await purged(team)).toEqual({ runs: 1, models: 0, projects: 0, kept: 1, leftovers: 1 });
    expect((await artifacts.list(`${kept.project}/${kept.run}/artifacts`)).length).toBe(2);
    expect(await artifacts.list(`${gone.project}/${gone.run}`)).toEqual([]);
    expect((await artifacts.list(`${gone.project}/traces`)).map(({ name }) => name)).toEqual([gone.trace]);
    expect(await database.all("SELECT stage FROM runs WHERE id = ?", gone.run)).toEqual([
      { stage: "purged" },
    ]);
  });

  it("goes on where it was cut off, before files or after some", async () => {
    const team = await serveTeam({ store: await make() });
    const vault = await filled(team, "gone");
    await ask(team, "POST", "experiments/delete", { experiment_id: String(vault.project) });
    const before = await money(team);
    const { artifacts } = team.context;
    // each iteration lets one more removal succeed before the simulated kill
    for (let removals = 0; removals < 40; removals++) {
      let left = removals;
      const dying: ArtifactStore = {
        ...artifacts,
        remove: async (key) => {
          if (left-- <= 0) throw new Error("killed");
          return artifacts.remove(key);
        },
      };
      const died = await purged(team, dying).then(
        () => false,
        () => true,
      );
      expect(await money(team)).toEqual(before);
      expect((await team.ask("root", "GET", `${api}/runs/get?run_id=${vault.run}`)).status).toBe(404);
      if (!died) break;
    }
    expect(await artifacts.list(String(vault.project))).toEqual([]);
    const stages = await team.context.database.all(
      "SELECT DISTINCT stage FROM runs UNION SELECT stage FROM projects",
    );
    expect(stages.map(({ stage }) => stage).sort()).toEqual(["active", "purged"]);
  });
});
