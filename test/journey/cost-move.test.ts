/**
 * When a move off an API model pays off, from the command line. Needs no model and no network.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { invokeHere } from "../support/invoke-here.ts";
import { program } from "../support/program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
/** Without a recipe, so that nothing is planned. */
const bare = join(folder, "bare");
mkdirSync(bare);
const rows = Array.from({ length: 60 }, (_, at) =>
  JSON.stringify({
    prompt: `Ticket ${at}: the light blinks ${at % 5} times`,
    completion: `category-${at % 7}`,
  }),
);
writeFileSync(join(folder, "rows.jsonl"), rows.join("\n"));
writeFileSync(
  join(folder, "tunewise.yaml"),
  "model: meta-llama/Llama-3.1-8B\ndata: { train: rows.jsonl }\nplan: { retrains_per_year: 2 }\n",
);
const calls = Array.from({ length: 4_000 }, (_, at) =>
  JSON.stringify({
    recorder: "tunewise/1",
    time: new Date(Date.UTC(2026, 10, 1) + at * 300_000).toISOString(),
    model: "gpt-5.4-mini-2026-03-01",
    usage: { prompt_tokens: 900 + (at % 200), cached_tokens: 256, completion_tokens: 150 },
  }),
);
writeFileSync(join(folder, "calls.jsonl"), calls.join("\n"));
/** Runs the program with a cache of its own, which holds the price of this machine. */
function run(cwd: string, words: readonly string[]): { readonly code: number | null; readonly out: string } {
  const env = { ...process.env, NO_COLOR: "1", HF_HUB_OFFLINE: "1", TUNEWISE_CACHE: join(cwd, "cache") };
  const { status, stdout } = spawnSync(process.execPath, [program, ...words], { cwd, env, encoding: "utf8" });
  return { code: status, out: stdout };
}

it("answers first, then one table, for a planned recipe and logged calls", () => {
  const { code, out } = run(folder, [
    "cost",
    "move",
    "--from",
    "gpt-5.4-mini",
    "--logs",
    "calls.jsonl",
    "--work",
    "50",
  ]);
  expect(code).toBe(0);
  const shown = out.replaceAll(/\s+/g, " ");
  expect(shown).toMatch(/^Moving off gpt-5\.4-mini .* within 12 months/);
  expect(shown).toContain("8,766 calls a month");
  expect(shown).toContain("retraining every 6 months");
  expect(shown).toMatch(/rented \S+.*: \d+ output tokens\/s/);
  expect(shown).toContain("this machine: its price is not stated; tunewise doctor --rate 0.50/h");
});

it("prints the same document as JSON, and counts this machine at its stated speed and price", () => {
  const priced = ["--training", "0.05", "--here-tokens-per-second", "40..60", "--hours", "100"];
  run(bare, ["doctor", "--rate", "0.01/h"]);
  const words = ["cost", "move", "--from", "gpt-5.4-mini", "--logs", "../calls.jsonl", "--json", ...priced];
  const { out } = run(bare, words);
  const document = JSON.parse(out);
  expect(document.answer).toMatch(/^Moving off gpt-5\.4-mini to this machine pays off in month 1/);
  const here = document.alternatives.find(({ kind }: { kind: string }) => kind === "this-machine");
  expect(here.usdPerMonth.expected).toBeGreaterThanOrEqual(1_000_000); // micro-dollars: 100 hours of a machine
  expect(here.turns.length).toBeGreaterThan(0);
});

it("refuses values and models that it cannot use, each with a fix", async () => {
  const stated = ["--tokens-in", "800", "--tokens-out", "150", "--training", "20"];
  const cases: readonly (readonly [problem: string, words: readonly string[]])[] = [
    ["USAGE_INVALID", ["--calls", "20000"]],
    ["USAGE_VALUE_INVALID", ["--from", "gpt-5-mini", "--calls", "0"]],
    ["USAGE_VALUE_INVALID", ["--from", "gpt-5-mini", "--calls", "40000..20000"]],
    ["USAGE_VALUE_INVALID", ["--from", "gpt-5-mini", "--calls", "5", "--ends", "2027-02-30"]],
    ["PAYOFF_SUCCESSOR_UNKNOWN", ["--from", "ft:gpt-4o-mini-2024-07-18:org::id", "--calls", "20000"]],
    ["PAYOFF_PRICE_UNKNOWN", ["--from", "no-such-model", "--calls", "20000"]],
    ["PAYOFF_LOG_EMPTY", ["--from", "gpt-5", "--logs", "../calls.jsonl"]],
  ];
  for (const [problem, words] of cases) {
    const { code, err } = await invokeHere(bare, ["cost", "move", ...words, ...stated]);
    expect(err).toContain(problem);
    expect(err).toMatch(/fix: \S/);
    expect(code).toBe(64);
  }
});
