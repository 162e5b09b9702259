/**
 * @file Recipes over HTTP with real processes: authorized users plan, check and start each recipe once, for the
 * displayed sum.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProject, readAudit } from "@tunewise/tracker";
import { describe, expect, onTestFinished, test } from "vitest";
import type { StartedProgram } from "../../packages/tunewise/src/app/dashboard/index.ts";
import { program } from "../support/program.ts";
import { project, recipe, tunewise, useProjects } from "../support/run-projects.ts";
import { servedIn, serveRecipeTeam } from "../support/served-recipes.ts";
import { grant, send, serveTeam, type Team } from "../support/team-server.ts";

useProjects();

const command = [process.execPath, program];
/** A recipe with a cap that even a busy machine does not reach. */
const capped = recipe().replace("budget: { minutes: 10 }", "budget: { usd: 0.5 }");

const path = "/api/tunewise/v1/recipes";

/** Approves the sum of a plan, or a changed one. */
function approve(
  { url, tokens }: Team,
  who: string,
  name: string,
  plan: { id: string; cap: object },
  change: object = {},
  headers: Record<string, string> = {},
) {
  const body = { plan: plan.id, ...plan.cap, ...change };
  return send(`${url}${path}/${name}/runs`, "POST", body, {
    authorization: `Bearer ${tokens.get(who)}`,
    "content-type": "application/json",
    ...headers,
  });
}

describe("a recipe", () => {
  test("is planned with other settings, and its run is started once for the sum that was shown", async () => {
    const folder = project("started", capped);
    const team = await serveRecipeTeam(folder, { command });
    const listed = await team.ask("root", "GET", path);
    expect(listed.body.recipes).toEqual([
      {
        name: "started",
        path: "tunewise.yaml",
        project_name: "small",
        problem: null,
        obstacle: null,
        settings: {
          method: "lora",
          model: expect.stringContaining("models/small"),
          max_length: 256,
          batch_size: 8,
          epochs: null,
          steps: 8,
        },
      },
    ]);
    const planned = await team.ask("root", "POST", `${path}/started/plan`, { batch_size: 4, steps: 4 });
    expect(planned.status, planned.text).toBe(200);
    const { body: plan } = planned;
    expect(plan).toMatchObject({
      command: "tunewise plan tunewise.yaml --set training.batch_size=4,training.steps=4",
      refusal: null,
      schedule: { steps: 4 },
      cap: { seconds: null },
    });
    const [here] = plan.places;
    expect(here).toMatchObject({ kind: "here", fits: "yes" });
    const { counts } = here.total.distribution;
    expect(counts.reduce((sum: number, count: number) => sum + count, 0)).toBeGreaterThan(100);
    // planning again returns the stored plan
    expect(
      (await team.ask("root", "POST", `${path}/started/plan`, { batch_size: 4, steps: 4 })).body.id,
    ).toBe(plan.id);

    // requests of the kind that forms and pages of other sites send
    const form = await approve(team, "root", "started", plan, {}, { "content-type": "text/plain" });
    expect(form.status).toBe(415);
    const foreign = await approve(team, "root", "started", plan, {}, { origin: "http://elsewhere.example" });
    expect(foreign.status).toBe(403);
    const timed = await approve(team, "root", "started", plan, { micro_usd: null, seconds: 60 });
    expect([timed.status, timed.body.error.code]).toEqual([409, "PLAN_SUM_DIFFERS"]);
    expect(timed.body.error.message).toMatch(
      /allows 1 min.*, but a run on this machine needs a cap like \$0\.\d+/,
    );
    // the proposed cap covers a run's upper bound and the 90th percentile of the total; any other amount is accepted
    expect(plan.cap.micro_usd).toBeGreaterThanOrEqual(here.run_micro_usd.high);
    expect(plan.cap.micro_usd).toBeGreaterThanOrEqual(here.total.p90);
    const approved = { micro_usd: plan.cap.micro_usd + 1_230_000 };
    expect((await approve(team, "root", "started", plan, { plan: "other" })).body.error.code).toBe(
      "PLAN_UNKNOWN",
    );

    const both = await Promise.all([1, 2].map(() => approve(team, "root", "started", plan, approved)));
    expect(both.map(({ status, text }) => [status, text])).toEqual([
      [201, both[0]?.text],
      [201, both[0]?.text],
    ]);
    const { run } = both[0]?.body ?? {};
    expect(run).toMatch(/^\d{8}-\d{6}-/);
    const audit = await readAudit(team.context.database, { action: "run-started", limit: 9 });
    expect(audit).toEqual([
      expect.objectContaining({
        person: "root",
        subject: "started",
        detail: expect.stringMatching(/^at most \$1\.\d+, plan [0-9a-f]{64}$/),
      }),
    ]);
    const details = async () => (await team.ask("root", "GET", `/api/tunewise/v1/runs/${run}/details`)).body;
    await expect.poll(async () => (await details()).status, { timeout: 90_000 }).toBe("completed");
    expect((await details()).approved).toMatchObject({
      person: "root",
      detail: expect.stringMatching(/^recipe started, at most \$1\.\d+, plan/),
    });
    expect((await details()).budget.cap_micro_usd).toBe(approved.micro_usd);
    const params = new Map<string, string>(
      (await details()).params.items.map(({ key, text }: { key: string; text: string }) => [key, text]),
    );
    expect((await details()).commands.run).toBe(
      `tunewise run ${join(folder, "tunewise.yaml")} --set training.batch_size=4,training.steps=4`,
    );
    expect([params.get("per_device_train_batch_size"), params.get("max_steps")]).toEqual(["4", "4"]);
    expect(readdirSync(join(folder, ".tunewise", "plans")).map((name) => name.replace(/^.*\./, ""))).toEqual([
      ...["json", "log"],
    ]);
    expect(team.failures).toEqual([]);
  });

  test("is not started from a plan that is no longer true, or that findings block", async () => {
    const folder = project("stale");
    const team = await serveRecipeTeam(folder, { command });
    const { body: plan } = await team.ask("root", "POST", `${path}/stale/plan`, {});
    // without a dollar cap in the recipe, the proposal covers the run's upper bound, rounded to cents
    expect(plan.cap).toEqual({ micro_usd: expect.any(Number), seconds: null });
    expect(plan.cap.micro_usd % 10_000).toBe(0);
    const [row] = readFileSync(join(folder, "train.jsonl"), "utf8").split("\n");
    appendFileSync(join(folder, "train.jsonl"), `${row}\n`);
    const stale = await approve(team, "root", "stale", plan);
    expect([stale.status, stale.body.error.code]).toEqual([409, "PLAN_STALE"]);
    writeFileSync(join(folder, "tunewise.yaml"), recipe().replace("rank: 4", "rank: 4, targets: [nothing]"));
    const { body: blocked } = await team.ask("root", "POST", `${path}/stale/plan`, {});
    expect(blocked.findings[0]).toMatchObject({ severity: "error", code: "TARGETS_UNKNOWN" });
    const refused = await approve(team, "root", "stale", blocked);
    expect([refused.status, refused.body.error.code]).toEqual([409, "RUN_NOT_APPROVED"]);
    expect(refused.body.error.message).toContain("method.targets names none of");
    expect(existsSync(join(folder, ".tunewise", "plans"))).toBe(false);
    expect(await readAudit(team.context.database, { action: "run-started", limit: 9 })).toEqual([]);
  });

  test("on a machine without a price is capped by time", async () => {
    const free = recipe()
      .replace("usd_per_hour: 0.5", "usd_per_hour: 0")
      .replace("budget: { minutes: 10 }", "");
    const team = await serveRecipeTeam(project("free", free), { command });
    const { body: plan } = await team.ask("root", "POST", `${path}/free/plan`, {});
    expect(plan.cap.micro_usd).toBeNull();
    expect(plan.cap.seconds % 60).toBe(0);
    const dollars = await approve(team, "root", "free", plan, { micro_usd: 1_000_000, seconds: null });
    expect(dollars.body.error.code).toBe("PLAN_SUM_DIFFERS");
  });

  test("is planned by a process that ends with the wish for it", async () => {
    const folder = project("left");
    const output = join(folder, ".tunewise");
    const recipes = servedIn(folder, output, command);
    const seen: StartedProgram[] = [];
    const start: typeof recipes.start = (words, options) => {
      const started = recipes.start(words, options);
      seen.push(started);
      return started;
    };
    const team = await serveTeam({ output, recipes: { ...recipes, start } });
    const leaving = new AbortController();
    const asked = fetch(`${team.url}${path}/left/plan`, {
      method: "POST",
      body: "{}",
      signal: leaving.signal,
      headers: { authorization: `Bearer ${team.tokens.get("root")}` },
    });
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBe(1);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    expect(await seen[0]?.ended).not.toBe(0);
    expect(team.failures).toEqual([]);
  });

  test("whose runs this server does not show is planned, and not started", async () => {
    const folder = project("elsewhere");
    const output = join(folder, "other");
    const team = await serveTeam({ output, recipes: servedIn(folder, output, command) });
    const { body: plan } = await team.ask("root", "POST", `${path}/elsewhere/plan`, {});
    expect(plan.refusal).toContain("Its runs are recorded in");
    expect((await approve(team, "root", "elsewhere", plan)).status).toBe(409);
  });

  test("of a run that ends at once: the last words of its log", async () => {
    const folder = project("duplicate", capped);
    const team = await serveRecipeTeam(folder, { command });
    const { body: plan } = await team.ask("root", "POST", `${path}/duplicate/plan`, {});
    const first = await approve(team, "root", "duplicate", plan);
    const { run } = first.body;
    const status = async () =>
      (await team.ask("root", "GET", `/api/tunewise/v1/runs/${run}/details`)).body.status;
    await expect.poll(status, { timeout: 90_000 }).toBe("completed");
    const { body: again } = await team.ask("root", "POST", `${path}/duplicate/plan`, {});
    expect(again.id).not.toBe(plan.id);
    const second = await approve(team, "root", "duplicate", again);
    expect([second.status, second.body.error.code]).toEqual([409, "RUN_NOT_STARTED"]);
    expect(second.body.error.message).toContain(run);
  });
});

describe("who may", () => {
  test("those who write in the project of the runs, and nobody else", async () => {
    const folder = project("roles");
    const team = await serveRecipeTeam(folder, { command });
    const names = async (who: string) =>
      (await team.ask(who, "GET", path)).body.recipes.map(({ name }: { name: string }) => name);
    const statusOf = async (who: string, what = "plan", body: object = {}) =>
      (await team.ask(who, "POST", `${path}/roles/${what}`, body)).status;
    const taken = { name: "small" };
    const number = (await findProject(team.context.database, taken))?.number ?? 0;
    expect([await names("root"), await names("wim"), await statusOf("wim")]).toEqual([["roles"], [], 404]);
    // a user cannot gain access by creating a project of the same name: the server reserved the name at its start
    const squatted = await team.ask("eve", "POST", "/api/2.0/mlflow/experiments/create", taken);
    expect(squatted.body.error_code).toBe("RESOURCE_ALREADY_EXISTS");
    await grant(team, "wim", number, "write");
    await grant(team, "rita", number, "read");
    expect([await names("wim"), await names("rita"), await names("eve")]).toEqual([["roles"], [], []]);
    expect(await statusOf("wim")).toBe(200);
    const approval = { plan: "x", micro_usd: 10_000, seconds: null };
    for (const [what, body] of [
      ["plan", {}],
      ["check", {}],
      ["runs", approval],
    ] as const) {
      expect([what, await statusOf("rita", what, body), await statusOf("eve", what, body)]).toEqual([
        what,
        403,
        404,
      ]);
      expect((await team.ask(null, "POST", `${path}/roles/${what}`, body)).status).toBe(401);
    }
    expect(
      (await approve(team, "wim", "roles", { id: "x", cap: { micro_usd: 10_000, seconds: null } })).status,
    ).toBe(409);
  });

  test("no file but those that were named can be reached, and no other model or setting", async () => {
    const folder = project("named");
    const team = await serveRecipeTeam(folder, { command });
    const unknown = await team.ask("root", "POST", `${path}/other/plan`, {});
    expect([unknown.status, unknown.body.error.code]).toEqual([404, "SERVED_RECIPE_UNKNOWN"]);
    for (const name of ["tunewise.yaml", "small", "..%2Fnamed", "%2Fetc%2Fpasswd"])
      expect((await team.ask("root", "POST", `${path}/${name}/plan`, {})).status).toBe(404);
    for (const body of [
      { model: "/etc/passwd" },
      { model: "https://models.example/x" },
      { model: "owner/unknown" },
      { output: "/tmp" },
      { max_length: 1e9 },
      { batch_size: 0 },
      { method: "lora,output=/tmp" },
    ])
      expect([body, (await team.ask("root", "POST", `${path}/named/plan`, body)).status]).toEqual([
        body,
        400,
      ]);
    const table = await team.ask("root", "POST", `${path}/named/plan`, {
      model: "qwen/qwen3-8b",
      method: "qlora",
    });
    expect(table.status, table.text).toBe(200);
    expect(table.body.refusal).not.toBeNull();
    expect(table.body.model).toMatchObject({ source: "qwen/qwen3-8b", method: "qlora" });
  });
});

test("a check gives rows beside those that they repeat, and no secret", async () => {
  const folder = project(
    "checked",
    recipe()
      .replace("depth: exact", "depth: full")
      .replace(/ {2}rows: .*\n/, ""),
  );
  const [first = ""] = readFileSync(join(folder, "test.jsonl"), "utf8").split("\n");
  const key = `sk-${createHash("md5").update("planted").digest("hex")}`;
  const planted = first.replace(/("role": "user", "content": ")/, `$1DEEPSEEK_API_KEY=\\"${key}\\" `);
  appendFileSync(join(folder, "train.jsonl"), `${first}\n${planted}\n`);
  const team = await serveRecipeTeam(folder, { command });
  const { status, body, text } = await team.ask("root", "POST", `${path}/checked/check`, {});
  expect(status, text).toBe(200);
  expect(text).not.toContain(key);
  expect(body.splits.map(({ name }: { name: string }) => name)).toEqual(["train", "validation", "test"]);
  const codes = body.topics.map(({ code }: { code: string }) => code);
  expect(codes.slice(0, 1)).toEqual(["DATA_SECRET"]);
  expect(codes).toContain("DATA_LEAK");
  const [{ rows }] = body.topics[0].subjects;
  expect(rows[0].prompt).toMatch(/DEEPSEEK_API_KEY="<\w+>/);
});

/**
 * Starts `tunewise serve` in a folder and ends it with the test.
 *
 * @returns its URL
 */
async function serveHere(folder: string, ...words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [program, "serve", "--port", "0", "--json", ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((end) => child.once("close", end));
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  let said = "";
  for await (const chunk of child.stdout) {
    said += String(chunk);
    const url = /"url": "(http:[^"]+)"/.exec(said)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`it ended: ${said}`);
}

describe("`tunewise serve`", () => {
  const namesAt = async (url: string): Promise<string[]> =>
    (await send(`${url}${path}`, "GET")).body.recipes.map(({ name }: { name: string }) => name);

  test("serves the recipe of its folder, those that are named, or none", async () => {
    const folder = project("served");
    writeFileSync(join(folder, "other.yaml"), recipe());
    const usual = await serveHere(folder);
    expect(await namesAt(usual)).toEqual(["served"]);
    const planned = await send(`${usual}${path}/served/plan`, "POST", { steps: 4 });
    expect(planned.status, planned.text).toBe(200);
    expect(planned.body).toMatchObject({ schedule: { steps: 4 }, refusal: null });
    expect(await namesAt(await serveHere(folder, "--recipe", "tunewise.yaml,other.yaml"))).toEqual([
      "served",
      "other",
    ]);
    expect(await namesAt(await serveHere(folder, "--recipe", "none"))).toEqual([]);
    const missing = tunewise(folder, "serve", "--recipe", "missing.yaml");
    expect([missing.code, missing.err]).toEqual([
      expect.any(Number),
      expect.stringContaining("missing.yaml"),
    ]);
    expect(missing.code).not.toBe(0);
  });
});
