/** @file Tests an asker over a real connection with an endpoint that injects each kind of failure. */
import { describe, expect, onTestFinished, test } from "vitest";
import { endpointAt, questionOf, realWorld } from "../../../../test/support/ask-world.ts";
import {
  type Fault,
  type FaultEndpoint,
  type FaultOptions,
  serveFaults,
} from "../../../../test/support/fault-endpoint.ts";
import type { TunewiseError } from "../problem/index.ts";
import { createAsker } from "./asker.ts";
import type { Endpoint } from "./endpoint.ts";
import type { AskTry, CompletionAnswer } from "./question.ts";
import { Secret } from "./secret.ts";

const text = "word0 word1 word2 word3 word4 word5 ";
const key = "sk-test-0123456789abcdef";
const never = new AbortController().signal;

async function serve(options: FaultOptions): Promise<FaultEndpoint> {
  const endpoint = await serveFaults(options);
  onTestFinished(() => endpoint.close());
  return endpoint;
}

interface Asked {
  readonly answer: CompletionAnswer | null;
  readonly error: TunewiseError | null;
  readonly tries: readonly AskTry[];
  readonly server: FaultEndpoint;
}

/** Asks one question of an endpoint that injects these faults in order and repeats the last. */
async function ask(
  faults: readonly Fault[],
  more: Partial<Endpoint> = {},
  options: FaultOptions = {},
): Promise<Asked> {
  const server = await serve({
    fault: (at) => faults[Math.min(at, faults.length - 1)] ?? "fine",
    ...options,
  });
  const fast = { ...realWorld(() => 0.02) };
  const asker = createAsker(endpointAt(server.url, { key: new Secret(key), ...more }), fast);
  const tries: AskTry[] = [];
  const watch = { after: async (one: AskTry) => void tries.push(one) };
  try {
    const answer = await asker.complete(questionOf("What is it?", { seed: 7 }), never, watch);
    return { answer, error: null, tries, server };
  } catch (error) {
    return { answer: null, error: error as TunewiseError, tries, server };
  }
}

describe("an answer", () => {
  test.each<Fault>(["fine", "whole", "comments in the stream", "slow drip"])("comes, %s", async (fault) => {
    const { answer, server } = await ask([fault]);
    expect(answer).toMatchObject({
      text,
      promptTokens: 11,
      answerTokens: 6,
      usage: "reported",
      model: "m-1",
      isOtherModel: false,
      finish: "stop",
      leftOut: [],
    });
    expect(answer?.tries).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      path: "/v1/chat/completions",
      headers: { authorization: `Bearer ${key}` },
      body: { model: "m-1", max_tokens: 8, temperature: 0, seed: 7, stream_options: { include_usage: true } },
    });
  });

  test.each<Fault>(["no usage", "lying usage", "cut before its count"])(
    "is counted here, %s",
    async (fault) => {
      const { answer } = await ask([fault]);
      expect(answer).toMatchObject({ text, usage: "estimated", answerTokens: 8, promptTokens: 11 });
      expect(answer?.tries).toHaveLength(1);
    },
  );

  test("of another model is told apart", async () => {
    const { answer } = await ask(["other model"]);
    expect(answer).toMatchObject({ isOtherModel: true, model: "cheaper-mini" });
  });

  test("is followed within its host, and not elsewhere", async () => {
    expect((await ask(["redirect within", "fine"])).answer?.text).toBe(text);
    const other = await serve({});
    const { error } = await ask(["redirect elsewhere"], {}, { elsewhere: other.url });
    expect(error).toMatchObject({ code: "ASK_REFUSED" });
    expect(other.requests).toEqual([]);
  });
});

describe("a failure that passes", () => {
  const paid = { promptTokens: 283, answerTokens: 8, origin: "assumed" };
  const free = { promptTokens: 0, answerTokens: 0, origin: "none" };
  test.each<[Fault, object]>([
    ["busy", free],
    ["down", free],
    ["gateway timeout", paid],
    ["half a stream", paid],
    ["garbage in the stream", paid],
    ["error in the stream", paid],
    ["no JSON", paid],
    ["JSON of something else", paid],
    ["half of the JSON", paid],
    ["reset", paid],
    ["huge", paid],
    ["endless", paid],
  ])("is tried again and counted, %s", async (fault, counts) => {
    const { answer, tries, server } = await ask([fault, "fine"]);
    expect(answer?.text).toBe(text);
    expect(tries).toMatchObject([{ counts }, { counts: { origin: "reported" }, failure: null }]);
    expect(tries[0]?.failure).not.toBe(null);
    expect(server.requests).toHaveLength(2);
  });

  test.each<Fault>(["hang", "hang in the middle"])("is silence, %s", async (fault) => {
    const { answer, tries } = await ask([fault, "fine"], { timeoutSeconds: 0.2 });
    expect(answer?.text).toBe(text);
    expect(tries).toMatchObject([{ failure: "no byte for 0.2 s", counts: paid }, {}]);
  });

  test("ends after so many tries, and says what the last one met", async () => {
    const { error, tries, server } = await ask(["down"]);
    expect(error).toMatchObject({ code: "ASK_NO_ANSWER", params: { tries: 3 } });
    expect(error?.message).toContain("status 500: The server had an error");
    expect(tries).toHaveLength(3);
    expect(server.requests).toHaveLength(3);
  });
});

describe("a failure that lasts", () => {
  test.each<[Fault, string]>([
    ["key refused", "ASK_KEY_REFUSED"],
    ["not found", "ASK_REFUSED"],
    ["no quota", "ASK_REFUSED"],
    ["busy for long", "ASK_NO_ANSWER"],
  ])("is not tried again, %s", async (fault, code) => {
    const { error, server, tries } = await ask([fault, "fine"]);
    expect(error?.code).toBe(code);
    expect(server.requests).toHaveLength(1);
    expect(tries).toMatchObject([{ counts: { origin: "none" } }]);
    expect(`${error?.message} ${error?.fix} ${JSON.stringify(error)} ${error?.stack}`).not.toContain(key);
  });

  test("is nobody there", async () => {
    const gone = await serve({});
    await gone.close();
    const asker = createAsker(
      endpointAt(gone.url, { maxTries: 2 }),
      realWorld(() => 0.01),
    );
    const tries: AskTry[] = [];
    const watch = { after: async (one: AskTry) => void tries.push(one) };
    const asking = asker.complete(questionOf("x"), never, watch);
    await expect(asking).rejects.toThrow("2 tries. The last one: no answer (ECONNREFUSED)");
    expect(tries).toMatchObject([{ counts: { origin: "none" } }, { counts: { origin: "none" } }]);
    const closed = createAsker(endpointAt("http://127.0.0.1:9"), realWorld());
    await expect(closed.complete(questionOf("x"), never)).rejects.toMatchObject({ code: "ASK_REFUSED" });
  });
});

describe("an endpoint that takes less", () => {
  test("is asked without it from then on, and it is told what was left out", async () => {
    const refusedKeys = ["max_tokens", "temperature", "seed", "stream_options"];
    const server = await serve({ refusedKeys });
    const asker = createAsker(
      endpointAt(server.url),
      realWorld(() => 0.01),
    );
    const question = questionOf("x", { seed: 3, temperature: 0.5 });
    const answer = await asker.complete(question, never);
    expect(answer).toMatchObject({ text, usage: "reported", leftOut: ["temperature", "seed"] });
    expect(server.requests).toHaveLength(5);
    await asker.complete(question, never);
    expect(server.requests).toHaveLength(6);
    expect(server.requests[5]?.body).toEqual({
      model: "m-1",
      messages: [{ role: "user", content: "x" }],
      max_completion_tokens: 8,
    });
  });

  test("and refuses what must be said is no endlessness", async () => {
    const { error, server } = await ask(["fine"], {}, { refusedKeys: ["messages"] });
    expect(error).toMatchObject({ code: "ASK_REFUSED" });
    expect(server.requests).toHaveLength(1);
  });
});

describe("a crowd", () => {
  test("goes in a few at a time", async () => {
    const server = await serve({ delayMs: 20 });
    const asker = createAsker(endpointAt(server.url, { concurrency: 3 }), realWorld());
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => asker.complete(questionOf(`${at}`), never)),
    );
    expect(answers.every((one) => one.text === text)).toBe(true);
    expect(server.maxAtOnce()).toBe(3);
  });

  test("whose caller gives up ends at once, counted at its most", async () => {
    const server = await serve({ fault: () => "hang" });
    const asker = createAsker(endpointAt(server.url), realWorld());
    const stop = new AbortController();
    const tries: AskTry[] = [];
    const watch = { after: async (one: AskTry) => void tries.push(one) };
    const asking = asker.complete(questionOf("x"), stop.signal, watch);
    setTimeout(() => stop.abort(new Error("enough")), 50);
    await expect(asking).rejects.toThrow("enough");
    expect(tries).toMatchObject([{ failure: "stopped", counts: { origin: "assumed" } }]);
  });

  test("what the watch says no to is not sent", async () => {
    const server = await serve({});
    const asker = createAsker(endpointAt(server.url), realWorld());
    const before = async (): Promise<void> => {
      throw new Error("no money");
    };
    await expect(asker.complete(questionOf("x"), never, { before })).rejects.toThrow("no money");
    expect(server.requests).toEqual([]);
  });
});
