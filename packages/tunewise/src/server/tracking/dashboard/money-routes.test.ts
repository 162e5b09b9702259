/** @file Tests the data of Home and Money over HTTP: only the caller's projects, and what refused runs saved. */

import { addSpend, dayMs, findTrackedRun, readAudit, setBudget } from "@tunewise/tracker";
import { describe, expect, test } from "vitest";
import { grant, serveTeam, type Team } from "../../../../../../test/support/team-server.ts";
import { temporaryFolder } from "../../../../../../test/support/track-disk.ts";

const api = "/api/tunewise/v1";
const mlflow = "/api/2.0/mlflow";
const usd = 1e6;
const fingerprint = "a".repeat(40);

interface Place extends Team {
  readonly project: number;
  /** Starts a run over MLflow's protocol and returns its id. */
  readonly begin: (project: number, tags?: Record<string, string>) => Promise<string>;
  readonly end: (id: string, status?: string) => Promise<void>;
  readonly spend: (id: string, ms: number, dollars: number) => Promise<void>;
}

/** Creates a project that rita may read and wim may write, besides the default one. */
async function place(output: string | null = null): Promise<Place> {
  const team = await serveTeam({ output });
  const { ask, context } = team;
  const post = async (path: string, body: object) =>
    (await ask("root", "POST", `${mlflow}/${path}`, body)).body;
  const project = Number((await post("experiments/create", { name: "tickets" })).experiment_id);
  await grant(team, "rita", project, "read");
  await grant(team, "wim", project, "write");
  return {
    ...team,
    project,
    begin: async (experiment, tags = {}) => {
      const pairs = Object.entries(tags).map(([key, value]) => ({ key, value }));
      const body = { experiment_id: String(experiment), start_time: Date.now() - 60_000, tags: pairs };
      return String((await post("runs/create", body)).run.info.run_id);
    },
    end: async (id, status = "FINISHED") => {
      await post("runs/update", { run_id: id, status, end_time: Date.now() });
    },
    spend: (id, ms, dollars) =>
      context.write(async (transaction) => {
        const { number: run } = await findTrackedRun(transaction, id);
        const line = { run, ms, kind: "other", microUsd: dollars * usd, seconds: 0, quantity: 0, unit: "" };
        await addSpend(transaction, { ...line, priceMicroUsdPerHour: 0, priceSource: "test" });
      }),
  };
}

describe("a refused duplicate", () => {
  test("of each kind of client is told once, with what it saved, to who may read the earlier run", async () => {
    const served = await place();
    const { ask, graphql, begin, end, spend, project, context } = served;
    const tags = { "tunewise.fingerprint": fingerprint };
    const first = await begin(project, tags);
    await spend(first, Date.now(), 2.5);
    await end(first);
    const again = [{ key: "tunewise.fingerprint", value: fingerprint }];
    for (let time = 0; time < 2; time++) {
      const body = { experiment_id: String(project), tags: again };
      const refused = await ask("wim", "POST", `${mlflow}/runs/create`, body);
      expect(refused.text).toContain(first);
    }
    const launch = { id: "l1", command: "x", project: "tickets", fingerprint };
    const price = { price_micro_usd_per_hour: 1, price_source: "test" };
    expect((await ask("root", "POST", `${api}/launches`, { ...launch, ...price })).status).toBe(409);
    const upsert = "mutation M($input: UpsertBucketInput!) { upsertBucket(input: $input) { bucket { id } } }";
    const input = { modelName: "own", name: "w1", tags: [`tunewise.fingerprint=${fingerprint}`] };
    expect((await graphql("eve", upsert, { input })).text).toContain(first);

    const audit = await readAudit(context.database, { action: "duplicate-refused", limit: 10 });
    expect(audit.map(({ person, subject }) => [person, subject])).toEqual([
      ...[
        ["eve", first],
        ["root", first],
        ["wim", first],
      ],
    ]);
    expect(audit[0]?.detail).toBe(`the same experiment as run ${first}, fingerprint ${fingerprint}`);
    const home = await ask("rita", "GET", `${api}/home`);
    expect(home.body.refused).toEqual({ count: 3, micro_usd: 7.5 * usd });
    const { body } = await ask("rita", "GET", `${api}/money/outlook`);
    expect(body.refused).toMatchObject({ total: 3, micro_usd: 7.5 * usd });
    expect(body.refused.items[0]).toMatchObject({
      person: "eve",
      earlier: first,
      project_name: "tickets",
      micro_usd: 2.5 * usd,
    });
    expect((await ask("eve", "GET", `${api}/home`)).body.refused.count).toBe(0);
    const later = await ask("rita", "GET", `${api}/money/outlook?since=2999-01`);
    expect(later.body.refused).toEqual({ items: [], total: 0, micro_usd: 0 });
    const forced = [...again, { key: "tunewise.force", value: "another seed" }];
    const taken = await ask("wim", "POST", `${mlflow}/runs/create`, {
      experiment_id: String(project),
      tags: forced,
    });
    expect(taken.status).toBe(200);
    expect((await ask("root", "GET", `${api}/home`)).body.refused.count).toBe(3);
  });
});

describe("Home", () => {
  test("sums the month, the budget that is closest to its end, and what is at work", async () => {
    const { ask, begin, end, spend, project, context } = await place();
    const [failed, atWork, hidden] = [
      await begin(project),
      await begin(project, { "tunewise.rate": "2.5/h" }),
      await begin(0, { "tunewise.rate": "4/h" }),
    ];
    await spend(failed, Date.now(), 3);
    await spend(atWork, Date.now(), 1);
    await spend(hidden, Date.now(), 10);
    await end(failed, "FAILED");
    await context.write(async (transaction) => {
      await setBudget(transaction, { project, period: "month", microUsd: 5 * usd });
      await setBudget(transaction, { project, period: "total", microUsd: 500 * usd });
      await setBudget(transaction, { project: null, period: "month", microUsd: 1 * usd });
    });
    const { body } = await ask("rita", "GET", `${api}/home`);
    expect(body.month).toMatchObject({ runs: 2, wasted_runs: 1 });
    // the runs' time has no price here, so only charges count
    expect(body.month.micro_usd).toBe(4 * usd);
    expect(body.month.wasted_micro_usd).toBe(3 * usd);
    expect(body.budget).toMatchObject({ project_name: "tickets", period: "month", micro_usd: 5 * usd });
    expect(body.alive).toEqual({ count: 1, silent: 0, micro_usd_per_hour: 2.5 * usd });
    expect(body.forecast).toBeNull();
    const all = (await ask("root", "GET", `${api}/home`)).body;
    expect([all.month.micro_usd, all.alive]).toEqual([
      14 * usd,
      { count: 2, silent: 0, micro_usd_per_hour: 6.5 * usd },
    ]);
    expect(all.budget.project).toBeNull();
    const nobody = (await ask("eve", "GET", `${api}/home`)).body;
    expect(nobody).toMatchObject({
      month: { runs: 0 },
      budget: null,
      alive: { count: 0 },
      matters: { total: 0 },
    });
    await spend(atWork, Date.now(), 1);
    expect((await ask("rita", "GET", `${api}/home`)).body.month.micro_usd).toBe(5 * usd);
  });

  test("says what needs somebody until somebody has seen it", async () => {
    const { ask, begin, end, project } = await place();
    const [failed, hidden] = [await begin(project), await begin(0)];
    await end(failed, "FAILED");
    await end(hidden, "FAILED");
    const matters = async (who: string) => (await ask(who, "GET", `${api}/home`)).body.matters;
    expect((await matters("root")).total).toBe(2);
    const { items, total } = await matters("wim");
    expect([total, items[0]]).toMatchObject([
      1,
      { id: failed, kind: "failed", sentence: "it ended as failed", project_name: "tickets" },
    ]);
    const seen = { ids: [failed], action: "tag", key: "tunewise.seen", value: String(items[0].ms) };
    expect((await ask("rita", "POST", `${api}/runs/change`, seen)).status).toBe(403);
    expect((await matters("wim")).total).toBe(1);
    await ask("wim", "POST", `${api}/runs/change`, seen);
    expect(await matters("wim")).toEqual({ items: [], total: 0 });
  });
});

describe("Money", () => {
  test("forecasts from whole days, of readable projects, and says where it cannot tell", async () => {
    const { ask, begin, spend, project } = await place();
    const [own, hidden] = [await begin(project), await begin(0)];
    for (let day = 1; day <= 20; day++) await spend(hidden, Date.now() - day * dayMs, 100);
    for (let day = 1; day <= 20; day++) await spend(own, Date.now() - day * dayMs, 2);
    const none = (await ask("eve", "GET", `${api}/money/outlook`)).body.outlook;
    expect(none).toMatchObject({ forecast: null, days: 0, min_days: 7 });
    const { outlook } = (await ask("rita", "GET", `${api}/money/outlook`)).body;
    expect(outlook.days).toBe(19);
    const now = new Date();
    const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
    expect(outlook.forecast.median - outlook.spent_micro_usd).toBeCloseTo(
      (2 * usd * (end - Date.now())) / dayMs,
      -5,
    );
    for (const since of ["yesterday", "2026-13-77x"]) {
      expect((await ask("root", "GET", `${api}/money/outlook?since=${since}`)).status).toBe(400);
    }
  });

  test("has no accuracy of plans where no run of this engine is", async () => {
    const { ask } = await place(await temporaryFolder());
    const { status, body } = await ask("root", "GET", `${api}/money/accuracy`);
    expect([status, body]).toEqual([
      200,
      { runs: { items: [], total: 0 }, seconds: null, micro_usd: null, memory_bytes: null },
    ]);
  });
});
