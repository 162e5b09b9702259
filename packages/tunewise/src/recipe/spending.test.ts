import { describe, expect, test } from "vitest";
import { readRecipe } from "./read.ts";

const codesOf = (more: string): string[] =>
  readRecipe(`model: m\ndata: { train: t.jsonl }\nbudget: { usd: 5 }\n${more}`, "tunewise.yaml").problems.map(
    ({ code, detail }) => `${code} ${detail}`,
  );
const arm = (endpoint: string): string => `comparison:\n  - { model: api, endpoint: { ${endpoint} } }\n`;

describe("a cap in dollars", () => {
  test("is called idle where no command can spend a dollar", () => {
    const idle = [expect.stringContaining("RECIPE_SETTING_DOUBTFUL A cap in dollars never acts here")];
    expect(codesOf("")).toEqual(idle);
    expect(codesOf("machine: { threads: 2 }\n")).toEqual(idle);
    expect(codesOf("comparison:\n  - { model: base }\n")).toEqual(idle);
    expect(codesOf(arm("url: http://127.0.0.1:8000/v1, model: m"))).toEqual(idle);
    expect(codesOf(arm("url: http://x.example, model: m, usd_per_million: { input: 0, output: 0 }"))).toEqual(
      idle,
    );
  });

  test.each([
    ["the machine has a price", "machine: { usd_per_hour: 1.5 }\n"],
    ["the machine is said to be free", "machine: { usd_per_hour: 0 }\n"],
    ["an arm is an API", arm("url: https://api.openai.com/v1, model: gpt-4o-mini, key: OPENAI_API_KEY")],
    [
      "a gateway of this machine passes prices on",
      arm("url: http://127.0.0.1:4000, model: m, usd_per_million: { input: 1, output: 2 }"),
    ],
    ["a judge is an API", "decision: { judge: { endpoint: { url: https://x.example/v1, model: m } } }\n"],
    [
      "an API makes the vectors",
      "retrieval: { documents: [d], method: dense, embedding: { endpoint: { url: https://x.example/v1, model: m } } }\n",
    ],
  ])("is not called idle where %s", (_, more) => {
    expect(codesOf(more)).toEqual([]);
  });
});
