/**
 * @file For tests: `tunewise try` with a paid endpoint on a failing disk, and the invariants of its costs, whatever the
 * disk did.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openDatabase, openStore, readAccount } from "@tunewise/tracker";
import { storePath } from "../../packages/tracker/src/open-store.ts";
import { type FaultEndpoint, serveFaults } from "./fault-endpoint.ts";
import { type FaultKind, injectFaults, ownFolder } from "./faults.ts";
import { type Invoked, invokeHere } from "./invoke-here.ts";

/** Micro-dollars per token. */
const price = { prompt: 1000, answer: 3001 };
/** Concurrent questions: up to this many may be in flight at a kill. */
const atOnce = 2;
const testRows = 6;
const answerTokens = 6;

function recipe(url: string): string {
  const endpoint = `{ url: "${url}", model: m-1, tries: 2, timeout_seconds: 60, concurrency: ${atOnce}, usd_per_million: { input: ${price.prompt}, output: ${price.answer} } }`;
  return `name: tickets
model: ${resolve("models/small")}
data:
  { train: train.jsonl, validation: validation.jsonl, test: test.jsonl, max_length: 256, bad_rows: skip,
    rows: { train: 8, validation: 2, test: ${testRows} } }
task: { kind: json, metrics: [json_match] }
checks: { depth: exact }
evaluation: { max_new_tokens: ${answerTokens}, rows: ${testRows}, base: false, memorization: 0 }
forgetting: { measure: false }
safety: { code: off, refusals: off }
machine: { usd_per_hour: 0, threads: 1 }
budget: { usd: 50 }
comparison:
  - { model: neighbours, examples: 3 }
  - { model: api, name: far, endpoint: ${endpoint} }
`;
}

/** The outcome of a try with a fault. */
export interface MetTry {
  readonly said: Invoked;
  readonly fired: boolean;
  readonly operations: readonly string[];
  readonly wrong: readonly string[];
}

/** Runs a try with one fault and repeats it on a working disk; `null`: no fault. */
export async function meetInTry(
  fault: { readonly at: number; readonly kind: FaultKind } | null,
): Promise<MetTry> {
  const root = ownFolder("try-fault");
  const endpoint = await serveFaults({ answerTokens });
  try {
    const folder = await project(root, endpoint.url);
    const kind = fault?.kind ?? "EIO";
    const words = ["try", "--yes", "--json"];
    const { result, ...met } = await injectFaults({ under: folder, ...fault }, ({ hasFired }) =>
      invokeHere(folder, words, { isMuted: () => kind === "crash" && hasFired() }),
    );
    await endHolders(folder);
    const wrong = /bug of tunewise|UNEXPECTED|Internal:/.test(result.out + result.err)
      ? [`says a bug: ${result.out}${result.err}`]
      : [];
    // when the process or the disk fails, the answers in flight and their costs are lost
    const maxLost = met.fired && (kind === "crash" || kind === "full") ? atOnce : 0;
    wrong.push(...faultsIn(await sumsOf(folder), endpoint, maxLost).map((one) => `after the fault: ${one}`));
    const again = await invokeHere(folder, words);
    wrong.push(...(await faultsAfter(folder, again, endpoint, maxLost)));
    if (wrong.length === 0) rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    return { said: result, ...met, wrong };
  } finally {
    await endpoint.close();
  }
}

/** A project with an existing store. */
async function project(root: string, url: string): Promise<string> {
  const folder = join(root, "project");
  mkdirSync(join(folder, ".tunewise"), { recursive: true });
  for (const part of ["train", "validation", "test"]) {
    cpSync(resolve("examples/tickets", `${part}.jsonl`), join(folder, `${part}.jsonl`));
  }
  writeFileSync(join(folder, "tunewise.yaml"), recipe(url));
  await (await openStore(storePath(join(folder, ".tunewise")))).close();
  return folder;
}

/** The cost in micro-dollars according to each record. */
interface Sums {
  /** Settled. */
  readonly spent: number;
  /** Reserved or lost. */
  readonly aside: number;
  readonly ledger: number;
  /** The costs in the runs' records. */
  readonly runs: number;
  /** The sum that `tunewise cost report` prints. */
  readonly page: number;
}

async function sumsOf(folder: string): Promise<Sums> {
  const page = await invokeHere(folder, ["spend", "--json", "--store", ".tunewise"]);
  if (page.code !== 0) throw new Error(`spend cannot be read: ${page.out}${page.err}`);
  const database = await openDatabase(storePath(join(folder, ".tunewise")));
  try {
    const purse = await readAccount(database, "tickets", 0);
    const [row] = await database.all(
      "SELECT sum(micro_usd) AS ledger, (SELECT sum(spent_micro_usd) FROM runs) AS runs FROM spend",
    );
    return {
      spent: purse.spentMicroUsd,
      aside: purse.reservedMicroUsd + purse.lostMicroUsd,
      ledger: Number(row?.["ledger"] ?? 0),
      runs: Number(row?.["runs"] ?? 0),
      page: (JSON.parse(page.out) as { microUsd: number }).microUsd,
    };
  } finally {
    await database.close();
  }
}

/** The differences between the sums and what the endpoint served. */
function faultsIn({ spent, aside, ...others }: Sums, { bill }: FaultEndpoint, maxLost: number): string[] {
  const wrong: string[] = [];
  const purse = spent + aside;
  for (const [where, sum] of Object.entries(others)) {
    if (sum !== purse) wrong.push(`the purse has ${purse} (${aside} set aside), ${where} ${sum}`);
  }
  const served = bill.promptTokens * price.prompt + bill.answerTokens * price.answer;
  if (spent > served) wrong.push(`${spent} were charged, and ${served} were served`);
  if (purse < served) wrong.push(`${served} were served, and ${purse} are counted`);
  if (maxLost === 0 && aside > 0) wrong.push(`${aside} stay set aside, and nobody was killed`);
  return wrong;
}

async function faultsAfter(
  folder: string,
  again: Invoked,
  endpoint: FaultEndpoint,
  maxLost: number,
): Promise<string[]> {
  if (again.code !== 0) return [`once more ends with ${again.code}: ${again.out}${again.err}`];
  const sums = await sumsOf(folder);
  const wrong = faultsIn(sums, endpoint, maxLost);
  const document = JSON.parse(again.out) as TryFacts;
  const [purse, cost] = [sums.spent + sums.aside, document.took.micro_usd];
  if (cost !== purse || document.apis.paid !== purse) {
    wrong.push(`the report says ${cost} and ${document.apis.paid}, the purse ${purse}`);
  }
  const arm = document.arms.find(({ line }) => line === "far");
  if (arm?.answered !== testRows) wrong.push(`${arm?.answered} of ${testRows} rows are answered`);
  const asked = endpoint.requests.map(({ body }) => JSON.stringify(body["messages"]));
  const twice = asked.length - new Set(asked).size;
  if (new Set(asked).size !== testRows) wrong.push(`${new Set(asked).size} questions were asked`);
  if (twice > maxLost) wrong.push(`${twice} answers were paid for twice`);
  const report = readFileSync(join(document.folder, "report.md"), "utf8").replaceAll("\\", "");
  const text = `$${(purse / 1e6).toFixed(6).replace(/0{1,4}$/, "")}`;
  if (!report.includes(`APIs took ${text};`)) wrong.push(`the report does not say ${text}`);
  return wrong;
}

interface TryFacts {
  readonly folder: string;
  readonly took: { readonly micro_usd: number };
  readonly apis: { readonly paid: number };
  readonly arms: readonly { readonly line: string; readonly answered: number }[];
}

/** Marks the holder of locks and claims as ended: the command ran in this process, which continues. */
async function endHolders(folder: string): Promise<void> {
  const runs = join(folder, ".tunewise/runs");
  for (const name of list(runs).filter((one) => /(^|\/)lock$/.test(one))) {
    const holder = JSON.parse(readFileSync(join(runs, name), "utf8")) as object;
    writeFileSync(join(runs, name), JSON.stringify({ ...holder, start: "long ago" }));
  }
  const database = await openDatabase(storePath(join(folder, ".tunewise")));
  try {
    await database.transaction(async (transaction) => {
      for (const { request, holder } of await transaction.all("SELECT * FROM answer_claims")) {
        const dead = JSON.stringify({ ...(JSON.parse(String(holder)) as object), start: "long ago" });
        const sql = "UPDATE answer_claims SET holder = ? WHERE request = ?";
        await transaction.run(sql, dead, String(request));
      }
    });
  } finally {
    await database.close();
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}
