/** @file The AI SDK with the engine in this process: the project's small model, and scripted answers with tools. */
import { resolve } from "node:path";
import type { LanguageModelV3 } from "@ai-sdk/provider";
import { generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { callTemplates } from "../../../../test/support/call-templates.ts";
import { scriptedModel, tokenizerWith } from "../../../../test/support/scripted-model.ts";
import { tunewise } from "./ai.ts";
import { languageModel } from "./ai-model.ts";

const small = tunewise(resolve("models/small"));
afterAll(() => small.close());
const model: LanguageModelV3 = small;

describe("the small model", () => {
  test("answers whole and as a stream with the same text and usage", async () => {
    const asked = { model, prompt: "My parcel is lost.", maxOutputTokens: 12, temperature: 0 };
    const whole = await generateText(asked);
    expect(whole.usage.outputTokens).toBeGreaterThan(0);
    expect(whole.usage.inputTokens).toBeGreaterThan(5);
    const stream = streamText({ ...asked, includeRawChunks: false });
    const kinds: string[] = [];
    let text = "";
    for await (const part of stream.fullStream) {
      if (kinds.at(-1) !== part.type) kinds.push(part.type);
      if (part.type === "text-delta") text += part.text;
    }
    expect(text).toBe(whole.text);
    expect(kinds).toEqual([
      "start",
      "start-step",
      "text-start",
      "text-delta",
      "text-end",
      "finish-step",
      "finish",
    ]);
    expect((await stream.usage).outputTokens).toBe(whole.usage.outputTokens);
    expect(await stream.finishReason).toBe(whole.finishReason);
  });

  test("structured output satisfies its schema", async () => {
    const schema = z.object({ queue: z.enum(["parcels", "cards"]), urgent: z.boolean() });
    const { object } = await generateObject({
      model,
      schema,
      prompt: "My parcel is lost.",
      maxOutputTokens: 60,
    });
    expect(schema.safeParse(object).success).toBe(true);
  });

  test("an abort ends the answer", async () => {
    const abort = new AbortController();
    const stream = streamText({ model, prompt: "Tell me.", maxOutputTokens: 400, abortSignal: abort.signal });
    const kinds: string[] = [];
    for await (const { type } of stream.fullStream) {
      kinds.push(type);
      if (type === "text-delta") abort.abort();
    }
    expect(kinds.at(-1)).toBe("abort");
  });

  test("a stream that nobody reads does not block the model", async () => {
    await small.doStream({
      prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
      maxOutputTokens: 4,
    });
    expect((await generateText({ model, prompt: "Hi", maxOutputTokens: 2 })).usage.outputTokens).toBe(2);
  });

  test("errors reach the caller: an overlong prompt, a file, and a model that is not there", async () => {
    const long = "word ".repeat(20_000);
    await expect(generateText({ model, prompt: long, maxRetries: 0 })).rejects.toMatchObject({
      code: "PROMPT_TOO_LONG",
    });
    const image = { type: "file" as const, mediaType: "image/png", data: new Uint8Array([1, 2, 3]) };
    const messages = [{ role: "user" as const, content: [image] }];
    await expect(generateText({ model, messages, maxRetries: 0 })).rejects.toMatchObject({
      code: "PROMPT_MEDIA",
    });
    const missing = tunewise("./no-such-model");
    await expect(generateText({ model: missing, prompt: "Hi", maxRetries: 0 })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
    });
  });

  test("settings without effect are warnings", async () => {
    const { warnings } = await generateText({ model, prompt: "Hi", topK: 4, maxOutputTokens: 2 });
    expect(warnings).toEqual([{ type: "unsupported", feature: "topK" }]);
  });
});

test("a tool is called, and its result is answered", async () => {
  const tokenizer = tokenizerWith(callTemplates["hermes"] ?? "");
  const answers = [
    'Let me look. <tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>',
    "Rain.",
  ];
  const { textModel, prompts } = scriptedModel(tokenizer, () => answers.shift() ?? "");
  const scripted = languageModel("run-1", false, async () => textModel, {
    now: () => new Date(),
    random: Math.random,
  });
  const cities: unknown[] = [];
  const weather = tool({
    inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
    execute: async ({ city }) => {
      cities.push(city);
      return { sky: "grey" };
    },
  });
  const stream = streamText({
    model: scripted,
    prompt: "Rain in Paris?",
    tools: { weather },
    stopWhen: stepCountIs(3),
  });
  const kinds: string[] = [];
  for await (const { type } of stream.fullStream) if (kinds.at(-1) !== type) kinds.push(type);
  expect(kinds).toEqual([
    ...["start", "start-step", "text-start", "text-delta", "text-end"],
    ...["tool-input-start", "tool-input-delta", "tool-input-end", "tool-call", "tool-result", "finish-step"],
    ...["start-step", "text-start", "text-delta", "text-end", "finish-step", "finish"],
  ]);
  expect(await stream.text).toBe("Rain.");
  expect(cities).toEqual(["Paris"]);
  expect(prompts[1]).toContain('"sky"');
  const [first] = await stream.steps;
  expect(first?.finishReason).toBe("tool-calls");
});
