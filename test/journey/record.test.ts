/** `tunewise record` as a process between OpenAI's own client and a stand-in for the API. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { program } from "../support/program.ts";
import { smallModel, tunewise } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
const apiKey = ["sk", "proj", "abcDEF0123456789abcDEF0123456789abcDEF01"].join("-");
/** A GitHub token, in two pieces: no file contains one. */
const token = ["ghp", "Zk3QxV7mB2sLw9TfYh4RcN8pJd6GaE1uUoXi"].join("_");

/** What the API received. */
const received: { readonly request: IncomingMessage; readonly body: string }[] = [];
let api: Server;
let apiUrl = "";
let release: (() => void) | null = null;

const usage = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 };

beforeAll(async () => {
  api = createServer(async (request, response) => {
    const body = await text(request);
    received.push({ request, body });
    const fields = (body === "" ? {} : JSON.parse(body)) as { stream?: boolean; user?: string };
    if (request.url !== "/api/chat/completions") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ object: "list", data: [{ id: "gpt-4o-mini", object: "model" }] }));
      return;
    }
    if (fields.user === "error") {
      response.writeHead(429, { "content-type": "application/json", "retry-after": "7" });
      response.end(JSON.stringify({ error: { message: "slow down" } }));
      return;
    }
    const base = { id: `chatcmpl-${received.length}`, model: "gpt-4o-mini-2024-07-18", created: 1 };
    if (fields.stream !== true) {
      const message = { role: "assistant", content: `Your token is ${token}.` };
      response.writeHead(200, { "content-type": "application/json" });
      const choices = [{ index: 0, message, finish_reason: "stop" }];
      response.end(JSON.stringify({ ...base, object: "chat.completion", choices, usage }));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (delta: object, finish: string | null = null): void => {
      const choices = [{ index: 0, delta, finish_reason: finish }];
      response.write(`data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", choices })}\n\n`);
    };
    send({ role: "assistant", content: `${token.slice(0, 9)}` });
    if (fields.user === "slow") await new Promise<void>((go) => (release = go));
    send({ content: token.slice(9) });
    const call = {
      index: 0,
      id: "call_1",
      type: "function",
      function: { name: "send", arguments: '{"to":"ada.love' },
    };
    send({ tool_calls: [call] });
    send({ tool_calls: [{ index: 0, function: { arguments: 'lace@inria.fr"}' } }] });
    send({}, "tool_calls");
    response.write(
      `data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", choices: [], usage })}\n\n`,
    );
    response.end("data: [DONE]\n\n");
  });
  await new Promise<void>((done) => api.listen(0, "127.0.0.1", done));
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}/api`;
});

interface Recording {
  readonly client: OpenAI;
  readonly url: string;
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly end: Promise<number | null>;
}

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  api.close();
});

async function record(words: readonly string[], upstream = apiUrl): Promise<Recording> {
  const all = [program, "record", "--upstream", upstream, "--port", "0", ...words];
  const child = spawn(process.execPath, all, { cwd: folder, env: { ...process.env, NO_COLOR: "1" } });
  children.push(child);
  let [out, err] = ["", ""];
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const end = new Promise<number | null>((done) => child.on("close", done));
  const url = await new Promise<string>((found, failed) => {
    void end.then((code) => failed(new Error(`ended with ${code}: ${out}${err}`)));
    child.stdout.on("data", (chunk) => {
      out += chunk;
      const address = / at (http:\S+)$/m.exec(out)?.[1];
      if (address) found(address);
    });
  });
  return { url, client: new OpenAI({ baseURL: url, apiKey, maxRetries: 0 }), child, said: () => err, end };
}

interface Row {
  readonly messages: readonly {
    readonly content: string;
    readonly tool_calls?: readonly { function: object }[];
  }[];
  readonly [name: string]: unknown;
}

const rowsOf = (file: string): Row[] =>
  readFileSync(join(folder, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);

const model = "gpt-4o-mini";
const ask = (content: string) => ({ model, messages: [{ role: "user" as const, content }] });

describe("recording", () => {
  test("passes calls unchanged, and writes masked rows that init and check read", async () => {
    const { client, child, url, said, end } = await record(["--out", "calls.jsonl"]);
    const { data } = await client.models.list();
    expect(data[0]?.id).toBe(model);
    const answer = await client.chat.completions.create(
      { ...ask("Mail ada.lovelace@inria.fr, please."), user: "ada" },
      { headers: { "x-tunewise-user": "ada@inria.fr" } },
    );
    expect(answer.choices[0]?.message.content).toBe(`Your token is ${token}.`);
    expect(received.at(-1)?.request.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(received.at(-1)?.request.headers["x-tunewise-user"]).toBeUndefined();
    expect(received.at(-1)?.body).toContain("ada.lovelace@inria.fr");

    const stream = await client.chat.completions.create({ ...ask("Stream."), stream: true, user: "slow" });
    const pieces: string[] = [];
    for await (const { choices } of stream) {
      pieces.push(choices[0]?.delta.content ?? "");
      if (pieces.length === 1) {
        expect(pieces).toEqual([token.slice(0, 9)]); // before the API goes on
        release?.();
      }
    }
    expect(pieces.join("")).toBe(token);
    await expect(client.chat.completions.create({ ...ask("Fail."), user: "error" })).rejects.toMatchObject({
      status: 429,
    });
    const feedback = await fetch(new URL("/tunewise/feedback", url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: answer.id, score: 1, comment: "thanks, grace.hopper@inria.fr" }),
    });
    expect(feedback.status).toBe(202);
    const form = await fetch(new URL("/tunewise/feedback", url), { method: "POST", body: "{}" });
    expect(form.status).toBe(415);
    child.kill("SIGINT");
    expect(await end).toBe(0);
    expect(said()).toContain("recorded 2 rows");
    expect(said()).toContain("not recorded: 1 call: the API answered with an error");

    const written = readFileSync(join(folder, "calls.jsonl"), "utf8");
    for (const secret of [apiKey, token, "lovelace", "hopper@", '"ada"', "slow"])
      expect(written).not.toContain(secret);
    const [plain, streamed] = rowsOf("calls.jsonl");
    expect(plain).toMatchObject({
      recorder: "tunewise/1",
      id: answer.id,
      model: "gpt-4o-mini-2024-07-18",
      usage: { prompt_tokens: 20, completion_tokens: 5 },
      price_usd: 0.000006,
      stream: false,
      finish_reason: "stop",
      feedback: { score: 1, comment: expect.stringMatching(/^thanks, <EMAIL_\d+>$/) },
    });
    expect(plain?.messages[0]?.content).toMatch(/^Mail <EMAIL_\d+>, please\.$/);
    expect(plain?.messages[1]?.content).toMatch(/^Your token is <API_KEY_\d+>\.$/);
    expect(streamed?.messages[1]?.tool_calls?.[0]?.function).toEqual({
      name: "send",
      arguments: expect.stringMatching(/^\{"to":"<EMAIL_\d+>"\}$/),
    });
    expect(plain?.["user"]).toMatch(/^u_[0-9a-f]{16}$/);
    if (process.platform !== "win32") expect(statSync(join(folder, "calls.jsonl")).mode & 0o077).toBe(0);
  });

  test("a kill loses no written row, and lines stay whole", async () => {
    const { client, child, end } = await record(["--out", "killed.jsonl"]);
    for (let at = 0; at < 20; at++) await client.chat.completions.create(ask(`Question ${at}`));
    child.kill("SIGKILL");
    await end;
    // the process that writes outlives the proxy until it has written everything
    await vi.waitFor(() => expect(rowsOf("killed.jsonl")).toHaveLength(20), {
      timeout: 10_000,
      interval: 100,
    });
    await sleep(300);
    const again = await record(["--out", "killed.jsonl"]);
    await again.client.chat.completions.create(ask("Question 20"));
    again.child.kill("SIGTERM");
    expect(await again.end).toBe(0);
    expect(rowsOf("killed.jsonl")).toHaveLength(21);

    const made = tunewise(folder, ["init", "killed.jsonl", "--model", smallModel, "--task", "text"]);
    expect([made.code, made.err]).toEqual([
      0,
      expect.stringContaining("recorded calls: the latest are tested"),
    ]);
    const recipe = readFileSync(join(folder, "tunewise.yaml"), "utf8");
    expect(recipe).toContain(
      "split: { validation: 0.1, test: 0.1, by: time }\n  time: time\n  group: group\n",
    );
    const checked = tunewise(folder, ["check", "--json"]);
    const { splits } = JSON.parse(checked.out) as {
      splits: { name: string; statistics: { rows: number } }[];
    };
    const counts = splits.map(({ name, statistics }) => `${name} ${statistics.rows}`);
    expect(counts).toEqual(["train 17", "validation 2", "test 2"]);
  });

  test("samples by the request, and stops at the size of the file", async () => {
    const { client, child, said, end } = await record([
      "--out",
      "some.jsonl",
      "--sample",
      "0.5",
      "--max-size",
      "0.002MB",
    ]);
    for (let at = 0; at < 16; at++) await client.chat.completions.create(ask(`Question ${at}`));
    child.kill("SIGINT");
    expect(await end).toBe(0);
    expect(said()).toMatch(/of 16 calls, \d+ calls? outside the sample/);
    expect(said()).toContain("the file has reached its maximum size");
    expect(statSync(join(folder, "some.jsonl")).size).toBeLessThanOrEqual(2000);
  });

  test("refuses what could not begin", async () => {
    const { child, end } = await record(["--out", "busy.jsonl"]);
    const second = tunewise(folder, ["record", "--upstream", apiUrl, "--port", "0", "--out", "busy.jsonl"]);
    expect([second.code, second.err]).toEqual([64, expect.stringContaining("RECORD_FILE_BUSY")]);
    child.kill("SIGINT");
    await end;
    const missing = tunewise(folder, ["record", "--upstream", apiUrl, "--out", "no/such/folder.jsonl"]);
    expect([missing.code, missing.err]).toEqual([64, expect.stringContaining("RECORD_FILE_UNWRITABLE")]);
    const address = tunewise(folder, ["record", "--upstream", "ftp://user:key@example.org"]);
    expect([address.code, address.err]).toEqual([64, expect.stringContaining("RECORD_UPSTREAM_INVALID")]);
    expect(address.err).not.toContain("user:key");
    const mask = tunewise(folder, ["record", "--upstream", apiUrl, "--mask", "names"]);
    expect([mask.code, mask.err]).toEqual([64, expect.stringContaining("--mask pii,secrets")]);
  });

  test("an API that is away is reported to the caller", async () => {
    const { client, child, end } = await record(["--out", "away.jsonl"], "http://127.0.0.1:9/v1");
    await expect(client.chat.completions.create(ask("Hello?"))).rejects.toMatchObject({ status: 502 });
    child.kill("SIGINT");
    expect(await end).toBe(0);
  });
});
