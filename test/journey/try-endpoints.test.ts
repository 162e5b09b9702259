/**
 * Arms behind endpoints that fail, lie or echo the key: invalid arms, one cost in account, ledger, report and `spend`
 * (also after a kill), and no key in any file.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { openDatabase, readAccount } from "@tunewise/tracker";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { storePath } from "../../packages/tracker/src/open-store.ts";
import { type FaultEndpoint, type FaultOptions, serveFaults } from "../support/fault-endpoint.ts";
import { program } from "../support/program.ts";
import { type Outcome, smallModel } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

let folder = "";
beforeEach(() => {
  folder = temporaryFolder();
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
});

/**
 * A recipe with nearest neighbors and one API on 20 test rows. Prices of about a dollar per thousand tokens make
 * differences visible.
 */
function write(url: string, more = "", machine = 0): void {
  const endpoint = `{ url: "${url}", model: m-1, tries: 1, timeout_seconds: 60, concurrency: 4, usd_per_million: { input: 1000, output: 3001 }${more} }`;
  writeFileSync(
    join(folder, "tunewise.yaml"),
    `name: tickets
model: ${smallModel}
data:
  { train: train.jsonl, validation: validation.jsonl, test: test.jsonl, max_length: 256, bad_rows: skip,
    rows: { train: 64, validation: 6, test: 20 } }
task: { kind: json, metrics: [json_match] }
evaluation: { max_new_tokens: 24, rows: 20, base: false, memorization: 0 }
forgetting: { measure: false }
safety: { code: off, refusals: off }
machine: { usd_per_hour: ${machine}, threads: 1 }
budget: { usd: 50 }
comparison:
  - { model: neighbours, examples: 3 }
  - { model: api, name: far, endpoint: ${endpoint} }
`,
  );
}

function start(words: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", HF_HUB_OFFLINE: "1", ...environment },
  });
}

function tunewise(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const child = start(words, environment);
  let [out, err] = ["", ""];
  child.stdout?.on("data", (part) => (out += part));
  child.stderr?.on("data", (part) => (err += part));
  return new Promise((done) => child.on("close", (code) => done({ code, out, err })));
}

async function serve(options: FaultOptions): Promise<FaultEndpoint> {
  const server = await serveFaults(options);
  onTestFinished(() => server.close());
  return server;
}

interface Sums {
  /** Spent, reserved and lost. */
  readonly purse: number;
  /** Ledger entries of the try without machine time. */
  readonly ledger: number;
  readonly ledgerInAll: number;
  /** The cost in the run's record. */
  readonly run: number;
  /** The sum that `tunewise cost report` prints. */
  readonly page: number;
}

/** Reads the cost of the try from each of its records. */
async function sums(): Promise<Sums> {
  const database = await openDatabase(storePath(join(folder, ".tunewise")));
  try {
    const { spentMicroUsd, reservedMicroUsd, lostMicroUsd } = await readAccount(database, "tickets", 0);
    const [row] = await database.all(
      `SELECT sum(micro_usd) AS in_all, sum(CASE WHEN seconds = 0 THEN micro_usd ELSE 0 END) AS paid,
         (SELECT sum(spent_micro_usd) FROM runs) AS own FROM spend`,
    );
    const spent = JSON.parse((await tunewise(["spend", "--json", "--store", ".tunewise"])).out);
    return {
      purse: spentMicroUsd + reservedMicroUsd + lostMicroUsd,
      ledger: Number(row?.["paid"]),
      ledgerInAll: Number(row?.["in_all"]),
      run: Number(row?.["own"]),
      page: spent.microUsd,
    };
  } finally {
    await database.close();
  }
}

/** Requires equal sums if only APIs cost money. */
async function expectOneSum(document: {
  took: { micro_usd: number };
  apis: { paid: number };
  folder: string;
}): Promise<number> {
  const { purse, ...others } = await sums();
  expect(others).toEqual({ ledger: purse, ledgerInAll: purse, run: purse, page: purse });
  expect([document.took.micro_usd, document.apis.paid]).toEqual([purse, purse]);
  const text = `$${(purse / 1e6).toFixed(6).replace(/0{1,4}$/, "")}`;
  expect(readFileSync(join(document.folder, "report.html"), "utf8")).toContain(`APIs took ${text};`);
  expect(readFileSync(join(document.folder, "report.md"), "utf8").replaceAll("\\", "")).toContain(
    `APIs took ${text};`,
  );
  return purse;
}

test("an arm whose endpoint is dead is invalid: rc 2, no score, no part in the decision; mended, it goes on", {
  timeout: 120_000,
}, async () => {
  let isDead = true;
  const server = await serve({ fault: () => (isDead ? "gateway timeout" : "fine") });
  write(server.url);
  const { code, out, err } = await tunewise(["try", "--yes", "--json"]);
  expect(code, err).toBe(2);
  const document = JSON.parse(out);
  expect(document.invalid).toEqual([
    expect.stringMatching(/^far is invalid: failed 16 of 16 rows, and was not asked the other 4 \(.*504/),
  ]);
  // compared with answers that need no model
  expect(document.decision.table[0]).toMatchObject({ name: "3 neighbours" });
  expect(document.decision.table.map(({ name }: { name: string }) => name)).not.toContain("far");
  expect(document.arms[1]).toMatchObject({
    line: "far",
    answered: 0,
    scores: [{ metric: "json_match", value: null }],
  });
  expect(document.compared_rows).toBe(20);
  // a request with a gateway timeout may be billed: the maximum is charged everywhere
  expect(await expectOneSum(document)).toBeGreaterThan(16 * 24 * 3001);
  const shown = (await tunewise(["runs"])).out;
  expect(shown).toMatch(/stopped \(fault\) +baseline comparison: /);
  const report = readFileSync(join(document.folder, "report.md"), "utf8");
  expect(report).toMatch(/\| far \| invalid \|.*failed 16 of 16 rows/);

  isDead = false;
  const before = server.requests.length;
  const mended = await tunewise(["try", "--yes", "--json"]);
  expect(mended.code, mended.err).toBe(0);
  const later = JSON.parse(mended.out);
  expect(later.run).toBe(document.run);
  expect(later.invalid).toEqual([]);
  expect(server.requests.length - before).toBe(20);
  await expectOneSum(later);
  const again = await tunewise(["try", "--yes"]);
  expect(again.err).toContain("this was tried before");
});

test("a few rows that fail are said in the line of the score and leave no arm out", {
  timeout: 120_000,
}, async () => {
  const server = await serve({ fault: (at) => (at === 3 ? "down" : at === 5 ? "no usage" : "fine") });
  write(server.url, "", 0.5);
  const { code, out, err } = await tunewise(["try", "--yes"]);
  expect(code, err).toBe(0);
  expect(out).toMatch(/^far .*failed 1 of 20 rows \(.*500/m);
  expect(out).toContain("compared on 19 of 20 test rows");
  const { purse, ledger, ledgerInAll, run, page } = await sums();
  expect(ledger).toBe(purse);
  expect([run, page]).toEqual([ledgerInAll, ledgerInAll]);
  expect(ledgerInAll).toBeGreaterThan(purse); // the difference is machine time
});

test("one sum of money stands everywhere, also after a kill in the middle of paying", {
  timeout: 180_000,
}, async () => {
  const server = await serve({ delayMs: 40, fault: (at) => (at % 9 === 4 ? "half a stream" : "fine") });
  write(server.url);
  for (const requests of [3, 9]) {
    const child = start(["try", "--yes"]);
    while (server.requests.length < requests && child.exitCode === null)
      await new Promise((later) => setTimeout(later, 5));
    child.kill("SIGKILL");
    await new Promise((ended) => child.once("close", ended));
    const { purse, ...others } = await sums();
    expect(purse).toBeGreaterThan(0);
    expect(others).toEqual({ ledger: purse, ledgerInAll: purse, run: purse, page: purse });
  }
  const { out, err } = await tunewise(["try", "--yes", "--json"]);
  expect(out, err).not.toBe("");
  await expectOneSum(JSON.parse(out));
});

test("a key that the endpoint says back in every field is in no file and no output", {
  timeout: 120_000,
}, async () => {
  const key = "sk-Very+Secret/0123456789abcdef==";
  const forms = [
    key,
    encodeURIComponent(key),
    Buffer.from(key).toString("base64"),
    Buffer.from(key).toString("hex"),
  ];
  let at = 0;
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const isStream = JSON.parse(text).stream === true;
    const sent = String(request.headers.authorization);
    if (at++ === 2) {
      response.writeHead(400, { "content-type": "application/json", "x-request-id": key });
      return void response.end(
        JSON.stringify({ error: { message: `${sent} is wrong`, code: key, param: key } }),
      );
    }
    const content = [sent, ...forms].join(" and ");
    const model = `m-1-${key}`;
    const half = Math.floor(content.length / 2) - 9;
    const part = (piece: string, finish: string | null): string =>
      `data: ${JSON.stringify({ id: key, model, system_fingerprint: key, choices: [{ index: 0, delta: { content: piece }, finish_reason: finish }] })}\n\n`;
    response.setHeader("content-type", isStream ? "text/event-stream" : "application/json");
    const whole = { id: key, model, choices: [{ index: 0, message: { content }, finish_reason: "stop" }] };
    response.end(
      isStream
        ? `${part(content.slice(0, half), null)}${part(content.slice(half), null)}${part("", key)}data: [DONE]\n\n`
        : JSON.stringify(whole),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, ", key: FAR_KEY");
  const outputs = [
    await tunewise(["try", "--yes", "--json"], { FAR_KEY: key }),
    await tunewise(["try", "--yes", "--debug"], { FAR_KEY: key }),
    await tunewise(["runs", "--json"]),
  ];
  expect(at).toBeGreaterThan(19);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
  const all = [...outputs.map(({ out, err }) => out + err), ...files].join("\n");
  expect(all).toContain("Bearer ***");
  for (const form of forms) expect(all.includes(form), form).toBe(false);
  for (const form of forms) expect(all.toLowerCase().includes(form.toLowerCase()), form).toBe(false);
});
