/** Answers that are computed together equal those computed alone, with any adapters, whenever they join and leave. */
import { randomBelow, xoshiro128From } from "@tunewise/core/math";
import type { Adapter, AnswerOptions, AnswerPool, AnswerToken, LanguageModel } from "@tunewise/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenModels, openGolden } from "./golden-model.ts";

const greedy = { temperature: 0, topP: 1, seed: 1, endIds: [], maxNewTokens: 12 } as const;
const random = xoshiro128From(4);
const some = (count: number): Int32Array =>
  Int32Array.from({ length: count }, () => 3 + randomBelow(random, 90));

interface Asked {
  readonly adapter: number;
  readonly prompt: Int32Array;
  readonly options: AnswerOptions;
}

async function read(tokens: AsyncGenerator<AnswerToken, void>): Promise<AnswerToken[]> {
  const all: AnswerToken[] = [];
  for await (const token of tokens) all.push(token);
  return all;
}

const idsOf = (tokens: readonly AnswerToken[]): number[] => tokens.map(({ id }) => id);

/** An adapter that changes answers. */
function lively(
  model: LanguageModel,
  rank: number,
  targets: "all-linear" | readonly string[],
  seed: number,
): Adapter {
  const settings = {
    rank,
    alpha: 2 * rank,
    rslora: seed % 2 === 0,
    dropout: 0,
    baseModel: "golden",
    revision: "",
  };
  const adapter = model.createAdapter({ ...settings, targets }, seed);
  const draw = xoshiro128From(seed);
  for (const { data } of adapter.tensors()) for (const at of data.keys()) data[at] = (draw() - 0.5) / 2;
  return adapter;
}

async function alone(
  model: LanguageModel,
  adapters: readonly (Adapter | null)[],
  asked: Asked,
): Promise<number[]> {
  const conversation = model.createConversation(adapters[asked.adapter] ?? null);
  return idsOf(await read(conversation.answer(asked.prompt, asked.options)));
}

function together(pool: AnswerPool, { adapter, prompt, options }: Asked): Promise<AnswerToken[]> {
  const conversation = pool.conversations[adapter];
  if (!conversation) throw new Error("no such adapter");
  return read(conversation.answer(prompt, options));
}

describe.each(goldenModels.filter((name) => name !== "llama-dynamic-rope"))("%s", (name) => {
  test("base and adapters of different ranks and targets in one batch", async () => {
    const model = await openGolden(name);
    const { settings } = model.createAdapter(
      { rank: 2, alpha: 1, rslora: false, dropout: 0, baseModel: "", revision: "", targets: "all-linear" },
      1,
    );
    const adapters = [
      null,
      lively(model, 4, "all-linear", 5),
      lively(model, 2, settings.targets.slice(0, 1), 6),
      lively(model, 3, "all-linear", 7),
    ];
    const pool = model.createPool(adapters, 5);
    const asked = [40, 3, 17, 9, 30, 5, 12, 33, 8, 21, 14].map((length, at): Asked => {
      const options = {
        ...greedy,
        maxNewTokens: 4 + ((5 * at) % 11),
        temperature: at % 3 === 2 ? 0.8 : 0,
        seed: at,
      };
      return { adapter: at % 4, prompt: some(length), options };
    });
    const answers = await Promise.all(asked.map((one) => together(pool, one)));
    for (const [at, one] of asked.entries()) {
      expect(idsOf(answers[at] ?? [])).toEqual(await alone(model, adapters, one));
    }
    await pool.settled();
    await model.close();
  });
});

describe("a pool", () => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await openGolden("llama");
  });
  afterAll(() => model.close());

  const one = (length: number, options: Partial<AnswerOptions> = {}): Asked => ({
    adapter: 0,
    prompt: some(length),
    options: { ...greedy, ...options },
  });

  test("lets answers join between the tokens of others", async () => {
    const pool = model.createPool([null], 4);
    const asked = [one(9, { maxNewTokens: 30 }), one(40), one(5), one(12), one(70), one(3)];
    const answers: Promise<AnswerToken[]>[] = [];
    for (const each of asked) {
      answers.push(together(pool, each));
      for (let wait = 0; wait < 7; wait++) await new Promise((next) => setImmediate(next));
    }
    for (const [at, each] of asked.entries()) {
      expect(idsOf((await answers[at]) ?? [])).toEqual(await alone(model, [null], each));
    }
  });

  test("computes only what no earlier prompt or answer began with", async () => {
    const adapters = [null, lively(model, 4, "all-linear", 5)];
    const pool = model.createPool(adapters, 4);
    const [base, tuned] = pool.conversations;
    const first = one(20);
    const answer = idsOf(await together(pool, first));
    await pool.settled();
    const next = Int32Array.from([...first.prompt, ...answer, 40, 41]);
    // all but the answer's last token, which was never computed
    expect(base?.cachedTokens(next)).toBe(first.prompt.length + answer.length - 1);
    expect(tuned?.cachedTokens(next)).toBe(0);
    const turn = { ...first, prompt: next };
    const branch = {
      ...first,
      prompt: Int32Array.from([...first.prompt.subarray(0, 11), (first.prompt[11] ?? 0) + 1, 78]),
    };
    expect(base?.cachedTokens(branch.prompt)).toBe(11);
    const both = await Promise.all(
      [turn, branch, { ...branch, adapter: 1 }].map((each) => together(pool, each)),
    );
    for (const [at, each] of [turn, branch, { ...branch, adapter: 1 }].entries()) {
      expect(idsOf(both[at] ?? [])).toEqual(await alone(model, adapters, each));
    }
  });

  test("drafts tokens of an answer that is alone, and gives the same", async () => {
    const pool = model.createPool([null], 4);
    let seconds = 0;
    const repeated = Int32Array.from({ length: 30 }, (_, at) => 5 + (at % 3));
    const asked = { adapter: 0, prompt: repeated, options: { ...greedy, maxNewTokens: 40 } };
    const drafted = await together(pool, {
      ...asked,
      options: { ...asked.options, lookUpClock: () => seconds++ },
    });
    expect(idsOf(drafted)).toEqual(await alone(model, [null], asked));
  });

  test("aborts one answer, and lets go of one whose reader leaves, without changing the others", async () => {
    const pool = model.createPool([null], 2);
    const controller = new AbortController();
    const staying = one(15, { maxNewTokens: 25 });
    const answer = together(pool, staying);
    const aborted = together(pool, one(6, { maxNewTokens: 100, signal: controller.signal }));
    const waiting = together(pool, one(8));
    const [conversation] = pool.conversations;
    if (!conversation) throw new Error("no conversation");
    for await (const _ of conversation.answer(some(5), { ...greedy, maxNewTokens: 100 })) {
      controller.abort(new Error("gone"));
      break;
    }
    await expect(aborted).rejects.toThrow("gone");
    expect(idsOf(await answer)).toEqual(await alone(model, [null], staying));
    expect(await waiting).toHaveLength(12);
    await pool.settled();
  });

  test("reports log probabilities, and errors, per answer", async () => {
    const pool = model.createPool([null], 3);
    const asked = one(11, { alternatives: 2, maxNewTokens: 3 });
    const full = expect(together(pool, one(model.contextLength))).rejects.toMatchObject({
      code: "ENGINE_ROW_TOO_LONG",
    });
    const [tokens] = await Promise.all([together(pool, asked), together(pool, one(7))]);
    await full;
    const conversation = model.createConversation(null);
    const expected = await read(conversation.answer(asked.prompt, asked.options));
    expect(idsOf(tokens)).toEqual(idsOf(expected));
    for (const [at, { logProbability, alternatives }] of tokens.entries()) {
      expect(logProbability).toBeCloseTo(expected[at]?.logProbability ?? 0, 4);
      expect(alternatives.map(({ id }) => id)).toEqual(expected[at]?.alternatives.map(({ id }) => id));
    }
  });

  test("computes full weights beside the base", async () => {
    const full = await model.createFull({ frozen: [], baseModel: "golden", revision: "" });
    for (const { data } of full.tensors())
      for (const at of data.keys()) data[at] = (data[at] as number) * 1.3;
    const adapters = [null, full, lively(model, 4, "all-linear", 5)];
    const pool = model.createPool(adapters, 4);
    const asked = [0, 1, 2, 1, 0].map((adapter) => ({ ...one(9), adapter }));
    const answers = await Promise.all(asked.map((each) => together(pool, each)));
    for (const [at, each] of asked.entries()) {
      expect(idsOf(answers[at] ?? [])).toEqual(await alone(model, adapters, each));
    }
  });
});
