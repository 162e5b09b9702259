/** @file Tests the page's routes over HTTP: curves, changes and details of any client's runs, and access to them. */
import { Readable } from "node:stream";
import {
  logBatch,
  openTrackingContext,
  setBudget,
  storeLaunchRegistry,
  writeStream,
} from "@tunewise/tracker";
import { nobody } from "@tunewise/tracker/http";
import { identifyUsers, serveTracking } from "@tunewise/tracker/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../../../test/support/store-places.ts";
import {
  fillVault,
  grant,
  send,
  serveTeam,
  type Team,
  type Vault,
} from "../../../../../../test/support/team-server.ts";
import { temporaryFolder } from "../../../../../../test/support/track-disk.ts";
import { dashboardProtocol } from "./dashboard-protocol.ts";

const api = "/api/tunewise/v1";
const curvesOf = (body: object): [string, string, object] => ["POST", `${api}/runs/curves`, body];

/** Opens a stream of events, read one by one. */
async function openEvents(team: Pick<Team, "url" | "tokens">, who: string, query = "", lastId?: string) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const reply = await fetch(`${team.url}${api}/changes${query}`, {
    signal: stop.signal,
    headers: {
      authorization: `Bearer ${team.tokens.get(who)}`,
      ...(lastId ? { "last-event-id": lastId } : {}),
    },
  });
  const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async (): Promise<{ id: string; data: { runs: string[]; more: boolean } } | null> => {
    for (;;) {
      const found = /id: (.*)\ndata: (.*)\n\n/.exec(text);
      if (found) {
        text = text.slice(found.index + found[0].length);
        return { id: found[1] ?? "", data: JSON.parse(found[2] ?? "") };
      }
      const part = await reader?.read();
      if (!part || part.done) return null;
      text += part.value;
    }
  };
  return { reply, next };
}

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function team(): Promise<Team & { readonly vault: Vault }> {
    const served = await serveTeam({ store: await make() });
    const vault = await fillVault(served);
    await grant(served, "rita", vault.project, "read");
    return { ...served, vault };
  }

  it("gives curves to those who may read all of the runs", async () => {
    const { ask, vault, context } = await team();
    const open = (await ask("root", "POST", "/api/2.0/mlflow/runs/create", { experiment_id: "0" })).body.run
      .info.run_id as string;
    await context.write((transaction) =>
      logBatch(
        transaction,
        open,
        { metrics: [{ key: "loss", step: 1, ms: 5, value: 2 }], params: [], tags: [] },
        1,
      ),
    );
    const both = { runs: [vault.run, open], keys: ["loss"] };
    const { status, body } = await ask("root", ...curvesOf(both));
    expect([status, body.places]).toEqual([200, 500]);
    expect(body.curves).toMatchObject([
      { run: vault.run, key: "loss", x: [1], y: [1], special: [], points: 1, dollars_from: null },
      { run: open, y: [2], last: { step: 1, ms: 5, value: 2, special: null } },
    ]);
    expect((await ask("rita", ...curvesOf({ runs: [vault.run], keys: ["loss"] }))).status).toBe(200);
    for (const who of ["rita", "eve"]) expect((await ask(who, ...curvesOf(both))).status).toBe(404);
    const dollars = await ask("rita", ...curvesOf({ runs: [vault.run], keys: ["loss"], axis: "dollars" }));
    expect(dollars.body.curves[0].dollars_from).toBe("price");
  });

  it("refuses curves that are too many, or are none", async () => {
    const { ask, vault } = await team();
    const usual = { runs: [vault.run], keys: ["loss"] };
    const wrong: object[] = [
      { ...usual, runs: [] },
      { ...usual, keys: [""] },
      { ...usual, axis: "ms" },
      { ...usual, places: 2_001 },
      { ...usual, places: 1 },
      { ...usual, from: 2, to: 1 },
      { ...usual, from: "1" },
      { ...usual, more: 1 },
      { ...usual, runs: Array.from({ length: 101 }, (__, at) => `r${at}`) },
      {
        runs: Array.from({ length: 50 }, (__, at) => `r${at}`),
        keys: Array.from({ length: 50 }, (__, at) => `k${at}`),
      },
    ];
    for (const body of wrong) {
      const reply = await ask("root", ...curvesOf(body));
      expect([reply.status, reply.body.error.code, JSON.stringify(body).slice(0, 80)]).toEqual([
        ...[400, "invalid_body", JSON.stringify(body).slice(0, 80)],
      ]);
    }
    const none = await ask("root", ...curvesOf({ ...usual, runs: ["nobody's"] }));
    expect([none.status, none.body.error.code]).toEqual([404, "RUN_NOT_FOUND"]);
  });

  it("tells of changes as they happen, to a reader of readable runs alone", async () => {
    const served = await team();
    const { context, vault, ask } = served;
    const [rita, eve] = [await openEvents(served, "rita"), await openEvents(served, "eve")];
    expect(rita.reply.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const first = await rita.next();
    expect([first?.data.runs, (await eve.next())?.data.runs]).toEqual([[], []]);
    const log = () =>
      context.write((transaction) =>
        logBatch(transaction, vault.run, { metrics: [], params: [], tags: [{ key: "x", value: "1" }] }, 9),
      );
    await log();
    expect((await rita.next())?.data).toMatchObject({ runs: [vault.run], more: false });
    const open = (await ask("root", "POST", "/api/2.0/mlflow/runs/create", { experiment_id: "0" })).body.run
      .info;
    const again = await openEvents(served, "rita", "?seconds=0", first?.id);
    expect((await again.next())?.data.runs).toContain(vault.run);
    expect(await again.next()).toBeNull();
    // eve has no role in any project, so she got neither of the two runs
    const late = await openEvents(served, "eve", "?seconds=0&after=0");
    expect((await late.next())?.data.runs).toEqual([]);
    const root = await openEvents(served, "root", "?seconds=0&after=0");
    expect((await root.next())?.data.runs).toEqual(expect.arrayContaining([open.run_id, vault.run]));
    expect((await ask("root", "GET", `${api}/changes?seconds=9999`)).status).toBe(400);
    expect((await ask("root", "HEAD", `${api}/changes`)).status).toBe(200);
  });

  it("lets go of its streams when the server closes", async () => {
    const context = await openTrackingContext(
      { store: await make(), artifacts: await temporaryFolder() },
      { now: () => new Date(), random: Math.random },
    );
    onTestFinished(() => context.close());
    const protocols = [dashboardProtocol({ ...context, output: null }, identifyUsers(context))];
    const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols, identify: null });
    const stream = await openEvents({ url: server.url, tokens: new Map() }, nobody.name);
    expect((await stream.next())?.data.runs).toEqual([]);
    const start = performance.now();
    await server.close(20);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(await stream.next()).toBeNull();
  });

  it("refuses a page that opens stream upon stream", async () => {
    const served = await team();
    const streams = await Promise.all(Array.from({ length: 20 }, () => openEvents(served, "rita")));
    expect(streams.map(({ reply }) => reply.status)).toEqual(Array(20).fill(200));
    const more = await openEvents(served, "rita");
    expect([more.reply.status, (await openEvents(served, "eve")).reply.status]).toEqual([429, 200]);
    expect(await more.reply.json().catch(() => null)).toBeNull();
  });

  it("knows of a client's run what it logged, what it cost and where it comes from", async () => {
    const { ask, vault, context } = await team();
    await context.write((transaction) =>
      setBudget(transaction, { project: null, period: "total", microUsd: 5 }),
    );
    const made = await ask("root", "POST", "/api/2.0/mlflow/runs/create", {
      experiment_id: String(vault.project),
      tags: [{ key: "mlflow.parentRunId", value: vault.run }],
      start_time: 1_000,
    });
    const run = made.body.run.info.run_id as string;
    await context.write((transaction) =>
      logBatch(
        transaction,
        run,
        {
          metrics: [3, Number.NaN, 1].map((value, step) => ({ key: "eval_loss", step, ms: step, value })),
          params: [{ key: "lr", value: "0.1" }],
          tags: [],
        },
        1,
      ),
    );
    const charge = { kind: "tokens", micro_usd: 7, source: "bill, 2026-11-01", ms: 5 };
    for (const ms of [5, 6]) await ask("root", "POST", `${api}/runs/${run}/charges`, { ...charge, ms });
    const { status, body } = await ask("rita", "GET", `${api}/runs/${run}/details`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: run,
      project: vault.project,
      project_name: "vault",
      client: "mlflow",
      status: "running",
      headline: "eval_loss 1",
      spent_micro_usd: 14,
      launched_by: null,
      own: null,
      params: { items: [{ key: "lr", text: "0.1", length: null }], total: 1 },
      metrics: { items: [{ key: "eval_loss", last: 1, min: 1, max: 3, points: 3, last_step: 2 }], total: 1 },
      ledger: { items: [{ kind: "tokens", micro_usd: 14, lines: 2, price_source: "bill, 2026-11-01" }] },
      parent: {
        id: vault.run,
        kind: "mlflow-parent",
        differs: {
          total: 2,
          items: [
            { key: "lr", own: { text: "0.1" }, parent: null },
            { key: "secret", own: null, parent: { text: "secret" } },
          ],
        },
      },
      commands: { show: `tunewise runs show ${run}`, stop: `tunewise runs stop ${run}`, resume: null },
      // both charges together exceeded the budget
      stopped: { by: "cap", sentence: expect.stringContaining("are spent") },
    });
    // a reader of one project does not learn the spend of all projects
    expect(body.budget.shared).toEqual([]);
    const { budget } = (await ask("root", "GET", `${api}/runs/${run}/details`)).body;
    expect(budget.shared).toMatchObject([{ project: null, micro_usd: 5, spent_micro_usd: 14 }]);
    expect((await ask("eve", "GET", `${api}/runs/${run}/details`)).status).toBe(404);
    expect((await ask("rita", "GET", `${api}/runs/none/details`)).status).toBe(404);
  });

  it("knows a command's words, and gives them ready to paste", async () => {
    const { ask, context } = await team();
    await storeLaunchRegistry(context).begin({
      id: "make-data",
      command: "python 'make it.py'",
      host: "h",
      project: null,
      person: "ada",
      fingerprint: null,
      family: null,
      forced: null,
      capMicroUsd: 2_000_000,
      outer: null,
      price: { microUsdPerHour: 1, source: "--rate" },
    });
    const { body } = await ask("root", "GET", `${api}/runs/make-data/details`);
    expect(body.commands).toEqual({
      show: "tunewise runs show make-data",
      stop: "tunewise runs stop make-data",
      run: "tunewise exec -- python 'make it.py'",
      resume: null,
      repeat: "tunewise exec --force 'repeats make-data' -- python 'make it.py'",
    });
    expect(body.budget.cap_micro_usd).toBe(2_000_000);
  });

  it("shows of a hostile run no more than a page can hold", async () => {
    const { ask, vault, context } = await team();
    const keys = Array.from({ length: 12_000 }, (__, at) => `k ${at} 🙂`);
    const large = "🙂".repeat(500_000);
    await context.write((transaction) =>
      logBatch(
        transaction,
        vault.run,
        {
          metrics: keys.map((key) => ({ key, step: 0, ms: 1, value: Number.NaN })),
          params: keys.slice(0, 3_000).map((key) => ({ key, value: "x" })),
          tags: [
            { key: "a", value: large },
            { key: "<script>", value: "<img onerror=1>" },
          ],
        },
        1,
      ),
    );
    const { status, body, text } = await ask("rita", "GET", `${api}/runs/${vault.run}/details`);
    expect(status).toBe(200);
    expect(text.length).toBeLessThan(1_000_000);
    expect([body.params.total, body.params.items.length]).toEqual([3_001, 1_000]);
    expect([body.metrics.total, body.metrics.items.length]).toEqual([12_001, 2_000]);
    expect(body.metrics.items[0]).toMatchObject({ last: null, special: "NaN", min: null });
    const tag = body.tags.items.find(({ key }: { key: string }) => key === "a");
    expect([tag.text.length, tag.length, tag.text.endsWith("🙂")]).toEqual([2_000, 1_000_000, true]);
    const curves = await ask("rita", ...curvesOf({ runs: [vault.run], keys: keys.slice(0, 100) }));
    expect(curves.body.curves).toHaveLength(100);
    expect(curves.body.curves[0].special).toEqual([[0, "NaN"]]);
  });

  it("lists files of clients, and sends pictures and pages as downloads", async () => {
    const { ask, vault, context, url, tokens } = await team();
    const put = (key: string, text: string): Promise<number> =>
      context.artifacts.put(key, Readable.from([Buffer.from(text)]));
    const root = `${vault.project}/${vault.run}/artifacts`;
    for (const name of ["a/loss.png", "page.html", "drawing.svg", "talk.wav"])
      await put(`${root}/${name}`, "0123456789");
    const { body } = await ask("rita", "GET", `${api}/runs/${vault.run}/files`);
    expect(body).toMatchObject({ total: 6, elsewhere: null });
    expect(body.items).toContainEqual({ path: "a/loss.png", bytes: 10, kind: "image" });
    const file = (path: string, who = "rita") =>
      ask(who, "GET", `${api}/runs/${vault.run}/file?path=${encodeURIComponent(path)}`);
    for (const [path, type, how] of [
      ["a/loss.png", "image/png", "inline"],
      ["talk.wav", "audio/wav", "inline"],
      ["page.html", "application/octet-stream", "attachment"],
      ["drawing.svg", "application/octet-stream", "attachment"],
    ] as const) {
      const { status, headers, text } = await file(path);
      expect([path, status, text, headers.get("content-type")]).toEqual([path, 200, "0123456789", type]);
      expect(headers.get("content-disposition")?.split(";")[0]).toBe(how);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("sandbox");
    }
    const headers = { authorization: `Bearer ${tokens.get("rita")}`, range: "bytes=2-4" };
    const part = await send(`${url}${api}/runs/${vault.run}/file?path=talk.wav`, "GET", undefined, headers);
    expect([part.status, part.text, part.headers.get("content-range")]).toEqual([206, "234", "bytes 2-4/10"]);
    for (const path of ["../x.txt", "/etc/passwd", "a", "a/../page.html", "none", "..%2fx.txt", ".hidden"])
      expect([path, (await file(path)).status]).toEqual([path, 404]);
    expect((await file("page.html", "eve")).status).toBe(404);
    // a run of another client lists its own files and those of artifacts that it logged
    const { body: wandb } = await ask("rita", "GET", `${api}/runs/${vault.wandbRun}/files`);
    expect(wandb.items.map(({ path }: { path: string }) => path)).toEqual([
      ...["x.txt", "artifacts/secret/v0/secret.txt"],
    ]);
    const secret = `${api}/runs/${vault.wandbRun}/file?path=artifacts/secret/v0/secret.txt`;
    expect((await ask("rita", "GET", secret)).text).toBe("secret");
  });

  it("gives console lines, the machine's metrics and logged rows by range", async () => {
    const { ask, vault, context } = await team();
    const [row] = await context.database.all("SELECT number FROM runs WHERE id = ?", vault.wandbRun);
    const lines = Array.from({ length: 30 }, (__, at) => `line ${at} ${at === 3 ? "x".repeat(9_000) : ""}`);
    await context.write((transaction) =>
      writeStream(
        transaction,
        Number(row?.["number"]),
        {
          history: {
            offset: 0,
            content: ['{"_step":4,"loss":1,"table":{"_type":"table-file","path":"t.json"}}'],
          },
          events: { offset: 0, content: ['{"system.gpu.0.memory":12,"_timestamp":1}'] },
          console: { offset: 0, content: lines },
          summary: null,
          exitCode: null,
        },
        1,
      ),
    );
    const get = async (path: string) =>
      (await ask("rita", "GET", `${api}/runs/${vault.wandbRun}/${path}`)).body;
    const part = await get("console?from=2&limit=3");
    expect([part.total, part.lines.map(({ line }: { line: number }) => line)]).toEqual([30, [2, 3, 4]]);
    expect([part.lines[1].text.length, part.lines[1].length]).toEqual([4_000, 9_007]);
    expect((await get("system")).items).toMatchObject([{ key: "system/gpu.0.memory", last: 12, points: 1 }]);
    expect((await get("details")).metrics.items).toMatchObject([{ key: "loss" }]);
    const { rows } = await get("rows");
    expect([rows[0].step, JSON.parse(rows[0].content.text)]).toEqual([
      ...[4, { table: { _type: "table-file", path: "t.json" } }],
    ]);
    expect(await get("answers")).toEqual({ rows: [], total: 0, unreadable: 0 });
    expect((await get("console?limit=99999")).error.code).toBe("invalid_body");
  });
});
