/** @file The answers of a model behind an API are stored in a file: complete, inside the cap, after kills and outages. */
import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase, readAccount, storePath } from "@tunewise/tracker";
import OpenAI from "openai";
import { afterEach, expect, test } from "vitest";
import { type FrozenReference, readFrozenReference } from "../../packages/tunewise/src/scoring/index.ts";
import { startVendor, type Vendor, type VendorOptions } from "../support/fine-tuning-vendor.ts";
import { program } from "../support/program.ts";
import { temporaryFolder } from "../support/track-disk.ts";

const model = "ft:gpt-4o-mini-2024-07-18:org::id";
/** How often the process is killed; 30 for the figure of the documentation. */
const kills = Number(process.env["TUNEWISE_FREEZE_KILLS"] ?? 3);
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function vendor(options: VendorOptions = {}): Promise<Vendor> {
  const started = await startVendor({ key: "sk-test-key-of-this-vendor", ...options });
  closing.push(() => started.close());
  return started;
}

async function folderOf(prompts: readonly object[]): Promise<string> {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, "prompts.jsonl"), prompts.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return folder;
}

const questions = (count: number): object[] =>
  Array.from({ length: count }, (_, at) => ({ prompt: `question ${at}` }));

function start(folder: string, at: Vendor, ...words: string[]) {
  return startProgram(
    folder,
    at,
    model,
    "--prompts",
    "prompts.jsonl",
    "--price",
    "100,1000",
    "--yes",
    ...words,
  );
}

function startProgram(folder: string, at: Vendor, ...words: string[]) {
  const key = "sk-test-key-of-this-vendor";
  const env = { ...process.env, NO_COLOR: "1", OPENAI_BASE_URL: at.url, OPENAI_API_KEY: key };
  const child = spawn(process.execPath, [program, "freeze", ...words], { cwd: folder, env });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const end = new Promise<{ code: number | null; out: string; err: string }>((done) => {
    child.on("close", (code) => done({ code, out, err }));
  });
  return { child, end };
}

const freeze = (folder: string, at: Vendor, ...words: string[]) => start(folder, at, ...words).end;
const frozenIn = (folder: string): Promise<FrozenReference> =>
  readFrozenReference(join(folder, "frozen.jsonl"));

test("answers, calls, tokens and log-probabilities are stored, and asked for once", async () => {
  const at = await vendor({
    models: { [model]: "2027-01-14" },
    answer: ({ messages, tools }) =>
      tools === undefined
        ? { content: `to ${messages.at(-1)?.content}` }
        : { content: "", call: { name: "lookup", arguments: '{"city":"Graz"}' } },
  });
  const tools = [{ type: "function", function: { name: "lookup", parameters: { type: "object" } } }];
  const secret = `sk-proj-${"Zx81".repeat(18)}T3BlbkFJ${"q7Lm".repeat(18)}`;
  const folder = await folderOf([
    { messages: [{ role: "user", content: "weather?" }], tools },
    { prompt: "hello" },
    { prompt: "hello" },
    { prompt: `my key is ${secret}` },
  ]);
  const first = await freeze(folder, at, "--budget", "5usd", "--json");
  expect(first.err).toBe("");
  expect(first.code).toBe(0);
  expect(JSON.parse(first.out)).toMatchObject({ answers: 3, missing: 0, masked: 1, stopped: null });
  const { header, answers } = await frozenIn(folder);
  expect(header).toMatchObject({ model, endpoint: at.url, answers: 3, missing: 0 });
  const [weather, hello, masked] = [...answers.values()];
  expect(weather?.answer).toEqual({
    content: "",
    toolCalls: [{ id: "call_1", name: "lookup", arguments: { city: "Graz" } }],
  });
  expect(hello).toMatchObject({
    answer: { content: "to hello" },
    logprobs: { tokens: ["to ", "hello"], values: [0, -0.125] },
    cachedPromptTokens: 4,
    usage: "reported",
  });
  expect(hello?.seconds).toBeGreaterThan(0);
  expect(hello?.cost).toBe(9 * 100 + 2 * 1000);
  expect(masked?.isMasked).toBe(true);
  const text = readFileSync(join(folder, "frozen.jsonl"), "utf8");
  expect(text).not.toContain(secret);
  expect(text).not.toContain("sk-test-key");
  expect(at.asked.get("hello")).toBe(1);
  const again = await freeze(folder, at, "--budget", "5usd");
  expect(again.code).toBe(0);
  expect(again.err).not.toContain("terms");
  rmSync(join(folder, "frozen.jsonl"));
  expect((await freeze(folder, at, "--budget", "5usd")).err).toContain("vendor's terms");
  expect([...at.asked.values()]).toEqual([1, 1, 1]);
  expect((await frozenIn(folder)).answers.size).toBe(3);
});

test("at the cap it reports what is missing, and the command that it names completes the file", async () => {
  const at = await vendor();
  const folder = await folderOf(questions(12));
  const stopped = await freeze(folder, at, "--budget", "0.08usd", "--max-tokens", "20", "--concurrency", "1");
  expect(stopped.code).toBe(2);
  const [, words = ""] = /^next: tunewise freeze (.+)$/m.exec(stopped.err) ?? [];
  expect(words).toMatch(/ --budget [\d.]+usd$/);
  const { header } = await frozenIn(folder);
  expect(header.answers).toBeGreaterThan(0);
  expect(header.answers + header.missing).toBe(12);
  const cost = at.bill.promptTokens * 100 + at.bill.answerTokens * 1000;
  expect(cost).toBeLessThanOrEqual(80_000);
  const budget = words.split(" ").at(-1) ?? "";
  const rest = await freeze(folder, at, "--budget", budget, "--max-tokens", "20", "--concurrency", "1");
  expect(rest.code).toBe(0);
  expect((await frozenIn(folder)).header).toMatchObject({ answers: 12, missing: 0 });
  expect([...at.asked.values()].every((times) => times === 1)).toBe(true);
});

test.each([
  ["gone", 1, "does not exist"],
  ["down", 1, "status 500"],
  ["busy", 1, "status 429"],
  ["forbidden", 4, "status 403"],
] as const)("a model that is %s midway leaves its answers", async (fault, code, reason) => {
  const at = await vendor({ fault: (turn) => (turn < 3 ? "fine" : fault) });
  const folder = await folderOf(questions(8));
  const words = ["--budget", "9usd", "--concurrency", "1", "--wait-minutes", "0"];
  const ended = await freeze(folder, at, ...words);
  expect(ended.err).toContain(reason);
  expect(ended.code).toBe(code);
  expect((await frozenIn(folder)).header).toMatchObject({ answers: 3, missing: 5 });
  at.setFault(() => "fine");
  expect((await freeze(folder, at, ...words)).code).toBe(0);
  expect((await frozenIn(folder)).header.missing).toBe(0);
  expect([...at.asked.values()]).toEqual(Array(8).fill(1));
});

/** Questions whose answers are in the store. */
async function storedQuestions(folder: string): Promise<Set<string>> {
  const database = await openDatabase(storePath(join(folder, ".tunewise")));
  try {
    const rows = await database.all("SELECT answer FROM paid_answers");
    return new Set(rows.map(({ answer }) => JSON.parse(String(answer)).text.replace("answer to ", "")));
  } finally {
    await database.close();
  }
}

/** Micro-dollars that the account has spent, reserved or lost. */
async function chargedTo(folder: string): Promise<number> {
  const database = await openDatabase(storePath(join(folder, ".tunewise")));
  try {
    const found = await readAccount(database, `freeze ${model}`, 0);
    return found.spentMicroUsd + found.reservedMicroUsd + found.lostMicroUsd;
  } finally {
    await database.close();
  }
}

test(`killed ${kills} times before an endpoint that fails often, it loses and repeats nothing`, async () => {
  const count = 12 + 4 * kills;
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const faults = ["busy", "down", "cut"] as const;
  const at = await vendor({
    delayMs: 40,
    fault: () => (random() < 0.2 ? (faults[Math.floor(3 * random())] ?? "down") : "fine"),
  });
  const folder = await folderOf(questions(count));
  const cap = 60;
  const words = ["--budget", `${cap}usd`, "--max-tokens", "20", "--concurrency", "2"];
  const repeated: string[] = [];
  let [stored, askedThen] = [new Set<string>(), new Map<string, number>()];
  const noteRepeated = (): void => {
    for (const key of stored) if (at.asked.get(key) !== askedThen.get(key)) repeated.push(key);
  };
  for (let kill = 0; kill < kills; kill++) {
    const { child, end } = start(folder, at, ...words);
    const until = at.sent.size + 2 + Math.floor(3 * random());
    for (let wait = 0; at.sent.size < until && child.exitCode === null && wait < 1_500; wait++)
      await new Promise((next) => setTimeout(next, 10));
    child.kill("SIGKILL");
    await end;
    noteRepeated();
    [stored, askedThen] = [await storedQuestions(folder), new Map(at.asked)];
  }
  const last = await freeze(folder, at, ...words);
  expect(last.err).not.toContain("error");
  expect(last.code).toBe(0);
  const { header, answers } = await frozenIn(folder);
  expect(header).toMatchObject({ answers: count, missing: 0 });
  expect(new Set([...answers.values()].map(({ answer }) => answer.content)).size).toBe(count);
  noteRepeated();
  expect(repeated).toEqual([]);
  const cost = at.bill.promptTokens * 100 + at.bill.answerTokens * 1000;
  const gone = await chargedTo(folder);
  expect(cost).toBeLessThanOrEqual(gone);
  expect(gone).toBeLessThanOrEqual(cap * 1e6);
  process.stdout.write(
    `freeze: ${kills} kills, ${count} answers, ${[...at.asked.values()].reduce((a, b) => a + b, 0)} read by the model, bill $${cost / 1e6}, charged $${gone / 1e6}\n`,
  );
}, 600_000);

test("the vendor's official client reads what the stand-in sends", async () => {
  const jobs = Array.from({ length: 5 }, (_, at) => ({
    id: `ftjob-${at}`,
    fine_tuned_model: `${model}${at}`,
  }));
  const at = await vendor({
    jobs,
    files: { "file-train": { text: '{"a":1}\n' } },
    models: { [model]: null },
  });
  const client = new OpenAI({ baseURL: at.url, apiKey: "sk-test-key-of-this-vendor", maxRetries: 0 });
  const listed: string[] = [];
  for await (const job of client.fineTuning.jobs.list({ limit: 2 })) listed.push(job.id);
  expect(listed).toEqual(jobs.map(({ id }) => id));
  expect((await client.fineTuning.jobs.retrieve("ftjob-2")).hyperparameters.n_epochs).toBe(3);
  expect((await client.fineTuning.jobs.listEvents("ftjob-2")).data).toEqual([]);
  expect((await client.fineTuning.jobs.checkpoints.list("ftjob-2")).data).toEqual([]);
  expect((await client.files.retrieve("file-train")).bytes).toBe(8);
  expect(await (await client.files.content("file-train")).text()).toBe('{"a":1}\n');
  expect((await client.models.list()).data[0]).toMatchObject({ id: model, shutdown_date: null });
  const asked = { model, messages: [{ role: "user" as const, content: "x y" }], logprobs: true };
  const whole = await client.chat.completions.create(asked);
  expect(whole.choices[0]?.message.content).toBe("answer to x y");
  expect(whole.choices[0]?.logprobs?.content?.[1]?.logprob).toBe(-0.125);
  expect(whole.usage?.prompt_tokens_details?.cached_tokens).toBe(4);
  const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
  expect(streamed.choices[0]?.message.content).toBe("answer to x y");
  await expect(client.fineTuning.jobs.retrieve("ftjob-other")).rejects.toMatchObject({ status: 404 });
});

test.each([
  ["FREEZE_NOTHING", 64, [] as string[]],
  ["FREEZE_WITHOUT_BUDGET", 2, ["--prompts", "prompts.jsonl", "--price", "1,1"]],
  [
    "FREEZE_PRICE_UNKNOWN",
    64,
    ["--prompts", "prompts.jsonl", "--url", "https://vendor.example/v1", "--budget", "1usd"],
  ],
  ["FREEZE_FILE_TAKEN", 64, ["--prompts", "prompts.jsonl", "--max-tokens", "9"]],
  ["RUN_NOT_APPROVED", 3, ["--prompts", "prompts.jsonl", "--price", "1,1", "--budget", "1usd"]],
])("%s is reported before anything is asked", async (problem, code, words) => {
  const at = await vendor();
  const folder = await folderOf(questions(1));
  const run = (...all: string[]) => startProgram(folder, at, "unlisted-model", ...all).end;
  if (problem === "FREEZE_FILE_TAKEN") await run("--prompts", "prompts.jsonl", "--yes");
  const before = at.asked.size;
  const ended = await run(...words);
  expect(ended.err).toContain(problem);
  expect(ended.code).toBe(code);
  expect(at.asked.size).toBe(before);
});
