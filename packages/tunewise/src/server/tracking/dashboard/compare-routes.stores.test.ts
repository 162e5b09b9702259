/** @file Tests comparisons and logged tables over HTTP: replies, access, and refusals. */
import { join } from "node:path";
import { Readable } from "node:stream";
import { findTrackedRun } from "@tunewise/tracker";
import { describe, expect, test } from "vitest";
import { addOwnRun, answeredRows } from "../../../../../../test/support/own-runs.ts";
import { storePlaces } from "../../../../../../test/support/store-places.ts";
import { fillVault, grant, serveTeam } from "../../../../../../test/support/team-server.ts";
import { temporaryFolder } from "../../../../../../test/support/track-disk.ts";

const api = "/api/tunewise/v1/runs";
const [first, second] = ["20261124-204512-a-7f3a", "20261124-204513-b-7f3b"];

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function place() {
    const output = join(await temporaryFolder(), "runs");
    const team = await serveTeam({ store: await make(), output });
    const { database } = team.context;
    await addOwnRun(database, output, { id: first, name: "tickets", rows: answeredRows(40, 10) });
    await addOwnRun(database, output, {
      id: second,
      name: "tickets",
      recipe: "method: { rank: 4 }",
      rows: answeredRows(40, 30),
    });
    const { project } = await findTrackedRun(database, first);
    const vault = await fillVault(team);
    const post = (who: string, path: string, body: object) => team.ask(who, "POST", `${api}/${path}`, body);
    return { team, project, vault, post };
  }

  it("gives differences and answers to those who may read all of the runs", async () => {
    const { team, project, vault, post } = await place();
    const runs = [first, second, vault.run];
    const { body } = await post("root", "differences", { runs });
    expect(body.variants.map(({ runs: ids }: { runs: string[] }) => ids)).toEqual([[first], [second]]);
    expect(body.variants[1].differences[0]).toMatchObject({
      metric: "exact_match",
      verdict: "better",
      rows: 40,
      interval: { low: expect.any(Number) },
      sentence: expect.stringMatching(/^better by 50\.0 points/),
    });
    expect(body.left_out).toMatchObject([
      { run: vault.run, reason: expect.stringContaining("MLflow's client") },
    ]);
    const beside = await post("root", "answers", { runs: [first, second], only: "scores", limit: 2 });
    expect(beside.body).toMatchObject({
      runs: [first, second],
      left_out: [],
      counts: { all: 40, scores: 20, answers: 20 },
      rows: [{ row: 10, answers: [{ is_right: false }, { is_right: true }] }, { row: 11 }],
    });
    await grant(team, "rita", project, "read");
    expect((await post("rita", "differences", { runs: [first, second] })).status).toBe(200);
    for (const path of ["differences", "answers"]) {
      for (const who of ["rita", "eve"]) expect((await post(who, path, { runs })).status).toBe(404);
      expect((await post("root", path, { runs: [first, "none"] })).body.error.code).toBe("RUN_NOT_FOUND");
    }
    expect(team.failures).toEqual([]);
  });

  it("refuses what is too much, or no comparison", async () => {
    const { post } = await place();
    const usual = { runs: [first, second] };
    const many = Array.from({ length: 21 }, (__, at) => `run-${at}`);
    const wrong: [string, object][] = [
      ["differences", { runs: [first] }],
      ["differences", { runs: many }],
      ["differences", { ...usual, more: 1 }],
      ["answers", { runs: many }],
      ["answers", { ...usual, only: "some" }],
      ["answers", { ...usual, limit: 51 }],
      ["answers", { ...usual, offset: -1 }],
    ];
    for (const [path, body] of wrong) {
      const reply = await post("root", path, body);
      expect([reply.status, reply.body.error.code], JSON.stringify(body).slice(0, 60)).toEqual([
        ...[400, "invalid_body"],
      ]);
    }
    expect((await post("root", "answers", { ...usual, offset: 1e9 })).body.rows).toEqual([]);
  });

  it("gives rows of a logged table, and no other file", async () => {
    const { team, vault } = await place();
    const { database, artifacts } = team.context;
    const { number, project } = await findTrackedRun(database, vault.wandbRun);
    const text = JSON.stringify({
      columns: ["a", "b"],
      data: [
        ["x", 1],
        ["y", 2],
      ],
    });
    await artifacts.put(`runs/${number}/t.table.json`, Readable.from([Buffer.from(text)]));
    const get = (who: string, query: string) =>
      team.ask(who, "GET", `${api}/${vault.wandbRun}/table?${query}`);
    expect((await get("root", "path=t.table.json&offset=1")).body).toEqual({
      columns: [
        { name: "a", is_number: false },
        { name: "b", is_number: true },
      ],
      columns_total: 2,
      total: 2,
      note: null,
      rows: [
        [
          { text: "y", length: null },
          { text: "2", length: null },
        ],
      ],
    });
    expect((await get("eve", "path=t.table.json")).status).toBe(404);
    await grant(team, "eve", project, "read");
    expect((await get("eve", "path=t.table.json")).status).toBe(200);
    expect((await get("eve", "path=none.table.json")).status).toBe(404);
    expect((await get("eve", "path=../x")).status).toBe(404);
    for (const query of ["", "path=t.table.json&limit=101", "path=t.table.json&offset=-1"])
      expect((await get("eve", query)).status, query).toBe(400);
  });
});
