/** @file Recording inside an application, with the AI SDK and OpenAI's own client. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LanguageModelV3Middleware, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { generateText, simulateReadableStream, stepCountIs, streamText, tool, wrapLanguageModel } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import OpenAI from "openai";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type CallRecorder, recordCalls, recordFetch } from "./record.ts";

let file = "";
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-record-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  file = join(folder, "calls.jsonl");
});

interface Row {
  readonly messages: readonly object[];
  readonly [name: string]: unknown;
}

async function rowsAfter(recorder: CallRecorder): Promise<Row[]> {
  await recorder.close();
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Row);
}

const usage = {
  inputTokens: { total: 12, noCache: 8, cacheRead: 4, cacheWrite: undefined },
  outputTokens: { total: 3, text: 3, reasoning: undefined },
};
const stop = { unified: "stop", raw: undefined } as const;
const email = "ada.lovelace@inria.fr";

describe("recordCalls", () => {
  test("records steps with tools in generateText, masked", async () => {
    const steps = [
      {
        content: [
          { type: "reasoning" as const, text: "Look it up." },
          { type: "tool-call" as const, toolCallId: "c1", toolName: "find", input: `{"who":"${email}"}` },
        ],
        finishReason: { unified: "tool-calls", raw: undefined } as const,
      },
      { content: [{ type: "text" as const, text: `Found ${email}.` }], finishReason: stop },
    ];
    const inner = new MockLanguageModelV3({
      modelId: "gpt-4o-mini",
      doGenerate: async () => ({
        ...(steps.shift() as (typeof steps)[number]),
        usage,
        warnings: [],
        response: { id: `answer-${2 - steps.length}`, modelId: "gpt-4o-mini" },
      }),
    });
    const middleware = recordCalls({ file, user: () => "ada" });
    const find = tool({
      inputSchema: z.object({ who: z.string() }),
      execute: async () => ({ city: "Paris" }),
    });
    const { text } = await generateText({
      model: wrapLanguageModel({ model: inner, middleware }),
      system: "Help.",
      prompt: "Who?",
      tools: { find },
      temperature: 0.5,
      stopWhen: stepCountIs(3),
    });
    expect(text).toBe(`Found ${email}.`);
    middleware.feedback("answer-2", 1);
    const [first, second, none] = await rowsAfter(middleware);
    expect(none).toBeUndefined();
    const placeholder = expect.stringMatching(/<EMAIL_\d+>/);
    expect(first).toMatchObject({
      messages: [
        { role: "system", content: "Help." },
        { role: "user", content: "Who?" },
        {
          role: "assistant",
          reasoning_content: "Look it up.",
          tool_calls: [{ id: "c1", type: "function", function: { name: "find", arguments: placeholder } }],
        },
      ],
      tools: [{ type: "function", function: { name: "find", parameters: { type: "object" } } }],
      usage: { prompt_tokens: 12, cached_tokens: 4, completion_tokens: 3 },
      price_usd: expect.any(Number),
      finish_reason: "tool_calls",
      user: expect.stringMatching(/^u_/),
      parameters: { temperature: 0.5 },
    });
    expect(second?.messages.slice(2)).toMatchObject([
      { role: "assistant", tool_calls: [{ id: "c1" }] },
      { role: "tool", tool_call_id: "c1", content: '{"city":"Paris"}' },
      { role: "assistant", content: placeholder },
    ]);
    expect(second?.["feedback"]).toEqual({ score: 1, comment: null });
    expect(second?.["group"]).toBe(first?.["group"]);
  });

  test("records streams, and not those that break off", async () => {
    const chunks = (end: LanguageModelV3StreamPart): LanguageModelV3StreamPart[] => [
      { type: "stream-start", warnings: [] },
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", delta: email.slice(0, 9) },
      { type: "text-delta", id: "t", delta: email.slice(9) },
      { type: "text-end", id: "t" },
      end,
    ];
    const ends: LanguageModelV3StreamPart[] = [
      { type: "finish", usage, finishReason: stop },
      { type: "error", error: new Error("gone") },
    ];
    const inner = new MockLanguageModelV3({
      doStream: async () => ({
        stream: simulateReadableStream({ chunks: chunks(ends.shift() as LanguageModelV3StreamPart) }),
      }),
    });
    const middleware = recordCalls({ file });
    const model = wrapLanguageModel({ model: inner, middleware });
    for (let round = 0; round < 2; round++) {
      const pieces: string[] = [];
      for await (const piece of streamText({ model, prompt: "Mail?", onError: () => undefined }).textStream)
        pieces.push(piece);
      expect(pieces).toEqual([email.slice(0, 9), email.slice(9)]);
    }
    const [row, none] = await rowsAfter(middleware);
    expect(none).toBeUndefined();
    expect(row).toMatchObject({
      stream: true,
      messages: [
        { role: "user", content: "Mail?" },
        { role: "assistant", content: expect.stringMatching(/^<EMAIL_\d+>$/) },
      ],
    });
    expect(middleware.counts()).toMatchObject({ calls: 2, recorded: 1, dropped: { failed: 1 } });
  });

  test("lets calls pass if the file cannot be opened, and failures of the model", async () => {
    const problems: unknown[] = [];
    const middleware: LanguageModelV3Middleware & CallRecorder = recordCalls({
      file: join(file, "no", "folder.jsonl"),
      onProblem: (error) => problems.push(error),
    });
    const answers = [
      { content: [{ type: "text" as const, text: "Hi" }], finishReason: stop, usage, warnings: [] },
    ];
    const inner = new MockLanguageModelV3({
      doGenerate: async () => {
        const answer = answers.shift();
        if (answer === undefined) throw new Error("overloaded");
        return answer;
      },
    });
    const model = wrapLanguageModel({ model: inner, middleware });
    expect((await generateText({ model, prompt: "Hi" })).text).toBe("Hi");
    await expect(generateText({ model, prompt: "Hi", maxRetries: 0 })).rejects.toThrow("overloaded");
    await middleware.close();
    expect(problems).toMatchObject([{ code: "RECORD_FILE_UNWRITABLE" }]);
    expect(middleware.counts()).toMatchObject({ calls: 2, recorded: 0, dropped: { disk: 1, failed: 1 } });
  });
});

describe("recordFetch", () => {
  const answer = {
    id: "chatcmpl-1",
    model: "gpt-4o-mini",
    choices: [{ index: 0, message: { role: "assistant", content: `Mail ${email}` }, finish_reason: "stop" }],
    usage: { prompt_tokens: 5, completion_tokens: 2 },
  };
  const json = (body: unknown, status = 200): Response =>
    new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
  const apiKey = "sk-test-key-of-nobody";

  test("records what OpenAI's client asks, and nothing else", async () => {
    const events = [
      { choices: [{ index: 0, delta: { content: "So " } }] },
      { choices: [{ index: 0, delta: { content: "long" }, finish_reason: "stop" }] },
    ];
    const stream = `${events.map((one) => `data: ${JSON.stringify({ id: "s", ...one })}\n\n`).join("")}data: [DONE]\n\n`;
    const replies = [
      json(answer),
      new Response(stream, { headers: { "content-type": "text/event-stream" } }),
      json({ error: { message: "no" } }, 400),
      json({ object: "list", data: [] }),
    ];
    const recorded = recordFetch({ file }, async () => replies.shift() as Response);
    const client = new OpenAI({ apiKey, fetch: recorded, maxRetries: 0 });
    const ask = (content: string) => ({
      model: "gpt-4o-mini",
      messages: [{ role: "user" as const, content }],
    });
    const whole = await client.chat.completions.create(ask("Mail?"));
    expect(whole.choices[0]?.message.content).toBe(`Mail ${email}`);
    const pieces: string[] = [];
    for await (const { choices } of await client.chat.completions.create({ ...ask("Bye"), stream: true }))
      pieces.push(choices[0]?.delta.content ?? "");
    expect(pieces.join("")).toBe("So long");
    await expect(client.chat.completions.create(ask("No"))).rejects.toMatchObject({ status: 400 });
    await client.models.list();
    await new Promise((done) => setTimeout(done, 50));
    const rows = await rowsAfter(recorded);
    expect(rows.map(({ messages }) => messages.at(-1))).toEqual([
      { role: "assistant", content: expect.stringMatching(/^Mail <EMAIL_\d+>$/) },
      { role: "assistant", content: "So long" },
    ]);
    expect(JSON.stringify(rows)).not.toContain(apiKey);
    expect(recorded.counts()).toMatchObject({ calls: 3, recorded: 2, dropped: { failed: 1 } });
  });
});
