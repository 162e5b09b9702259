/** @file Tests the routes of the runs table: replies, changes, access, and refusals. */

import {
  addProject,
  addTrackedRun,
  findTrackedRun,
  logBatch,
  readAudit,
  readStop,
  readTags,
} from "@tunewise/tracker";
import { describe, expect, it } from "vitest";
import { type Answer, grant, serveTeam, type Team } from "../../../../../../test/support/team-server.ts";

const base = "/api/tunewise/v1";

interface Runs {
  readonly team: Team;
  readonly project: number;
  readonly other: number;
  readonly table: (body: object, who?: string) => Promise<Answer>;
  readonly change: (body: object, who?: string) => Promise<Answer>;
}

/** Creates three runs in one project and one in another; rita may read the first project, wim may write to it. */
async function place(): Promise<Runs> {
  const team = await serveTeam();
  const { context } = team;
  const numbers: number[] = [];
  for (const name of ["tickets", "other"]) {
    const about = { name, artifactRoot: null, tags: [], nowMs: 1 };
    numbers.push((await context.write((transaction) => addProject(transaction, about))).number);
  }
  const [project = 0, other = 0] = numbers;
  for (const [at, id] of ["a", "b", "c", "hidden"].entries()) {
    await context.write(async (transaction) => {
      const about = {
        client: "api",
        person: "",
        purpose: "experiment",
        fingerprint: null,
        family: null,
      } as const;
      const where = { project: id === "hidden" ? other : project, startedMs: 1000 + at, tags: [] };
      await addTrackedRun(transaction, { ...about, ...where, id, name: `run ${id}`, status: "running" });
      const value = [0.5, Number.NaN, 0.25, 0][at] ?? 0;
      const params = [{ key: "lr", value: ["1e-3", "0.01", "0.001", "secret"][at] ?? "" }];
      await logBatch(
        transaction,
        id,
        { metrics: [{ key: "loss", value, step: 1, ms: 1 }], params, tags: [] },
        2000,
      );
    });
  }
  await grant(team, "rita", project, "read");
  await grant(team, "wim", project, "write");
  return {
    team,
    project,
    other,
    table: (body, who = "rita") => team.ask(who, "POST", `${base}/runs/table`, body),
    change: (body, who = "wim") => team.ask(who, "POST", `${base}/runs/change`, body),
  };
}

describe("a page", () => {
  it("comes by columns, with total, pinned runs and groups", async () => {
    const { table } = await place();
    const { status, body } = await table({
      filter: "params.lr <= 0.001 OR NOT metrics.loss < 1",
      order: [{ column: "metrics.loss" }],
      columns: ["attributes.name", "metrics.loss", "params.lr", "curve.loss"],
      group: ["params.lr"],
      pinned: ["b"],
      limit: 2,
    });
    expect(status).toBe(200);
    const column = (name: string, kind: string, values: unknown[]) => ({ name, kind, values, cut: [] });
    expect(body).toEqual({
      revision: expect.any(String),
      total: 3,
      offset: 0,
      ids: ["c", "a"],
      columns: [
        column("attributes.name", "text", ["run c", "run a"]),
        column("metrics.loss", "number", [0.25, 0.5]),
        column("params.lr", "text", ["0.001", "1e-3"]),
        column("curve.loss", "curve", [[0.25], [0.5]]),
      ],
      pinned: {
        ids: ["b"],
        columns: [
          column("attributes.name", "text", ["run b"]),
          column("metrics.loss", "number", ["NaN"]),
          column("params.lr", "text", ["0.01"]),
          column("curve.loss", "curve", [["NaN"]]),
        ],
      },
      groups: {
        count: 3,
        groups: [
          { values: ["0.001"], runs: 1, figures: [null, { mean: 0.25, min: 0.25, max: 0.25 }, null, null] },
          { values: ["1e-3"], runs: 1, figures: [null, { mean: 0.5, min: 0.5, max: 0.5 }, null, null] },
          { values: ["0.01"], runs: 1, figures: [null, null, null, null] },
        ],
      },
    });
    const empty = await table({});
    expect([empty.body.total, empty.body.ids, empty.body.columns, empty.body.groups]).toEqual([
      ...[3, ["c", "b", "a"], [], null],
    ]);
  });

  it("has only what its caller may read, whatever is asked", async () => {
    const { table, project, other, team } = await place();
    for (const body of [
      {},
      { projects: [project, other] },
      { filter: "name = 'run hidden' or name != ''" },
    ]) {
      expect((await table(body)).body.ids).toEqual(["c", "b", "a"]);
    }
    const columns = ["params.lr"];
    expect((await table({ columns, pinned: ["hidden"], projects: [other] })).text).not.toContain("secret");
    expect((await table({}, "root")).body.total).toBe(4);
    expect((await table({}, "eve")).body.total).toBe(0);
    // the cached order of one caller is not used for another
    expect((await table({}, "rita")).body.total).toBe(3);
    const ask = (who: string, path: string) => team.ask(who, "GET", `${base}/${path}`);
    expect((await ask("rita", "runs/values?column=params.lr")).text).not.toContain("secret");
    expect((await ask("root", "runs/values?column=params.lr")).text).toContain("secret");
    expect((await ask("eve", "runs/columns")).body).toEqual({ columns: [], more: false });
  });

  it("is refused where it cannot be read", async () => {
    const { table } = await place();
    const wrong: [object, string, string][] = [
      [{ filter: "a = " }, "invalid_filter", "a value in quotes or a number was expected at the end"],
      [{ filter: "nothing = 'x'" }, "unknown_column", "There is no attribute nothing"],
      [{ columns: ["nothing.x"] }, "unknown_column", "nothing.x is no column"],
      [{ order: [{ column: "curve.loss" }] }, "not_comparable", "A curve orders"],
      [
        { order: [0, 1, 2, 3, 4].map((at) => ({ column: `params.p${at}` })) },
        "invalid_body",
        "order: sorts by more than 4 columns",
      ],
      [{ group: ["curve.loss"] }, "not_comparable", "A curve orders"],
      [{ columns: Array(9).fill("curve.loss") }, "too_many_curves", "More than 8"],
      [{ columns: Array(101).fill("metrics.x") }, "invalid_body", "columns"],
      [{ group: Array(6).fill("metrics.x") }, "invalid_body", "group"],
      [{ pinned: Array(21).fill("a") }, "invalid_body", "pinned"],
      [{ columns: ["params.\0"] }, "invalid_body", "holds a NUL"],
      [{ columns: [`params.${"x".repeat(2000)}`] }, "invalid_body", "columns"],
      [{ limit: 501 }, "invalid_body", "limit"],
      [{ offset: -1 }, "invalid_body", "offset"],
      [{ offset: 1.5 }, "invalid_body", "offset"],
      [{ stage: "all" }, "invalid_body", "stage"],
      [{ color: 1 }, "invalid_body", "color"],
    ];
    for (const [body, code, why] of wrong) {
      const answer = await table(body);
      expect([answer.status, answer.body.error.code]).toEqual([400, code]);
      expect(answer.body.error.message).toContain(why);
    }
    const large = await table({ filter: `name = '${"x".repeat(2 ** 20)}'` });
    expect(large.status).toBe(413);
  });

  it("takes words that mean harm for words", async () => {
    const { table, team } = await place();
    const keys = ["'; DROP TABLE runs; --", '" OR 1=1', "`", "%", "?", "$1", "\\", "😀", "a.b", "__proto__"];
    await team.context.write((transaction) =>
      logBatch(
        transaction,
        "a",
        { metrics: [], params: [], tags: keys.map((key) => ({ key, value: `of ${key}` })) },
        1,
      ),
    );
    for (const key of keys) {
      const quoted = `\`${key.replaceAll("`", "``")}\``;
      const body = {
        filter: `tags.${quoted} = 'of ${key.replaceAll("'", "''")}' and not tags.${quoted} IS NULL`,
        columns: [`tags.${key}`],
        order: [{ column: `tags.${key}` }],
        group: [`tags.${key}`],
      };
      const answer = await table(body);
      expect([answer.status, answer.body.ids, answer.body.columns?.[0]?.values]).toEqual([
        200,
        ["a"],
        [`of ${key}`],
      ]);
      expect(answer.body.groups.groups[0].values).toEqual([`of ${key}`]);
    }
    expect(team.failures).toEqual([]);
  });

  it("does not mind 12,000 columns of a run, nor a value of a megabyte", { timeout: 60_000 }, async () => {
    const { table, team } = await place();
    const metrics = Array.from({ length: 12_000 }, (_, at) => ({ key: `m${at}`, value: at, step: 1, ms: 1 }));
    const tags = [{ key: "large", value: "é".repeat(1_000_000) }];
    await team.context.write((transaction) => logBatch(transaction, "a", { metrics, params: [], tags }, 1));
    const from = performance.now();
    const order = [{ column: "metrics.m11999" }];
    const { body, text } = await table({ order, columns: ["metrics.m7", "tags.large", "metrics.m11999"] });
    expect(body.columns[0].values).toEqual([7, null, null]);
    expect(body.columns[1]).toMatchObject({ values: ["é".repeat(300), null, null], cut: [0] });
    expect(text.length).toBeLessThan(2000);
    const columns = await team.ask("rita", "GET", `${base}/runs/columns?search=m119&limit=5`);
    expect(columns.body.more).toBe(true);
    expect(columns.body.columns[0]).toEqual({ name: "metrics.m119", kind: "number", runs: 1 });
    expect((await table({ group: ["tags.large"] })).body.groups.groups[1].values[0]).toHaveLength(300);
    expect(performance.now() - from).toBeLessThan(20_000); // reading all columns of all runs would take twice as long
  });
});

describe("completion", () => {
  it("names columns and values", async () => {
    const { team, project } = await place();
    const ask = async (path: string) => (await team.ask("rita", "GET", `${base}/runs/${path}`)).body;
    expect(await ask(`columns?projects=${project}`)).toEqual({
      columns: [
        { name: "metrics.loss", kind: "number", runs: 3 },
        { name: "params.lr", kind: "text", runs: 3 },
      ],
      more: false,
    });
    expect((await ask("columns?search=R&limit=1")).columns).toEqual([
      { name: "params.lr", kind: "text", runs: 3 },
    ]);
    expect(await ask("values?column=params.lr&prefix=0.")).toEqual({
      values: [
        { value: "0.001", runs: 1 },
        { value: "0.01", runs: 1 },
      ],
    });
    expect((await ask("values?column=metrics.loss&prefix=NaN")).values).toEqual([{ value: "NaN", runs: 1 }]);
    expect((await ask("values?column=attributes.status")).values).toEqual([{ value: "running", runs: 3 }]);
    for (const path of ["values", "values?column=curve.loss", "columns?limit=0", "columns?projects=a,b"]) {
      expect((await team.ask("rita", "GET", `${base}/runs/${path}`)).status).toBe(400);
    }
    expect((await ask("columns?projects=")).columns).toEqual([]);
  });
});

describe("changes", () => {
  it("say what came of each", async () => {
    const { team, change, table } = await place();
    const { context } = team;
    const outcomes = async (body: object) => {
      const answer = await change(body);
      expect([answer.status, answer.body.error]).toEqual([200, undefined]);
      return answer.body.outcomes.map(({ id, outcome }: Record<string, string>) => `${id} ${outcome}`);
    };
    expect(await outcomes({ ids: ["a", "b", "gone", "a"], action: "tag", key: "k", value: "x" })).toEqual([
      ...["a changed", "b changed", "gone not_found"],
    ]);
    expect(await outcomes({ ids: ["a", "c"], action: "untag", key: "k" })).toEqual([
      "a changed",
      "c unchanged",
    ]);
    expect(await outcomes({ ids: ["a"], action: "rename", value: "new" })).toEqual(["a changed"]);
    expect(await outcomes({ ids: ["a"], action: "rename", value: "new" })).toEqual(["a unchanged"]);
    expect(await outcomes({ ids: ["a"], action: "note", value: "why" })).toEqual(["a changed"]);
    expect(await outcomes({ ids: ["b"], action: "note", value: "" })).toEqual(["b unchanged"]);
    expect(await outcomes({ ids: ["b"], action: "stop", reason: "worse" })).toEqual(["b changed"]);
    expect(await outcomes({ ids: ["b"], action: "stop" })).toEqual(["b unchanged"]);
    expect(await outcomes({ ids: ["c"], action: "delete" })).toEqual(["c changed"]);
    expect(await outcomes({ ids: ["c"], action: "tag", key: "k", value: "x" })).toEqual(["c deleted"]);
    expect((await table({})).body.ids).toEqual(["b", "a"]);
    expect((await table({ stage: "deleted" })).body.ids).toEqual(["c"]);
    expect(await outcomes({ ids: ["c", "a"], action: "restore" })).toEqual(["c changed", "a unchanged"]);
    expect(await outcomes({ ids: ["b", "c", "gone"], action: "delete" })).toEqual([
      ...["b changed", "c changed", "gone not_found"],
    ]);
    expect(await outcomes({ ids: ["b", "c"], action: "delete" })).toEqual(["b unchanged", "c unchanged"]);
    const lines = await readAudit(context.database, { limit: 10 });
    expect(lines.map(({ person, action, subject, detail }) => [person, action, subject, detail])).toEqual([
      ["wim", "runs-deleted", "2", "b, c"],
      ["wim", "runs-restored", "c", expect.any(String)],
      ["wim", "runs-deleted", "c", expect.any(String)],
    ]);
    expect(await outcomes({ ids: ["b", "c"], action: "restore" })).toEqual(["b changed", "c changed"]);
    const run = await findTrackedRun(context.database, "a");
    expect(run).toMatchObject({ name: "new", seenMs: 2000 });
    expect([...(await readTags(context.database, run.number))]).toEqual([
      ["mlflow.note.content", "why"],
      ["mlflow.runName", "new"],
    ]);
    const stopped = await findTrackedRun(context.database, "b");
    expect(await readStop(context.database, stopped.number)).toBe("worse (wim)");
    const ended = { run_id: "b", status: "FINISHED", end_time: 3000 };
    await team.ask("wim", "POST", "/api/2.0/mlflow/runs/update", ended);
    expect(await outcomes({ ids: ["b"], action: "stop" })).toEqual(["b ended"]);
  });

  it("take the right to write in every project touched, and what each action needs", async () => {
    const { change, team } = await place();
    const tag = { action: "tag", key: "k", value: "x" };
    expect((await change({ ids: ["a"], ...tag }, "rita")).status).toBe(403);
    expect((await change({ ids: ["a", "hidden"], ...tag })).status).toBe(404);
    expect((await change({ ids: ["gone"], ...tag })).status).toBe(404);
    expect((await change({ ids: ["gone"], ...tag }, "root")).body.outcomes).toEqual([
      { id: "gone", outcome: "not_found" },
    ]);
    const wrong: [object, string][] = [
      [{ ids: [], ...tag }, "ids"],
      [{ ids: Array(1001).fill("a"), ...tag }, "ids"],
      [{ ids: ["a"], action: "tag", key: "k" }, "the action tag needs value"],
      [{ ids: ["a"], action: "untag" }, "the action untag needs key"],
      [{ ids: ["a"], action: "delete", key: "k" }, "the action delete takes no key"],
      [{ ids: ["a"], action: "tag", key: "k", value: "x", reason: "y" }, "takes no reason"],
      [{ ids: ["a"], action: "rename", value: "" }, "a run has a name"],
      [{ ids: ["a"], action: "burn" }, "action"],
      [{ ids: ["a'; --"], ...tag }, "ids.0"],
      [{ ids: ["a"], ...tag, value: "x".repeat(8001) }, "value"],
      [{ ids: ["a"], ...tag, more: 1 }, "more"],
    ];
    for (const [body, why] of wrong) {
      const answer = await change(body);
      expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringContaining(why)]);
    }
    expect(await team.context.database.all("SELECT 1 FROM tags")).toEqual([]);
  });
});

describe("saved views", () => {
  it("are one's own, or a project's", async () => {
    const { team, project, other } = await place();
    const ask = (who: string, method: string, path = "", body?: object) =>
      team.ask(who, method, `${base}/views${path}`, body);
    const mine = await ask("rita", "PUT", "/my%20view%2F1", { state: { filter: "x" } });
    expect(mine.body).toEqual({
      name: "my view/1",
      project: null,
      owner: "rita",
      changed_ms: expect.any(Number),
      state: { filter: "x" },
    });
    expect((await ask("rita", "PUT", "/team", { project, state: {} })).status).toBe(403);
    expect((await ask("wim", "PUT", "/team", { project, state: { columns: [1] } })).status).toBe(200);
    expect((await ask("wim", "PUT", "/team", { project: other, state: {} })).status).toBe(404);
    const names = async (who: string) =>
      (await ask(who, "GET")).body.views.map(({ name }: { name: string }) => name);
    expect([await names("rita"), await names("wim"), await names("eve")]).toEqual([
      ...[["my view/1", "team"], ["team"], []],
    ]);
    expect((await ask("rita", "GET", `/team?project=${project}`)).body.state).toEqual({ columns: [1] });
    expect((await ask("eve", "GET", `/team?project=${project}`)).status).toBe(404);
    expect((await ask("wim", "GET", "/my%20view%2F1")).status).toBe(404);
    expect((await ask("rita", "DELETE", `/team?project=${project}`)).status).toBe(403);
    expect((await ask("rita", "DELETE", "/my%20view%2F1")).status).toBe(200);
    expect((await ask("rita", "DELETE", "/my%20view%2F1")).status).toBe(404);
    expect(await names("rita")).toEqual(["team"]);
  });

  it("are of bounded size", async () => {
    const { team } = await place();
    const put = (name: string, body: object) => team.ask("rita", "PUT", `${base}/views/${name}`, body);
    expect((await put("a", { state: { text: "x".repeat(16_000) } })).status).toBe(200);
    expect((await put("a", { state: { text: "é".repeat(8_200) } })).body.error.message).toContain(
      "16384 bytes",
    );
    expect((await put("a", { state: [] })).status).toBe(400);
    expect((await put("x".repeat(201), { state: {} })).status).toBe(400);
    expect((await put("a%00", { state: {} })).status).toBe(400);
    expect((await put("a", { state: {}, more: 1 })).status).toBe(400);
  });
});
