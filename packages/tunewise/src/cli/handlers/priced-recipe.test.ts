/** @file Tests that the price of this machine is asked for once, and only in a terminal. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import type { Runtime } from "../../runtime/index.ts";
import type { Call, FlagValue } from "../command.ts";
import { findCommand } from "../commands.ts";
import type { Console } from "../console.ts";
import { loadPricedRecipe } from "./priced-recipe.ts";

const asked = vi.hoisted(() => ({ count: 0, answer: "2.49" }));
vi.mock("../prompts.ts", () => ({
  askText: async () => {
    asked.count++;
    return asked.answer;
  },
}));
beforeEach(() => {
  asked.count = 0;
  asked.answer = "2.49";
});

/** Creates a machine with a recipe, and a function that returns the hourly price as a command reads it. */
function machine(recipe = "") {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "r.yaml"), `model: a/b\ndata: { train: a.jsonl }\n${recipe}`);
  mkdirSync(join(cwd, "cache"));
  const runtime = {
    cwd,
    now: () => new Date("2026-12-01T10:00:00Z"),
    processes: { host: "here" },
    sources: { cacheFolder: join(cwd, "cache") },
  } as unknown as Runtime;
  return async (
    flags: Readonly<Record<string, FlagValue>> = {},
    { canAsk = true, env = {} as Record<string, string> } = {},
  ): Promise<number> => {
    const call = { command: findCommand("run"), flags: new Map(Object.entries(flags)), words: [] };
    const console = { canAsk, io: { env } } as unknown as Console;
    const loaded = await loadPricedRecipe("r.yaml", runtime, {}, call as unknown as Call, console);
    return loaded.recipe.machine.usdPerHour;
  };
}

test("once: the answer holds for later calls, asked or not", async () => {
  const price = machine();
  expect([await price(), await price(), await price({}, { canAsk: false })]).toEqual([2.49, 2.49, 2.49]);
  expect(asked.count).toBe(1);
});

test("nothing is an answer too", async () => {
  asked.answer = "nothing";
  const price = machine();
  expect([await price(), await price()]).toEqual([0, 0]);
  expect(asked.count).toBe(1);
});

test("never with --yes, without a terminal, in CI, for another machine, or where the recipe has a price", async () => {
  const price = machine();
  expect(await price({ yes: true })).toBe(0);
  expect(await price({}, { canAsk: false })).toBe(0); // as with `--json`
  expect(await price({}, { env: { CI: "true" } })).toBe(0);
  expect(await price({ on: "ssh://me@box" })).toBe(0);
  expect(await machine("machine: { usd_per_hour: 0.5 }\n")()).toBe(0.5);
  expect(asked.count).toBe(0);
});

test("the price of this machine is not that of another", async () => {
  const price = machine();
  expect([await price(), await price({ on: "here" }), await price({ on: "ssh://me@box" })]).toEqual([
    2.49, 2.49, 0,
  ]);
});
