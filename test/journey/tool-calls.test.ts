/**
 * @file A file in OpenAI's form with tool calls, as it is: recognized, checked, trained with a chat template
 * of the user, and scored by its calls.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";
import { beforeAll, expect, test } from "vitest";
import { program } from "../support/program.ts";
import { project, recipe, runFolder, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();

const template =
  "{% if tools %}<|im_start|>system\n{{ tools | tojson }}<|im_end|>\n{% endif %}" +
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}" +
  "{% for c in m.tool_calls %}<tool_call>\n{{ c.function | tojson }}\n</tool_call>{% endfor %}" +
  "<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

const tools = [{ type: "function" as const, function: { name: "ask", parameters: { required: ["a"] } } }];
/** A call, or an answer without one for every fourth row. */
function row(at: number): object {
  const user = { role: "user", content: at % 4 === 0 ? `hello ${at}` : `ask ${at}` };
  const call = { id: `c${at}`, type: "function", function: { name: "ask", arguments: '{"a": "b"}' } };
  const assistant =
    at % 4 === 0
      ? { role: "assistant", content: "hello" }
      : { role: "assistant", content: null, tool_calls: [call] };
  return { messages: [user, assistant], tools, parallel_tool_calls: false };
}

let folder = "";
beforeAll(() => {
  folder = project(
    "tools",
    recipe()
      .replace(/^model: (.*)$/m, "model: { source: $1, chat_template: ./calls.jinja }")
      .replace(/^task: .*$/m, "task: { kind: tools }")
      .replace("max_new_tokens: 8", "max_new_tokens: 80")
      // all weights: the small model has never written an underscore, which its frozen output layer cannot learn
      .replace(/^method: .*$/m, "method: { kind: full }")
      .replace("steps: 8", "steps: 60"),
  );
  writeFileSync(join(folder, "calls.jinja"), template);
  const parts = [
    ["train", 0, 48],
    ["validation", 100, 108],
    ["test", 200, 208],
  ] as const;
  for (const [name, from, to] of parts) {
    const rows = Array.from({ length: to - from }, (_, at) => `${JSON.stringify(row(from + at))}\n`);
    writeFileSync(join(folder, `${name}.jsonl`), rows.join(""));
  }
});

test("init recognizes the task without a question", () => {
  const place = join(folder, "new");
  mkdirSync(place);
  cpSync(join(folder, "train.jsonl"), join(place, "rows.jsonl"));
  expect(tunewise(place, "init", "rows.jsonl").code).toBe(0);
  expect(readFileSync(join(place, "tunewise.yaml"), "utf8")).toMatch(/^ {2}kind: tools$/m);
});

test("the tuned model writes calls where the base model writes none, and both are scored", () => {
  const { code, out, err } = tunewise(folder, "run", "--yes", "--json");
  expect([code, err], out.slice(-2000)).toEqual([0, ""]);
  const answers = readFileSync(join(runFolder(folder), "answers.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { reference: string; tuned: string });
  const calling = answers.filter(({ reference }) => reference.includes("<tool_call>"));
  expect(calling).toHaveLength(6);
  const scores = (
    JSON.parse(tunewise(folder, "show", "latest", "--json").out) as {
      scores: readonly { readonly arm: string; readonly metric: string; readonly value: number }[];
    }
  ).scores.filter(({ metric }) => metric === "tool_calls");
  const scoreOf = (arm: string): number => scores.find((one) => one.arm === arm)?.value ?? Number.NaN;
  expect(scoreOf("base")).toBeLessThanOrEqual(0.25); // the rows without a call
  expect(scoreOf("tuned"), JSON.stringify(calling.map(({ tuned }) => tuned))).toBeGreaterThan(0.75);
});

test("the tuned model is served to OpenAI's client, which gets its calls, whole and streamed", async () => {
  const child = spawn(process.execPath, [program, "model", "serve", "latest", "--port", "0"], {
    cwd: folder,
  });
  try {
    const baseURL = await new Promise<string>((found, failed) => {
      let out = "";
      child.on("close", (code) => failed(new Error(`ended with ${code}: ${out}`)));
      child.stderr.on("data", (chunk) => {
        out += chunk;
      });
      child.stdout.on("data", (chunk) => {
        out += chunk;
        const [, url] = /^serving .* at (http:\S+)$/m.exec(out) ?? [];
        if (url !== undefined) found(url);
      });
    });
    const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 1 });
    const user = { role: "user" as const, content: "ask 201" };
    const question = { model: "tuned", messages: [user], tools, temperature: 0, max_tokens: 80 };
    const whole = (await client.chat.completions.create(question)).choices[0];
    const called = (choice: typeof whole): unknown => choice?.message.tool_calls;
    const expected = [{ type: "function", function: { name: "ask", arguments: '{"a": "b"}' } }];
    expect(whole?.finish_reason, JSON.stringify(whole)).toBe("tool_calls");
    expect(called(whole)).toMatchObject(expected);
    const streamed = (await client.chat.completions.stream(question).finalChatCompletion()).choices[0];
    expect(called(streamed)).toMatchObject(expected);
    const parameters = { type: "object", properties: { a: { enum: ["b", "c"] } }, required: ["a"] };
    const forced = await client.chat.completions.create({
      ...question,
      model: "base",
      tools: [{ type: "function", function: { name: "ask", parameters } }],
      tool_choice: "required",
      parallel_tool_calls: false,
    });
    expect(called(forced.choices[0])).toMatchObject([
      { function: { name: "ask", arguments: expect.stringMatching(/^\{"a": ?"[bc]"\}$/) } },
    ]);
  } finally {
    child.kill("SIGTERM");
  }
});

test("a model whose template drops calls is refused before the run, with the rows and a fix that works", () => {
  const own = readFileSync(join(folder, "tunewise.yaml"), "utf8");
  writeFileSync(join(folder, "plain.yaml"), own.replace(", chat_template: ./calls.jinja", ""));
  const { code, out, err } = tunewise(folder, "check", "plain.yaml");
  expect(code, err).toBe(2);
  const text = out.replace(/\s+/g, " ");
  expect(text).toContain("writes no tool calls, and 36 rows contain some; first train.jsonl:2");
  expect(text).toContain("chat_template: tools");
  writeFileSync(join(folder, "plain.yaml"), own.replace("./calls.jinja", "tools"));
  const fixed = tunewise(folder, "check", "plain.yaml");
  expect([fixed.code, fixed.out.includes("writes no tool calls")], fixed.out).toEqual([0, false]);
});
