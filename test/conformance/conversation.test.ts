/** Conversations over a kept cache give the same answers as full prompts, and read only new tokens. */
import { readFileSync } from "node:fs";
import { randomBelow, xoshiro128From } from "@tunewise/core/math";
import {
  type Adapter,
  type AnswerOptions,
  type Conversation,
  type LanguageModel,
  openModel,
} from "@tunewise/engine";
import { openSafetensors } from "@tunewise/engine/weights";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenModels, openGolden, readJson } from "./golden-model.ts";

interface Golden {
  greedy: { prompt: number[]; answer: number[] }[];
}

const greedy = { temperature: 0, topP: 1, seed: 1, endIds: [] } as const;

async function answerOf(
  conversation: Conversation,
  prompt: readonly number[],
  options: Partial<AnswerOptions> = {},
): Promise<number[]> {
  const ids: number[] = [];
  const all = { ...greedy, maxNewTokens: 12, ...options };
  for await (const { id } of conversation.answer(Int32Array.from(prompt), all)) ids.push(id);
  return ids;
}

async function wholeAnswer(
  model: LanguageModel,
  adapter: Adapter | null,
  prompt: readonly number[],
  options: Partial<AnswerOptions> = {},
): Promise<number[]> {
  const all = { ...greedy, maxNewTokens: 12, batchSize: 1, ...options };
  const [ids = []] = await model.generate(adapter, [Int32Array.from(prompt)], all);
  return ids;
}

// Dynamic scaling changes only rows beyond the trained context, and the engine refuses those.
describe.each(goldenModels.filter((name) => name !== "llama-dynamic-rope"))("%s", (name) => {
  const golden = readJson<Golden>(`${name}/golden.json`);
  let model: LanguageModel;
  beforeAll(async () => {
    model = await openGolden(name);
  });
  afterAll(() => model.close());

  test("greedy answers are those of transformers", async () => {
    const conversation = model.createConversation(null);
    for (const { prompt, answer } of golden.greedy) {
      expect(await answerOf(conversation, prompt, { maxNewTokens: 20 })).toEqual(answer);
    }
  });

  test("a second and a third turn read only what is new, and say the same", async () => {
    const random = xoshiro128From(11);
    const some = (count: number) => Array.from({ length: count }, () => 3 + randomBelow(random, 90));
    for (const adapter of [null, livelyAdapter(model)]) {
      const conversation = model.createConversation(adapter);
      let text = some(9);
      for (let turn = 0; turn < 3; turn++) {
        const before = text.length;
        text = [...text, ...some(5)];
        // the previous turn is cached except for the last token of its answer
        expect(conversation.cachedTokens(Int32Array.from(text))).toBe(turn === 0 ? 0 : before - 1);
        const answer = await answerOf(conversation, text);
        expect(answer).toEqual(await wholeAnswer(model, adapter, text));
        text = [...text, ...answer];
      }
    }
  });
});

/** An adapter that changes answers. */
function livelyAdapter(model: LanguageModel): Adapter {
  const settings = { rank: 4, alpha: 8, rslora: false, dropout: 0, baseModel: "golden", revision: "" };
  const adapter = model.createAdapter({ ...settings, targets: "all-linear" }, 5);
  const random = xoshiro128From(6);
  for (const { data } of adapter.tensors()) {
    for (const at of data.keys()) data[at] = random() - 0.5;
  }
  return adapter;
}

describe("a conversation", () => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await openGolden("llama");
  });
  afterAll(() => model.close());
  const prompt = [9, 40, 7, 33, 21, 60, 17];

  test("forgets what a prompt does not begin with", async () => {
    const conversation = model.createConversation(null);
    await answerOf(conversation, prompt);
    const other = [...prompt.slice(0, 4), 90, 91];
    expect(conversation.cachedTokens(Int32Array.from(other))).toBe(4);
    expect(await answerOf(conversation, other)).toEqual(await wholeAnswer(model, null, other));
    expect(await answerOf(conversation, prompt)).toEqual(await wholeAnswer(model, null, prompt));
    expect(conversation.cachedTokens(Int32Array.of())).toBe(0);
  });

  test("draws the same as a whole prompt with the same seed", async () => {
    const drawn = { temperature: 0.9, topP: 0.8, seed: 5 };
    const conversation = model.createConversation(null);
    const first = await answerOf(conversation, prompt, drawn);
    expect(first).toEqual(await wholeAnswer(model, null, prompt, drawn));
    expect(await answerOf(conversation, prompt, drawn)).toEqual(first);
  });

  test("ends where the context ends, at an end token, or when it is left", async () => {
    const conversation = model.createConversation(null);
    const nearly = Array.from({ length: model.contextLength - 3 }, (_, at) => 3 + (at % 100));
    expect(await answerOf(conversation, nearly, { maxNewTokens: 50 })).toHaveLength(3);
    const full = [...nearly, 1, 2, 3];
    await expect(answerOf(conversation, full)).rejects.toMatchObject({ code: "ENGINE_ROW_TOO_LONG" });
    const straight = await answerOf(conversation, prompt);
    const end = straight[3] as number;
    const cut = straight.slice(0, straight.indexOf(end));
    expect(await answerOf(conversation, prompt, { endIds: [end] })).toEqual(cut);
    const all = { ...greedy, maxNewTokens: 12 };
    for await (const { id } of conversation.answer(Int32Array.from(prompt), all)) {
      expect(id).toBe(straight[0]);
      break;
    }
    expect(await answerOf(conversation, prompt)).toEqual(straight);
  });

  test("answers one prompt at a time", async () => {
    const conversation = model.createConversation(null);
    const options = { ...greedy, maxNewTokens: 2 };
    const first = conversation.answer(Int32Array.from(prompt), options);
    await first.next();
    await expect(conversation.answer(Int32Array.from(prompt), options).next()).rejects.toThrow("Internal: ");
    await first.return();
    expect(await answerOf(conversation, prompt)).toHaveLength(12);
  });

  test("stops within a layer when it is aborted, and goes on as if nothing had happened", async () => {
    const conversation = model.createConversation(null);
    const straight = await answerOf(conversation, prompt);
    const long = Array.from({ length: 100 }, (_, at) => 3 + (at % 90));
    const controller = new AbortController();
    const reading = answerOf(conversation, long, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    expect(await answerOf(conversation, prompt)).toEqual(straight);
  });

  test("tells how likely its tokens were", async () => {
    const options = { ...greedy, maxNewTokens: 4, alternatives: 3 };
    const read = [...prompt];
    for await (const token of model.createConversation(null).answer(Int32Array.from(prompt), options)) {
      expect(token.alternatives).toHaveLength(3);
      // greedy decoding takes the most likely choice
      expect(token.alternatives[0]).toEqual({ id: token.id, logProbability: token.logProbability });
      const logits = await model.logits(null, Int32Array.from(read));
      const last = logits.subarray(-model.vocabularySize);
      const total = last.reduce((sum, logit) => sum + Math.exp(logit), 0);
      expect(token.logProbability).toBeCloseTo((last[token.id] as number) - Math.log(total), 4);
      read.push(token.id);
    }
  });
});

test("portions and room that grows and shrinks change nothing", async () => {
  const weights = await openSafetensors("models/small/model.safetensors");
  const config = JSON.parse(readFileSync("models/small/config.json", "utf8")) as Record<string, unknown>;
  const model = await openModel({ config, weights }, { threads: 1 });
  await weights.close();
  const random = xoshiro128From(3);
  const text = Array.from({ length: 470 }, () => 10 + randomBelow(random, 1000));
  const conversation = model.createConversation(null);
  for (const length of [470, 20, 300, 256, 257, 30]) {
    const prompt = text.slice(0, length);
    const options = { maxNewTokens: 6 };
    expect(await answerOf(conversation, prompt, options)).toEqual(
      await wholeAnswer(model, null, prompt, options),
    );
  }
  await model.close();
});

describe("generating", () => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await openGolden("llama");
  });
  afterAll(() => model.close());
  const prompts = [
    [9, 40, 7],
    [33, 21, 60, 17, 5],
  ].map((ids) => Int32Array.from(ids));
  const options = { ...greedy, maxNewTokens: 8, batchSize: 2 };

  test("tells of each token as it comes", async () => {
    const told: number[][] = [[], []];
    const answers = await model.generate(null, prompts, {
      ...options,
      onToken: (index, id) => told[index]?.push(id),
    });
    expect(told).toEqual(answers);
    expect(told[0]).toHaveLength(8);
  });

  test("ends when it is aborted", async () => {
    const controller = new AbortController();
    let told = 0;
    const onToken = (): void => {
      if (++told === 4) controller.abort();
    };
    const generating = model.generate(null, prompts, { ...options, signal: controller.signal, onToken });
    await expect(generating).rejects.toMatchObject({ name: "AbortError" });
    expect(told).toBe(4);
  });
});
