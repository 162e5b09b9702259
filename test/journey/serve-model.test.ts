/** `tunewise model serve` as a process, queried with OpenAI's own client: the project's small model, a real run. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { program } from "../support/program.ts";
import { trainSmallRun, tunewise } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
let run = "";
beforeAll(() => {
  run = trainSmallRun(folder);
});

interface Serving {
  readonly url: string;
  readonly client: OpenAI;
  readonly child: ChildProcess;
  /** The stderr output so far. */
  readonly said: () => string;
  readonly end: Promise<number | null>;
}

const children: ChildProcess[] = [];

/** Starts a server and waits for its URL. */
async function serve(words: readonly string[], env: Record<string, string> = {}): Promise<Serving> {
  const child = spawn(process.execPath, [program, "serve-model", ...words, "--port", "0"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  children.push(child);
  let [out, err] = ["", ""];
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const end = new Promise<number | null>((done) => child.on("close", done));
  const url = await new Promise<string>((found, failed) => {
    end.then((code) => failed(new Error(`ended with ${code}: ${out}${err}`)));
    child.stdout.on("data", (chunk) => {
      out += chunk;
      const address = /^serving .* at (http:\S+)$/m.exec(out)?.[1];
      if (address) found(address);
    });
  });
  // the server may have closed an idle connection while commands ran: the client retries once
  const client = new OpenAI({ baseURL: url, apiKey: env["KEY"] ?? "unused", maxRetries: 1 });
  return { url, client, child, said: () => err, end };
}

async function stop({ child, end }: Serving): Promise<number | null> {
  child.kill("SIGTERM");
  return end;
}

const parcel = [{ role: "user" as const, content: "My parcel is lost." }];

describe("a run and its base", () => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await serve([run]);
  });
  afterAll(() => stop(serving));

  test("are two models of one server, and say what generate and chat say", async () => {
    const { client } = serving;
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual([run, "small"]);
    const texts = [];
    for (const model of [run, "small"]) {
      const { choices } = await client.chat.completions.create({ model, messages: parcel, max_tokens: 20 });
      texts.push(choices[0]?.message.content);
    }
    const generated = (flags: readonly string[]): string =>
      tunewise(folder, ["chat", run, "--max-tokens", "20", ...flags], "My parcel is lost.\n").out.trimEnd();
    expect(texts).toEqual([generated([]), generated(["--base"])]);
    expect(texts[0]).not.toBe(texts[1]);
  });

  test("streamed is the same, and a next turn reads only what is new", async () => {
    const { client } = serving;
    const ask = { model: run, messages: parcel, max_tokens: 20 };
    const whole = await client.chat.completions.create(ask);
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    let text = "";
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
    expect(text).toBe(whole.choices[0]?.message.content);
    const next = await client.chat.completions.create({
      ...ask,
      messages: [...parcel, { role: "assistant", content: text }, { role: "user", content: "And now?" }],
    });
    const { prompt_tokens = 0, prompt_tokens_details } = next.usage ?? {};
    expect(prompt_tokens_details?.cached_tokens).toBeGreaterThan(prompt_tokens / 2);
  });

  test("stop where they are told to, in chats and in plain texts", async () => {
    const { client } = serving;
    const whole = await client.completions.create({ model: "base", prompt: "Copy: red", max_tokens: 12 });
    const text = whole.choices[0]?.text ?? "";
    const stop = text.slice(4, 7);
    const cut = await client.completions.create({ model: "base", prompt: "Copy: red", max_tokens: 12, stop });
    expect(cut.choices[0]).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finish_reason: "stop" });
  });

  test("tell log probabilities that fit", async () => {
    const { choices } = await serving.client.chat.completions.create({
      model: run,
      messages: parcel,
      max_tokens: 4,
      logprobs: true,
      top_logprobs: 3,
    });
    const tokens = choices[0]?.logprobs?.content ?? [];
    expect(tokens.map(({ token }) => token).join("")).toBe(choices[0]?.message.content);
    for (const { logprob, top_logprobs } of tokens) {
      expect(top_logprobs[0]?.logprob).toBe(logprob);
      expect(top_logprobs.reduce((sum, one) => sum + Math.exp(one.logprob), 0)).toBeLessThanOrEqual(1.000001);
    }
  });

  test("draw the same with the same seed, and something else with another", async () => {
    const draw = async (seed?: number): Promise<string> => {
      const drawn = { temperature: 2, max_tokens: 30, ...(seed === undefined ? {} : { seed }) };
      const { choices } = await serving.client.completions.create({ model: "base", prompt: "The", ...drawn });
      return choices[0]?.text ?? "";
    };
    const [first, again, other, unseeded] = [await draw(5), await draw(5), await draw(6), await draw()];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(unseeded).not.toBe(await draw());
  });

  test("serve a crowd, and tell of a prompt that is too long", async () => {
    const { client, said } = serving;
    const ask = { model: "tuned", messages: parcel, max_tokens: 4 };
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, () => client.chat.completions.create(ask)),
    );
    const texts = answers.flatMap((one) =>
      one.status === "fulfilled" ? one.value.choices[0]?.message.content : [],
    );
    expect(texts.length).toBeGreaterThanOrEqual(33);
    expect(new Set(texts).size).toBe(1);
    for (const one of answers) {
      if (one.status === "rejected") expect(one.reason).toBeInstanceOf(OpenAI.RateLimitError);
    }
    const long = [{ role: "user" as const, content: "word ".repeat(700) }];
    const asking = client.chat.completions.create({ ...ask, messages: long });
    await expect(asking).rejects.toMatchObject({ status: 400, code: "context_length_exceeded" });
    await vi.waitFor(() =>
      expect(said()).toMatch(/^POST \/v1\/chat\/completions 200, .*, \d+\+\d+ tokens$/m),
    );
    expect(said()).not.toContain("error");
  });

  test("let go of an answer whose client leaves", async () => {
    const { client, said } = serving;
    const stream = await client.completions.create({
      model: "base",
      prompt: "The",
      max_tokens: 500,
      temperature: 2,
      seed: 5,
      stream: true,
    });
    for await (const _ of stream) break;
    const { usage } = await client.completions.create({ model: "base", prompt: "The", max_tokens: 2 });
    expect(usage?.completion_tokens).toBe(2);
    await vi.waitFor(() => expect(said()).toMatch(/^POST \/v1\/completions 499, /m));
  });
});

describe("the process", () => {
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  test("ends with 0 when it is asked to, the answer at work first", async () => {
    const serving = await serve(["tunewise.yaml"]);
    const asked = { prompt: "The", max_tokens: 300, temperature: 2, seed: 5 };
    const stream = await serving.client.completions.create({ model: "small", ...asked, stream: true });
    let finish: string | null = null;
    let stopped: Promise<number | null> | null = null;
    for await (const { choices } of stream) {
      stopped ??= stop(serving);
      finish = choices[0]?.finish_reason ?? finish;
    }
    expect(["stop", "length"]).toContain(finish);
    expect(await stopped).toBe(0);
    expect(serving.said()).toContain(`next: curl ${serving.url}/chat/completions`);
  });

  test("asks for a key where others can reach it, and never shows it", async () => {
    const open = ["serve-model", run, "--host", "0.0.0.0", "--port", "0"];
    const refused = tunewise(folder, open);
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining("error SERVER_KEY_MISSING: ")]);
    const unset = tunewise(folder, [...open, "--api-key-env", "NO_SUCH_NAME"]);
    expect([unset.code, unset.err.replaceAll(/\s+/g, " ")]).toEqual([
      4,
      expect.stringContaining("the environment variable NO_SUCH_NAME is not set"),
    ]);
    const serving = await serve([run, "--host", "0.0.0.0", "--api-key-env", "KEY"], { KEY: "hush-hush" });
    const client = new OpenAI({ baseURL: serving.url.replace("0.0.0.0", "127.0.0.1"), apiKey: "hush-hush" });
    expect((await client.models.list()).data).toHaveLength(2);
    expect(await stop(serving)).toBe(0);
    expect(serving.said()).toContain("warning other machines can reach this address");
    expect(serving.said()).not.toContain("hush-hush");
  });

  test("says so where the port is taken, and is data with --json", async () => {
    const holder = createServer();
    const port = await new Promise<number>((bound) => {
      holder.listen(0, "127.0.0.1", () => bound((holder.address() as { port: number }).port));
    });
    const { code, out } = tunewise(folder, ["serve-model", run, "--port", String(port), "--json"]);
    holder.close();
    expect(code).toBe(1);
    expect(JSON.parse(out).error).toMatchObject({ code: "SERVER_ADDRESS_UNAVAILABLE" });
    const words = [program, "serve-model", run, "--base", "--port", "0", "--json"];
    const child = spawn(process.execPath, words, { cwd: folder });
    children.push(child);
    const end = new Promise<number | null>((done) => child.on("close", done));
    const text = await new Promise<string>((done) => {
      let all = "";
      child.stdout.on("data", (chunk) => {
        all += chunk;
        if (all.endsWith("}\n")) done(all);
      });
    });
    expect(JSON.parse(text)).toEqual({
      format_version: 1,
      command: "serve-model",
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/),
      models: ["small"],
      api_key: false,
    });
    child.kill("SIGINT");
    expect(await end).toBe(0);
  });
});
