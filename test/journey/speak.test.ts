/** A run's model and its base answer prompts: the small model that ships with the project, a real run, no server. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AnswerEvent,
  generateText,
  openConversation,
  openTextModel,
  type Question,
  type TextModel,
} from "../../packages/tunewise/src/app/inference/index.ts";
import { createRuntime, type Runtime } from "../../packages/tunewise/src/runtime/runtime.ts";
import { smallModel, trainSmallRun } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const never = new AbortController().signal;
let folder = "";
let run = "";
let runtime: Runtime;
beforeAll(() => {
  folder = temporaryFolder();
  run = trainSmallRun(folder);
  runtime = createRuntime(folder, never, "test");
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

interface Told {
  readonly text: string;
  readonly reason: string;
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly answerTokens: number;
  readonly pieces: number;
}

async function told(asking: AsyncGenerator<AnswerEvent, void>): Promise<Told> {
  let found = { text: "", reason: "", promptTokens: 0, reusedTokens: 0, answerTokens: 0, pieces: 0 };
  for await (const event of asking) {
    if (event.kind === "text-added") {
      found = { ...found, text: found.text + event.text, pieces: found.pieces + 1 };
    } else {
      const { kind: _, ...rest } = event;
      found = { ...found, ...rest };
    }
  }
  return found;
}

function ask(textModel: TextModel, content: string, change: Partial<Question> = {}): Promise<Told> {
  const prompt = { kind: "chat", messages: [{ role: "user", content }] } as const;
  const decoding = { maxTokens: 12, temperature: 0, topP: 1, seed: 1 };
  return told(
    textModel.answer({ variant: textModel.variants[0], prompt, ...decoding, signal: never, ...change }),
  );
}

describe("who speaks", () => {
  test("a run beside its base, a recipe's base, a model by itself", async () => {
    for (const [source, options, variants] of [
      [run, {}, [`tuned ${run}`, "base small"]],
      ["latest", {}, [`tuned ${run}`, "base small"]],
      [run, { base: true }, ["base small"]],
      ["tunewise.yaml", {}, ["base small"]],
      [null, {}, ["base small"]],
      [smallModel, {}, ["base small"]],
    ] as const) {
      const textModel = await openTextModel(source, runtime, options);
      expect(textModel.variants.map(({ kind, name }) => `${kind} ${name}`)).toEqual(variants);
      await textModel.close();
    }
  });

  test("a folder without runs is no reason to fail where a model is meant", async () => {
    const empty = createRuntime(temporaryFolder(), never, "test");
    await (await openTextModel(smallModel, empty)).close();
    await expect(openTextModel("latest", empty)).rejects.toMatchObject({ code: "TRAINING_NOT_FOUND" });
    await expect(openTextModel(null, empty)).rejects.toMatchObject({ code: "RECIPE_NOT_FOUND" });
  });
});

describe("answers", () => {
  let textModel: TextModel;
  beforeAll(async () => {
    textModel = await openTextModel(run, runtime);
  });
  afterAll(() => textModel.close());

  test("are those of generate, in pieces; tuned and base differ", async () => {
    const tuned = await ask(textModel, "My parcel is lost.");
    const { text, tokens } = await generateText(run, runtime, {
      prompt: "My parcel is lost.",
      maxNewTokens: 12,
    });
    expect([tuned.text, tuned.answerTokens]).toEqual([text, tokens]);
    expect(tuned.pieces).toBeGreaterThan(5);
    const base = await ask(textModel, "My parcel is lost.", {
      variant: textModel.variants[1] as Question["variant"],
    });
    expect(base.text).not.toBe(tuned.text);
    expect(base.promptTokens).toBe(tuned.promptTokens);
  });

  test("go on from what was read before", async () => {
    const first = await ask(textModel, "Copy: red green blue");
    const messages = [
      { role: "user", content: "Copy: red green blue" },
      { role: "assistant", content: first.text },
      { role: "user", content: "Again." },
    ] as const;
    const second = await ask(textModel, "", { prompt: { kind: "chat", messages } });
    // reuses everything up to the end of the first answer except its last token
    expect(second.reusedTokens).toBeGreaterThanOrEqual(first.promptTokens + first.answerTokens - 2);
    const fresh = await openTextModel(run, runtime);
    const whole = await ask(fresh, "", { prompt: { kind: "chat", messages } });
    expect([whole.text, whole.reusedTokens]).toEqual([second.text, 0]);
    await fresh.close();
  });

  test("have the system text of the training rows unless the question brings its own", async () => {
    const given = { kind: "chat", messages: [{ role: "system", content: "x" }] } as const;
    const own = await ask(textModel, "", {
      prompt: { ...given, messages: [...given.messages, { role: "user", content: "Hi" }] },
    });
    const recipes = await ask(textModel, "Hi");
    expect(recipes.promptTokens).toBeGreaterThan(own.promptTokens);
  });

  test("end before a stop text, and at their longest", async () => {
    const short = await ask(textModel, "My parcel is lost.", { maxTokens: 5 });
    expect(short).toMatchObject({ answerTokens: 5, reason: "length" });
    const whole = await ask(textModel, "My parcel is lost.");
    expect(whole.text.startsWith(short.text)).toBe(true);
    const stop = whole.text.slice(3, 6);
    const cut = await ask(textModel, "My parcel is lost.", { stop: ["never in there", stop] });
    expect(cut).toMatchObject({ text: whole.text.slice(0, whole.text.indexOf(stop)), reason: "stop" });
    expect(cut.answerTokens).toBeLessThanOrEqual(whole.answerTokens);
  });

  test("come with log probabilities where they are asked for", async () => {
    const prompt = { kind: "text", text: "My parcel" } as const;
    const decoding = { maxTokens: 5, temperature: 0, topP: 1, seed: 1, signal: never };
    const question = { variant: textModel.variants[0], prompt, ...decoding, alternatives: 2 };
    let tokens = 0;
    for await (const event of textModel.answer(question)) {
      if (event.kind !== "text-added") continue;
      for (const { text, logProbability, alternatives } of event.tokens) {
        tokens++;
        expect(alternatives).toHaveLength(2);
        expect(alternatives[0]).toEqual({ text, logProbability });
        expect(logProbability).toBeLessThanOrEqual(0);
      }
    }
    expect(tokens).toBe(5);
  });

  test("to nothing, or to more than the context holds, are refused", async () => {
    const nothing = ask(textModel, "", { prompt: { kind: "tokens", ids: [] } });
    await expect(nothing).rejects.toMatchObject({ code: "PROMPT_EMPTY" });
    await expect(ask(textModel, "word ".repeat(600))).rejects.toMatchObject({ code: "PROMPT_TOO_LONG" });
    const stray = ask(textModel, "", { prompt: { kind: "tokens", ids: [5, 1_000_000] } });
    await expect(stray).rejects.toMatchObject({ code: "ENGINE_TOKEN_OUTSIDE_VOCABULARY" });
    expect((await ask(textModel, "Hi")).answerTokens).toBeGreaterThan(0);
  });

  test("wait for one another, and an interrupted one makes room", async () => {
    const straight = await ask(textModel, "One");
    const controller = new AbortController();
    const slow = ask(textModel, "word ".repeat(200), { maxTokens: 200, signal: controller.signal });
    const left = ask(textModel, "Two", { signal: AbortSignal.timeout(1) }); // expires long before the slow answer ends
    const next = ask(textModel, "One");
    await expect(left).rejects.toMatchObject({ name: "TimeoutError" });
    controller.abort();
    expect(await slow).toMatchObject({ reason: "interrupted" });
    expect((await next).text).toBe(straight.text);
    expect(textModel.waiting).toBe(0);
  });
});

test.each(["full", "qlora"])("the result of %s speaks beside its base", async (kind) => {
  const own = temporaryFolder();
  const id = trainSmallRun(own, `{ kind: ${kind} }`);
  const textModel = await openTextModel(id, createRuntime(own, never, "test"));
  const [tuned, base] = textModel.variants as [Question["variant"], Question["variant"]];
  const texts: string[] = [];
  for (const variant of [tuned, base, tuned]) {
    texts.push((await ask(textModel, "My parcel is lost.", { variant })).text);
  }
  expect(texts[2]).toBe(texts[0]);
  expect(texts[1]).not.toBe(texts[0]);
  await textModel.close();
});

test("closing ends the answer at work and refuses the others", async () => {
  const textModel = await openTextModel(run, runtime);
  const slow = ask(textModel, "word ".repeat(200), { maxTokens: 200 });
  const waiting = ask(textModel, "Hi");
  await new Promise((next) => setTimeout(next, 20));
  const refused = expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  await textModel.close();
  await refused;
  expect(await slow).toMatchObject({ reason: "interrupted" });
  await expect(ask(textModel, "Hi")).rejects.toMatchObject({ name: "AbortError" });
});

test("generating ends with Ctrl-C", async () => {
  const stopping = createRuntime(folder, AbortSignal.abort(), "test");
  const generating = generateText(smallModel, stopping, { prompt: "Hi" });
  await expect(generating).rejects.toMatchObject({ code: "USAGE_INTERRUPTED" });
});

test("a conversation reads only what is new, turn by turn", async () => {
  const textModel = await openTextModel(run, runtime);
  const conversation = openConversation(textModel, textModel.variants, {
    maxTokens: 8,
    temperature: 0,
    topP: 1,
    seed: 1,
  });
  const starts: { variant: string; fresh: number; promptTokens: number }[] = [];
  for (const text of ["Copy: red", "Copy: blue", "Copy: green"]) {
    for await (const event of conversation.ask(text, never)) {
      if (event.kind !== "answer-start") continue;
      const { variant, promptTokens, reusedTokens } = event;
      starts.push({ variant, promptTokens, fresh: promptTokens - reusedTokens });
    }
  }
  expect(starts.map(({ variant }) => variant)).toEqual([run, "small", run, "small", run, "small"]);
  for (const { fresh, promptTokens } of starts.slice(2)) expect(fresh).toBeLessThan(promptTokens / 2);
  await textModel.close();
});
