/**
 * @file docs/coming-home.md, executed from its first command to its last. The vendor is the stand-in for OpenAI's API,
 * and the model behind it is a run of this project, served by `tunewise model serve`. Only three things differ
 * from what a reader does: the address of the API, the hub (which has the project's small model under the name that the
 * page uses), and `--yes`, which answers the questions that a terminal would ask.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeHub } from "../support/fake-hub.ts";
import { startVendor, type Vendor, type VendorRequest } from "../support/fine-tuning-vendor.ts";
import { program } from "../support/program.ts";
import { smallModel, trainSmallRun } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const old = "ft:gpt-4o-mini-2024-07-18:org::id";
const base = "HuggingFaceTB/SmolLM2-135M-Instruct";
const key = "sk-test-key-of-this-vendor";
const folder = temporaryFolder();
const atVendor = temporaryFolder();
const hub = await fakeHub();
const page = readFileSync("docs/coming-home.md", "utf8");
const children: ChildProcess[] = [];
let vendor: Vendor;
let behind: OpenAI;
let ofVendor = "";

/** The commands of the page in order, without its `export` lines. */
const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block = ""]) => block.replaceAll("\\\n", " ").trim().split("\n"))
  .filter((line) => !line.startsWith("export "));

/** The words of a command, with the vendor's address replaced. */
function wordsOf(command: string): string[] {
  const [first, ...words] = command.trim().split(/\s+/);
  expect(first, command).toBe("tunewise");
  return words.map((word) => (word === "https://api.openai.com/v1" ? vendor.url : word));
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly end: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

function start(words: readonly string[], cwd = folder): Started {
  const env = { ...process.env, NO_COLOR: "1", HF_TOKEN: "", HF_ENDPOINT: hub.endpoint };
  const own = vendor === undefined ? {} : { OPENAI_BASE_URL: vendor.url, OPENAI_API_KEY: key };
  const child = spawn(process.execPath, [program, ...words], { cwd, env: { ...env, ...own } });
  children.push(child);
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
  return { child, output: () => out, end };
}

/** Runs a command of the page to its end. */
async function run(command: string, more: readonly string[] = []) {
  const outcome = await start([...wordsOf(command), ...more]).end;
  return { ...outcome, text: `${outcome.out}${outcome.err}`.replaceAll(/\s+/g, " ") };
}

/** Starts a command that serves, until it names its address. */
async function serve(
  words: readonly string[],
  cwd = folder,
): Promise<{ readonly url: string; stop(): Promise<number | null> }> {
  const { child, output, end } = start([...words, "--port", "0"], cwd);
  const url = await new Promise<string>((found, failed) => {
    end.then(({ code, out, err }) => failed(new Error(`ended with ${code}: ${out}${err}`)));
    child.stdout?.on("data", () => {
      const address = /(http:\/\/127\.0\.0\.1:\d+\/v1)/.exec(output())?.[1];
      if (address) found(address);
    });
  });
  const stop = async (): Promise<number | null> => {
    child.kill("SIGINT");
    return (await end).code;
  };
  return { url, stop };
}

const clientOf = (url: string): OpenAI => new OpenAI({ baseURL: url, apiKey: key, maxRetries: 1 });

/** The command of the page that begins with these words; each is taken once. */
function take(beginning: string): string {
  const at = commands.findIndex((command) => command.startsWith(`tunewise ${beginning}`));
  expect(at, `${beginning} is on the page`).toBeGreaterThanOrEqual(0);
  const [command = ""] = commands.splice(at, 1);
  return command;
}

async function answerBehind({ messages }: VendorRequest) {
  const { choices } = await behind.chat.completions.create({
    model: ofVendor,
    messages: messages as OpenAI.ChatCompletionMessageParam[],
    max_tokens: 12,
    temperature: 0,
  });
  return { content: choices[0]?.message.content || "." };
}

beforeAll(async () => {
  for (const name of readdirSync(smallModel).filter((one) => one !== "README.md"))
    hub.files.set(`${base}/${name}`, readFileSync(join(smallModel, name)));
  ofVendor = trainSmallRun(atVendor);
  const { url } = await serve(["model", "serve", ofVendor], atVendor);
  behind = clientOf(url);
  const rows = (name: string, count: number): string =>
    `${readFileSync(`examples/tickets/${name}.jsonl`, "utf8").split("\n").slice(0, count).join("\n")}\n`;
  vendor = await startVendor({
    key,
    jobs: [
      {
        id: "ftjob-1",
        fine_tuned_model: old,
        validation_file: "file-validation",
        method: { type: "supervised" },
      },
    ],
    files: { "file-train": { text: rows("train", 120) }, "file-validation": { text: rows("test", 40) } },
    models: { [old]: "2027-01-14", "gpt-4o-mini-2024-07-18": "2027-01-14" },
    answer: answerBehind,
  });
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await vendor?.close();
});

test("production calls pass through the recorder and become rows", async () => {
  const recorder = await serve(wordsOf(take("record ")));
  const client = clientOf(recorder.url);
  for (const line of readFileSync("examples/tickets/validation.jsonl", "utf8").split("\n").slice(0, 6)) {
    const { messages } = JSON.parse(line) as { messages: OpenAI.ChatCompletionMessageParam[] };
    await client.chat.completions.create({ model: old, messages: messages.slice(0, -1) });
  }
  expect(await recorder.stop()).toBe(0);
  expect(readFileSync(join(folder, "calls.jsonl"), "utf8").trim().split("\n")).toHaveLength(6);
}, 120_000);

test("four commands lead from a key to a decision", async () => {
  const listed = await run(take("init --from"));
  expect(listed, listed.text).toMatchObject({ code: 0 });
  expect(listed.text).toContain("2027-01-14");
  const init = await run(take("init --from"));
  expect(init, init.text).toMatchObject({ code: 0 });
  const recipe = readFileSync(join(folder, "tunewise.yaml"), "utf8");
  expect(recipe).toContain(`model: ${base}`);
  expect(readFileSync(join(folder, "train.jsonl"), "utf8").trim().split("\n")).toHaveLength(120);

  const command = take("freeze");
  const before = vendor.requests.length;
  const dry = await run(command, ["--dry-run"]);
  expect(dry.text).toContain("1,986 if they differ on 10 %");
  expect(dry.text).toContain("there are 34 test rows");
  expect(vendor.requests.length).toBe(before);
  const freeze = await run(command, ["--yes"]);
  expect(freeze, freeze.text).toMatchObject({ code: 0 });
  const frozen = readFileSync(join(folder, "frozen.jsonl"), "utf8").trim().split("\n");
  expect(frozen.length).toBeGreaterThan(40);
  expect(vendor.requests.length - before).toBeGreaterThanOrEqual(frozen.length - 1);

  const trained = await run(take("run"), ["--yes"]);
  expect(trained, trained.text).toMatchObject({ code: 0 });

  const asked = vendor.requests.length;
  const decision = await run(take("compare"));
  // the old model's answers are cut after 12 tokens, and are no JSON
  expect(decision.text).toContain(`of ${old} in`);
  expect(decision, decision.text).toMatchObject({ code: 0 });
  const lost = "lost other skills";
  expect(decision.text.includes(lost), decision.text).toBe(trained.text.includes(lost));
  expect(decision.text).toContain(trained.text.includes(lost) ? "Do not ship it yet" : "Ship it");
  expect(vendor.requests.length).toBe(asked);
}, 300_000);

test("programs keep their model's name and change the address", async () => {
  const server = await serve(wordsOf(take("model serve")));
  const client = clientOf(server.url);
  const { data } = await client.models.list();
  expect(data.map(({ id }) => id)).toContain(old);
  const messages = [{ role: "user" as const, content: "My parcel is lost." }];
  const { choices, model } = await client.chat.completions.create({ model: old, messages, max_tokens: 8 });
  expect(model).toBe(old);
  expect(choices[0]?.message.content).toBeTruthy();
  expect(await server.stop()).toBe(0);
}, 120_000);

test("the month in which it pays off is stated", async () => {
  while (commands.some((command) => command.startsWith("tunewise cost move"))) {
    const move = await run(take("cost move"));
    expect(move, move.text).toMatchObject({ code: 0 });
    expect(move.text).toMatch(/pays off|does not pay off/);
  }
});

test("no command of the page was left out", () => {
  expect(commands).toEqual([]);
});
