/**
 * @file Takes the screenshots of the page in `docs/images`, with runs logged by this script, in the system's Chromium.
 *
 *     npm run build && npx tsx tools/screenshots.ts   # the screenshots in the documentation
 *     npx tsx tools/screenshots.ts --all FOLDER       # every view, in both themes and three widths
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { findWandbRun, openTrackingContext, writeStream } from "@tunewise/tracker";
import { identifyUsers, serveTracking } from "@tunewise/tracker/server";
import { type Browser, chromium, type Page } from "playwright-core";
import { serveRecipes } from "../packages/tunewise/src/app/dashboard/index.ts";
import { ownProgram } from "../packages/tunewise/src/cli/handlers/own-program.ts";
import { createRuntime } from "../packages/tunewise/src/runtime/index.ts";
import { trackingProtocols } from "../packages/tunewise/src/server/index.ts";
import { addOwnRun, answeredRows } from "../test/support/own-runs.ts";
import { buildWeb } from "./build-web.ts";

const { values } = parseArgs({ options: { all: { type: "string" } } });
const folder = mkdtempSync(join(tmpdir(), "tunewise-pictures-"));
const output = join(folder, "runs");
const random = seeded(7);
const context = await openTrackingContext(
  { store: ":memory:", artifacts: join(folder, "artifacts") },
  { now: () => new Date(), random },
);
await buildWeb(join(folder, "web"));
const identify = identifyUsers(context);
const protocols = trackingProtocols(context, identify, { output, page: join(folder, "web") });
const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols, identify });
try {
  const ids = await logRuns();
  if (values.all === undefined) {
    await withBrowser(async (browser) => {
      await takePictures(browser, ids);
      await takeOwnRun(browser);
    });
  } else {
    const into = values.all;
    mkdirSync(into, { recursive: true });
    const own = await makeOwnRuns();
    const logged = await logTable();
    await withBrowser((browser) => takeAll(browser, into, allViews(ids, own, logged)));
  }
} finally {
  await server.close(0);
  await context.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Deterministic random numbers. @source Steele et al. 2014, SplitMix; 32 bits of it */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const reply = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
  return (await reply.json()) as Record<string, unknown>;
}

/** Logs 60 runs that differ in rank and rate. Returns their ids. */
async function logRuns(): Promise<string[]> {
  const api = "/api/2.0/mlflow";
  const { experiment_id: project } = await post(`${api}/experiments/create`, { name: "tickets" });
  const ids: string[] = [];
  for (let at = 0; at < 60; at++) {
    const [rank, rate] = [2 ** (2 + (at % 4)), [1e-4, 3e-4, 1e-3][at % 3] ?? 1e-4];
    const started = Date.now() - (60 - at) * 3_600_000;
    const { run } = await post(`${api}/runs/create`, {
      experiment_id: project,
      run_name: `lora-r${rank}-${rate}`,
      start_time: started,
      tags: [{ key: "mlflow.user", value: ["ada", "grace", "katherine"][at % 3] }],
    });
    const id = String((run as { info: { run_id: string } }).info.run_id);
    const floor = 0.52 + 0.3 / Math.sqrt(rank) + Math.abs(Math.log10(rate / 3e-4)) * 0.08 + random() * 0.05;
    const points = Array.from({ length: 60 }, (_, step) => {
      const value = floor + 1.6 * Math.exp(-step / 12) + Math.max(0, step - 45) * 0.002 * (rank / 16);
      return [
        { key: "eval_loss", value, step: step + 1, timestamp: started + step * 20_000 },
        {
          key: "train_loss",
          value: value - 0.05 + random() * 0.12,
          step: step + 1,
          timestamp: started + step * 20_000,
        },
      ];
    }).flat();
    const params = [
      ...[
        { key: "rank", value: String(rank) },
        { key: "learning_rate", value: String(rate) },
      ],
      { key: "seed", value: String(at % 5) },
    ];
    await post(`${api}/runs/log-batch`, { run_id: id, metrics: points, params });
    const status = at % 11 === 10 ? "FAILED" : at % 7 === 6 ? "KILLED" : "FINISHED";
    await post(`${api}/runs/update`, { run_id: id, status, end_time: started + 1_200_000 });
    const cost = Math.round(1e6 * (0.8 + random() * 2.5));
    await post(`/api/tunewise/v1/runs/${id}/charges`, {
      kind: "other",
      micro_usd: cost,
      source: "an example",
    });
    ids.push(id);
  }
  return ids;
}

/** Runs of this engine with answers by row. Returns their ids. */
async function makeOwnRuns(): Promise<string[]> {
  const runs = [
    { recipe: "", right: 130 },
    { recipe: "training: { seed: 7 }", right: 134 },
    { recipe: "method: { rank: 4 }", right: 128 },
    { recipe: "method: { kind: qlora }", right: 96 },
  ];
  const ids: string[] = [];
  for (const [at, { recipe, right }] of runs.entries()) {
    const id = `2026112${at}-204512-tickets-7f3${at}`;
    const rows = answeredRows(200, right, "Which team answers a ticket about the invoice number");
    await addOwnRun(context.database, output, { id, name: `tickets ${at + 1}`, recipe, rows });
    ids.push(id);
  }
  return ids;
}

/** Logs a table at two steps, as W&B's clients do. Returns the run's id. */
async function logTable(): Promise<string> {
  await post("/graphql", {
    query: `mutation { upsertBucket(input: {modelName: "tickets", name: "w1", displayName: "tables"}) { inserted } }`,
  });
  const path = { entity: "tunewise", project: "tickets", name: "w1" };
  const { id, number } = (await findWandbRun(context.database, path))?.run ?? { id: "", number: 0 };
  const content = [1, 2].map((step) =>
    JSON.stringify({
      _step: step,
      loss: 1 / step,
      answers: { _type: "table-file", path: `media/table/${step}.table.json` },
    }),
  );
  await context.write(async (transaction) => {
    const part = { events: null, console: null, summary: null, exitCode: null };
    await writeStream(transaction, number, { ...part, history: { offset: 0, content } }, Date.now());
  });
  for (const step of [1, 2]) {
    const data = Array.from({ length: 120 }, (_, at) => [
      ...[`Which team answers ticket ${at}?`, at % 3 === 0 ? "billing" : "support"],
      ...[Math.round(random() * 1e4) / 1e4, { _type: "image-file", path: `media/images/${at}.png` }],
    ]);
    const text = JSON.stringify({ columns: ["question", "answer", "score", "picture"], data });
    const key = `runs/${number}/media/table/${step}.table.json`;
    await context.artifacts.put(key, Readable.from([Buffer.from(text)]));
  }
  return id;
}

async function withBrowser(work: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env["TUNEWISE_CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

/** Views that the documentation shows, by name: the address behind `#`. */
function shownViews(ids: readonly string[]): Readonly<Record<string, string>> {
  const numbers = "metrics.eval_loss,curve.eval_loss,params.rank,params.learning_rate";
  const columns = `attributes.status,${numbers},attributes.spent,attributes.person`;
  return {
    "page-runs": `/?columns=${columns}&order=metrics.eval_loss&baseline=${ids[3]}`,
    "page-run": `/runs/${ids[3]}?smooth=0.6`,
    "page-compare": `/compare?runs=${ids.slice(0, 5).join(",")}`,
    "page-money": "/money?by=person",
  };
}

/** Every view, by name. */
function allViews(
  ids: readonly string[],
  own: readonly string[],
  logged: string,
): Readonly<Record<string, string>> {
  const parts = ["answers", "files", "console", "system", "ledger"];
  return {
    ...shownViews(ids),
    "runs-usual": "/",
    "runs-grouped": "/?group=params.rank&columns=attributes.status,params.rank,metrics.eval_loss",
    "run-own": `/runs/${own[0]}`,
    ...Object.fromEntries(parts.map((part) => [`run-${part}`, `/runs/${own[0]}?part=${part}`])),
    "compare-many": `/compare?runs=${ids.slice(0, 20).join(",")}`,
    "compare-own": `/compare?runs=${[...own, ids[0]].join(",")}`,
    "run-tables": `/runs/${logged}?part=files`,
    decide: "/decide",
    money: "/money",
    "not-there": "/nowhere",
  };
}

async function takePictures(browser: Browser, ids: readonly string[]): Promise<void> {
  for (const [name, address] of Object.entries(shownViews(ids))) {
    const colorScheme = name === "page-run" ? "dark" : "light";
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme });
    await show(page, address);
    await page.screenshot({ path: join("docs/images", `${name}.png`) });
    await page.close();
  }
}

/** Takes screenshots of a run of `examples/desks`, which trains here in a few seconds, and of its recipe's plan. */
async function takeOwnRun(browser: Browser): Promise<void> {
  for (const path of ["examples/desks", "models/small"])
    cpSync(resolve(path), join(folder, path), { recursive: true });
  const cwd = join(folder, "examples/desks");
  const program = [process.execPath, resolve("dist/cli/main.js")];
  const [node = "", ...words] = program;
  execFileSync(node, [...words, "run", "--yes", "--budget", "10min"], { cwd, stdio: "ignore" });
  const store = join(cwd, ".tunewise");
  const runtime = createRuntime(cwd, new AbortController().signal, "pictures");
  const start = ownProgram(program, process.env);
  const recipes = serveRecipes({ paths: [join(cwd, "tunewise.yaml")], output: store, start, runtime });
  const places = { store: join(store, "tunewise.db"), artifacts: join(store, "artifacts") };
  const there = await openTrackingContext(places, { now: () => new Date(), random });
  const asked = identifyUsers(there);
  const served = trackingProtocols(there, asked, { output: store, recipes, page: join(folder, "web") });
  const own = await serveTracking({ host: "127.0.0.1", port: 0, protocols: served, identify: asked });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  try {
    await page.goto(own.url);
    await page.locator("[data-row] a").first().click();
    await page.getByRole("heading", { name: "Planned and actual" }).waitFor();
    await page.waitForTimeout(1_500);
    await page.evaluate("document.querySelector('.commands').remove()"); // they contain a local path
    await page.screenshot({ path: "docs/images/page-own-run.png", fullPage: true });
    await page.goto(`${own.url}/#/plan`);
    await page.getByRole("heading", { name: "Time and memory" }).waitFor({ timeout: 120_000 });
    await page.screenshot({ path: "docs/images/page-plan.png" });
  } finally {
    await page.close();
    await own.close(0);
    await there.close();
  }
}

/** Takes a full-page screenshot of each view, and lists views that are wider than the window. */
async function takeAll(
  browser: Browser,
  into: string,
  views: Readonly<Record<string, string>>,
): Promise<void> {
  for (const width of [390, 768, 1440]) {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      for (const [name, address] of Object.entries(views)) {
        await show(page, address);
        await page.screenshot({ path: join(into, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        const wide = await page.evaluate("document.documentElement.scrollWidth");
        if (Number(wide) > width) console.log(`${name} at ${width}: ${wide} pixels wide`);
      }
      await page.close();
    }
  }
}

async function show(page: Page, address: string): Promise<void> {
  await page.goto(`${server.url}/#${address}`);
  await page.waitForTimeout(values.all === undefined ? 3_000 : 1_500);
}
