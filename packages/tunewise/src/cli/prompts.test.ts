import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

const cancelled = Symbol("cancelled");
const answers = { next: undefined as unknown, asked: [] as Record<string, unknown>[] };

/** The module under test, with a terminal that gives {@link answers}. */
let questions: typeof import("./prompts.ts");

// Test files of this tier share modules, so this one imports its own copy and removes it afterwards.
beforeAll(async () => {
  vi.resetModules();
  vi.doMock("@clack/prompts", () => {
    const ask = async (question: Record<string, unknown>): Promise<unknown> => {
      answers.asked.push(question);
      return answers.next;
    };
    const isCancel = (value: unknown): boolean => typeof value === "symbol";
    return { text: ask, select: ask, confirm: ask, isCancel, intro: () => undefined, outro: () => undefined };
  });
  questions = await import("./prompts.ts");
});

afterAll(() => {
  vi.doUnmock("@clack/prompts");
  vi.resetModules();
});

afterEach(() => {
  answers.asked.length = 0;
});

const kinds = {
  message: "What",
  fallback: "text" as const,
  choices: [
    { value: "text" as const, label: "text", hint: "free" },
    { value: "json" as const, label: "json", hint: "a value" },
  ],
};

describe("questions", () => {
  const texts: [typed: string, answer: string][] = [
    ["owner/name", "owner/name"],
    ["  owner/name ", "owner/name"],
    ["", "fallback"],
    ["   ", "fallback"],
  ];
  it.each(texts)("for text: %j is %j", async (typed, answer) => {
    answers.next = typed;
    expect(await questions.askText({ message: "Model", fallback: "fallback" }, "init")).toBe(answer);
  });

  it("for text object to what is wrong, and judge the fallback where nothing is typed", async () => {
    answers.next = "1";
    const objection = (answer: string): string | null => (answer === "1" ? null : `no: ${answer}`);
    await questions.askText({ message: "Price", fallback: "1", objection }, "init");
    const validate = answers.asked[0]?.validate as (value?: string) => string | undefined;
    expect([validate("1"), validate(""), validate(undefined), validate("x")]).toEqual([
      undefined,
      undefined,
      undefined,
      "no: x",
    ]);
  });

  it("for one of a few, and for yes", async () => {
    answers.next = "json";
    expect(await questions.askChoice(kinds, "init")).toBe("json");
    answers.next = true;
    expect(await questions.askYes("Run?", "run")).toBe(true);
    expect(answers.asked[1]).toMatchObject({ initialValue: false });
  });

  const left: [kind: string, ask: () => Promise<unknown>][] = [
    ["text", () => questions.askText({ message: "Model", fallback: "x" }, "init")],
    ["choice", () => questions.askChoice(kinds, "init")],
    ["yes", () => questions.askYes("Run?", "init")],
  ];
  it.each(left)("that are left end the command with 130: %s", async (_, ask) => {
    answers.next = cancelled;
    await expect(ask()).rejects.toMatchObject({
      code: "USAGE_INTERRUPTED",
      kind: { exitCode: 130 },
      fix: "tunewise init",
    });
  });

  it("open and close", () => {
    expect(() => questions.openQuestions("init").close("done")).not.toThrow();
  });
});
