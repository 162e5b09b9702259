/** @file Tests reading and changing through W&B's public API, with its clients' GraphQL, on each database. */

import { describe, expect, test } from "vitest";
import { storePlaces } from "../../../../../test/support/store-places.ts";
import { type Answer, serveTeam, type Team } from "../../../../../test/support/team-server.ts";
import { list, log, nowMs, runOf, some, upsert } from "../../../../../test/support/wandb-graphql.ts";
import { findWandbRun, readAlerts, readPoints } from "../../index.ts";

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);
  const serve = async (): Promise<Team> => serveTeam({ store: await make() });

  it("lists runs by filters and in an order", async () => {
    const team = await serve();
    await some(team);
    const of = async (filters: object, order?: string): Promise<string> => {
      const { names, count } = await list(team, { filters: JSON.stringify(filters), order });
      expect(count).toBe(names.length);
      return names.join("");
    };
    expect(await of({})).toBe("abc");
    expect(await of({}, "-created_at")).toBe("cba");
    expect(await of({ "config.lr": { $gt: 0.1, $lte: 0.3 } })).toBe("bc");
    expect(await of({ "config.lr.value": 0.2 })).toBe("b");
    expect(await of({ "config.model.rank": 16, "config.model.n.m": "x" })).toBe("b");
    expect(await of({ "config.absent": { $exists: false }, "config.lr": { $exists: true } })).toBe("abc");
    expect(await of({ "config.absent": null })).toBe("abc");
    expect(await of({ "summary_metrics.loss.min": { $gte: 1 } }, "-summary_metrics.loss.min")).toBe("cb");
    expect(await of({ "summary_metrics.word": { $in: ["w0", "w2"] } })).toBe("ac");
    expect(await of({ tags: "b" })).toBe("b");
    expect(await of({ tags: { $all: ["all", "c"] } })).toBe("c");
    expect(await of({ tags: { $nin: ["a", "b"] } })).toBe("c");
    expect(await of({ display_name: { $regex: "^run [bc]$", $options: "i" } })).toBe("bc");
    expect(await of({ display_name: { $not: { $regex: "A$" } } })).toBe("bc");
    expect(await of({ $or: [{ group: "day" }, { $nor: [{ name: "a" }, { name: "b" }] }] })).toBe("ac");
    expect(await of({ $and: [{ state: "finished" }, { $not: { name: "a" } }] })).toBe("bc");
    expect(await of({ created_at: { $gt: "2020-01-01T00" } })).toBe("abc");
    expect(await of({ created_at: { $lt: "2020-01-01T00" } })).toBe("");
    expect(await of({}, "-config.lr")).toBe("cba");
    expect(await of({}, "+display_name")).toBe("abc");
  });

  it("goes through pages, also where runs are deleted meanwhile", async () => {
    const team = await serve();
    await some(team);
    const first = await list(team, { first: 2 });
    expect(first).toMatchObject({ names: ["a", "b"], hasNext: true, count: 3 });
    const run = await findWandbRun(team.context.database, {
      entity: "tunewise",
      project: "tickets",
      name: "a",
    });
    const id = Buffer.from(`Run:${run?.run.number}`).toString("base64");
    const dropped = await team.graphql(
      "root",
      "mutation($id: ID!) { deleteRun(input: {id: $id}) { success } }",
      { id },
    );
    expect(dropped.body).toEqual({ data: { deleteRun: { success: true } } });
    expect(await list(team, { first: 2, after: first.cursor })).toMatchObject({
      names: ["c"],
      hasNext: false,
    });
    expect((await list(team, {})).names).toEqual(["b", "c"]);
    await expect(list(team, { after: "nonsense" })).rejects.toThrow("That is no cursor of a list of runs.");
  });

  it("cuts off a pattern that explodes, and goes on", async () => {
    const team = await serve();
    await log(team, "a", { display: "a".repeat(120) });
    const started = performance.now();
    const filters = JSON.stringify({ display_name: { $regex: "(a+)+$x" } });
    await expect(list(team, { filters })).rejects.toThrow("The patterns of this filter take too long");
    expect(performance.now() - started).toBeLessThan(5_000);
    expect((await list(team, {})).names).toEqual(["a"]);
  });

  it("gives rows as they were logged, sampled, and of some keys", async () => {
    const team = await serve();
    const rows = Array.from({ length: 40 }, (_row, at) => ({
      loss: at === 7 ? 1000 : at,
      ...(at % 10 === 0 ? { eval: { f1: at / 40 }, word: `w${at}` } : {}),
    }));
    await log(team, "a", {}, [...rows, { odd: "NaN" }]);
    const ask = async (fields: string, variables: object = {}): Promise<Answer["body"]> => {
      const { body } = await team.graphql("root", runOf(fields), { specs: [], ...variables });
      expect(body.errors).toBeUndefined();
      return body.data.project.run;
    };
    const page = await ask("history(minStep: $from, maxStep: $to, samples: $n)", { from: 9, to: 12, n: 3 });
    expect(page.history.map((line: string) => JSON.parse(line))).toEqual([
      { _step: 9, _timestamp: nowMs / 1000 + 9, _runtime: 9, loss: 9 },
      { _step: 10, _timestamp: nowMs / 1000 + 10, _runtime: 10, loss: 10, "eval.f1": 0.25, word: "w10" },
      { _step: 11, _timestamp: nowMs / 1000 + 11, _runtime: 11, loss: 11 },
    ]);
    const { history } = await ask("history(samples: $n)", { n: 12 });
    const sampled = history.map((line: string) => JSON.parse(line).loss);
    expect(sampled).toHaveLength(12);
    expect([sampled[0], sampled.includes(1000)]).toEqual([0, true]);
    expect((await ask("history(samples: $n)", { n: 50 })).history).toHaveLength(41);
    const spec = JSON.stringify({ keys: ["_step", "loss", "eval.f1"], samples: 50 });
    const odd = JSON.stringify({ keys: ["odd"], samples: 50 });
    const { sampledHistory } = await ask("sampledHistory(specs: $specs)", { specs: [spec, odd] });
    expect(sampledHistory).toEqual([
      [0, 10, 20, 30].map((step) => ({ _step: step, loss: step, "eval.f1": step / 40 })),
      [{ odd: "NaN" }],
    ]);
    // Older clients name the step after the last one, newer ones the last one.
    for (const maxStep of [4, 3]) {
      const window = JSON.stringify({ keys: ["loss"], minStep: 0, maxStep, samples: 4 });
      const found = await ask("sampledHistory(specs: $specs)", { specs: [window] });
      expect(found.sampledHistory[0]).toEqual([0, 1, 2, 3].map((loss) => ({ loss })));
    }
    const { historyKeys, historyLineCount } = await ask("historyKeys historyLineCount");
    expect([historyKeys.lastStep, historyLineCount]).toEqual([40, 41]);
    expect(historyKeys.keys.loss).toMatchObject({ typeCounts: [{ type: "number", count: 40 }] });
  });

  it("gives rows of 12,000 keys", async () => {
    const team = await serve();
    const keys = Object.fromEntries(Array.from({ length: 12_000 }, (_key, at) => [`k${at}`, at]));
    await log(team, "a", {}, [keys, keys]);
    const query = runOf("history(minStep: $from, maxStep: $to, samples: $n) historyKeys");
    const { data } = (await team.graphql("root", query, { specs: [], from: 1, to: 2, n: 1 })).body;
    expect(data.project.run.history).toHaveLength(1);
    expect(Object.keys(JSON.parse(data.project.run.history[0]))).toHaveLength(12_003);
    expect(Object.keys(data.project.run.historyKeys.keys)).toHaveLength(12_000);
  });

  it("changes what is said about a run that is over, and leaves it so", async () => {
    const team = await serve();
    const id = await log(team, "a", { notes: "first", config: '{"lr":{"value":1}}' }, [{ loss: 1 }]);
    const change = {
      id,
      notes: "",
      config: '{"lr":{"value":2}}',
      summary: '{"best": 7, "loss": 1}',
      tags: ["x"],
    };
    const { body } = await team.graphql("root", upsert, change);
    expect(body.data.upsertBucket.bucket).toMatchObject({
      state: "finished",
      notes: "",
      config: '{"lr":{"value":2}}',
    });
    const run = (
      await findWandbRun(team.context.database, { entity: "tunewise", project: "tickets", name: "a" })
    )?.run;
    const points = (key: string): Promise<unknown> =>
      readPoints(team.context.database, { run: run?.number ?? 0, key }, { limit: 9, after: null });
    // A key that is only in the summary has a value for every client but no row; keys with rows are unchanged.
    expect(await points("best")).toMatchObject([{ step: -1, value: 7 }]);
    expect(await points("loss")).toMatchObject([{ step: 0, value: 1 }]);
    const { data } = (await team.graphql("root", runOf("history(samples: 9)"), { specs: [] })).body;
    expect(data.project.run.history).toHaveLength(1);
    const again = await team.graphql("root", upsert, { name: "a" });
    expect(again.body.data.upsertBucket.bucket.state).toBe("running");
  });

  it("keeps alerts with their run", async () => {
    const team = await serve();
    await log(team, "a", {});
    const alert = `mutation($text: String!, $severity: AlertSeverity) { notifyScriptableRunAlert(input: {
      entityName: "tunewise", projectName: "tickets", runName: "a", title: "Look", text: $text, severity: $severity,
      waitDuration: 60000000000 }) { success } }`;
    await team.graphql("root", alert, { text: "x".repeat(20_000), severity: "ERROR" });
    await team.graphql("root", alert, { text: "two" });
    const { body } = await team.graphql("root", runOf("alerts { title text severity }"), { specs: [] });
    expect(body.data.project.run.alerts).toEqual([
      { title: "Look", text: "x".repeat(10_000), severity: "ERROR" },
      { title: "Look", text: "two", severity: "INFO" },
    ]);
    const run = await findWandbRun(team.context.database, {
      entity: "tunewise",
      project: "tickets",
      name: "a",
    });
    expect(await readAlerts(team.context.database, run?.run.number ?? 0)).toHaveLength(2);
  });

  it("begins a fork with the other run's history, and refuses one of a run that is not there", async () => {
    const team = await serve();
    const rows = [3, 2, 1].map((loss, at) => ({ loss, word: `w${at}` }));
    await log(team, "a", {}, rows);
    const config = (run: string, step: number): string =>
      JSON.stringify({ _wandb: { value: { branch_point: { run_id: run, step } } } });
    await log(team, "b", { config: config("a", 1) });
    const line = JSON.stringify({ _step: 2, _timestamp: nowMs / 1000, loss: 9, word: "own" });
    const files = { "wandb-history.jsonl": { offset: 0, content: [line] } };
    await team.ask("root", "POST", "/files/tunewise/tickets/b/file_stream", { files });
    const query = `{ project(name: "tickets") { run(name: "b") { history(samples: 9) historyLineCount } } }`;
    const { data } = (await team.graphql("root", query)).body;
    const found = data.project.run.history.map((text: string) => JSON.parse(text));
    expect(found.map((row: Record<string, unknown>) => [row["_step"], row["loss"], row["word"]])).toEqual([
      [0, 3, "w0"],
      [1, 2, "w1"],
      [2, 9, "own"],
    ]);
    for (const name of ["none", "c/d"]) {
      const refused = await team.graphql("root", upsert, { name: "c", config: config(name, 1) });
      expect(refused.body.errors[0].message).toBe(`There is no run ${name} in tickets to fork from.`);
    }
    expect((await list(team, {})).names).toEqual(["a", "b"]);
    const rewind = `mutation { rewindRun(input: {runName: "a", projectName: "tickets", entityName: "tunewise",
      metricName: "_step", metricValue: 1}) { rewoundRun { id } } }`;
    expect((await team.graphql("root", rewind)).body.errors[0].message).toContain('fork_from="a?_step=1"');
  });

  it("lists files of any name, page by page, and removes them", async () => {
    const team = await serve();
    await log(team, "a", {});
    const names = ["a%b.txt", "media/x: *y* <z>|?.html", "sub/deep/c.txt", "z"];
    const make = `mutation($files: [String!]!) { createRunFiles(input: {entityName: "tunewise", projectName: "tickets",
      runName: "a", files: $files}) { files { uploadUrl } } }`;
    const made = await team.graphql("root", make, { files: names });
    for (const { uploadUrl } of made.body.data.createRunFiles.files)
      expect((await fetch(uploadUrl, { method: "PUT", body: "text" })).status).toBe(200);
    const page = `query($after: String, $first: Int, $names: [String], $pattern: String) { project(name: "tickets") {
      run(name: "a") { fileCount files(after: $after, first: $first, names: $names, pattern: $pattern) {
        edges { node { id name sizeBytes md5 mimetype url } cursor } pageInfo { hasNextPage } } } } }`;
    const ask = async (variables: object): Promise<Answer["body"]> =>
      (await team.graphql("root", page, variables)).body.data.project.run;
    const found: Record<string, unknown>[] = [];
    for (let after: string | null = null; ; ) {
      const { files, fileCount } = await ask({ after, first: 3 });
      expect(fileCount).toBe(4);
      found.push(...files.edges.map(({ node }: { node: Record<string, unknown> }) => node));
      if (!files.pageInfo.hasNextPage) break;
      after = files.edges.at(-1).cursor;
    }
    expect(found.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual(names.map((name) => [name, 4]));
    expect(await (await fetch(String(found[1]?.["url"]))).text()).toBe("text");
    const shown = async (variables: object): Promise<unknown> =>
      (await ask(variables)).files.edges.map(({ node }: { node: { name: string } }) => node.name);
    expect(await shown({ pattern: "%.txt" })).toEqual(["a%b.txt", "sub/deep/c.txt"]);
    expect(await shown({ pattern: `${"%a".repeat(50)}%` })).toEqual([]);
    const { files } = await ask({ names: ["z", "none"] });
    expect(files.edges.map(({ node }: { node: { md5: unknown } }) => node.md5)).toEqual([null, "0"]);
    const drop = "mutation($ids: [ID!]!) { deleteFiles(input: {files: $ids}) { success } }";
    await team.graphql("root", drop, { ids: [found[0]?.["id"]] });
    expect((await ask({})).fileCount).toBe(3);
  });

  it("answers a file over a folder with a status that clients do not repeat", async () => {
    const team = await serve();
    await log(team, "a", {});
    const make = `mutation($files: [String!]!) { createRunFiles(input: {entityName: "tunewise", projectName: "tickets",
      runName: "a", files: $files}) { files { uploadUrl } } }`;
    const made = await team.graphql("root", make, { files: ["a/b", "a", "a/b/c"] });
    const put = ({ uploadUrl }: { uploadUrl: string }): Promise<Response> =>
      fetch(uploadUrl, { method: "PUT", body: "text" });
    const statuses: number[] = [];
    for (const file of made.body.data.createRunFiles.files) statuses.push((await put(file)).status);
    expect(statuses).toEqual([200, 400, 400]);
    // both are reported as failures of the server
    expect(team.failures).toHaveLength(2);
  });
});
