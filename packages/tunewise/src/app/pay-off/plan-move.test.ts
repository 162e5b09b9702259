import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Range, usd } from "@tunewise/core/quantity";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { moveAnswer } from "../../report/index.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { emptyMove, planMove } from "./plan-move.ts";
import { isModel } from "./read-logs.ts";
import type { MoveRequest } from "./request.ts";
import { daysPerMonth, monthOf } from "./traffic.ts";

const root = temporaryFolder();
let [folder, count]: [string, number] = ["", 0];
let runtime: Runtime;

beforeEach(() => {
  folder = join(root, `project-${++count}`);
  mkdirSync(folder);
  const real = createRuntime(folder, new AbortController().signal, "0.0.0");
  const sources = { ...real.sources, cacheFolder: join(folder, "cache"), fetch: null };
  runtime = { ...real, sources, now: () => new Date("2026-12-03T12:00:00Z") };
});

const exact = (value: number): Range<number> => ({ low: value, expected: value, high: value });
const traffic: MoveRequest["traffic"] = {
  calls: exact(100_000),
  inputTokens: exact(1_000),
  outputTokens: exact(100),
  cachedShare: null,
};
const request = (changes: Partial<MoveRequest> = {}): MoveRequest => ({
  ...emptyMove("gpt-4o-mini"),
  traffic,
  trainingUsd: usd(20),
  ...changes,
});
const code = (changes: Partial<MoveRequest>): Promise<string> =>
  planMove(request(changes), runtime).then(
    () => "none",
    (error: { code: string }) => error.code,
  );

/** Logs `perDay` calls on each of the days from 1 November 2026. */
function log(perDay: readonly number[], row: (at: number) => object): string {
  const lines = perDay.flatMap((calls, day) =>
    Array.from({ length: calls }, (_, at) => {
      const time = new Date(Date.UTC(2026, 10, 1 + day) + (at * 86_400_000) / calls).toISOString();
      return JSON.stringify({ time, model: "gpt-4o-mini-2024-07-18", ...row(at) });
    }),
  );
  writeFileSync(join(folder, "calls.jsonl"), `${lines.join("\n")}\n`);
  return "calls.jsonl";
}

const usage = {
  prompt_tokens: 800,
  completion_tokens: 50,
  prompt_tokens_details: { cached_tokens: 200 },
};
const fromLog = {
  logs: "calls.jsonl",
  traffic: { ...traffic, calls: null, inputTokens: null, outputTokens: null },
};

describe("planMove", () => {
  it("computes the bill of the price list, and says where prices come from", async () => {
    const found = await planMove(request({ toApi: "gpt-5-nano", toHosted: "open-mistral-7b" }), runtime);
    // 100,000 x (1,000 x $0.15 + 100 x $0.60) per million
    expect(found.staying.usdPerMonth).toBe(usd(21));
    expect(found.staying.price).toMatchObject({
      source: expect.stringContaining("llm-prices"),
      date: "2026-08-05",
    });
    const bills = Object.fromEntries(
      found.alternatives.map(({ kind, usdPerMonth }) => [kind, usdPerMonth.expected]),
    );
    expect(bills).toEqual({ batch: usd(10.5), api: usd(9), hosted: usd(27.5) });
    expect(found.findings.map((one) => one.code)).toEqual(["PRICES_STALE"]);
    expect(found.unknown.map(({ name }) => name)).toEqual(["rented GPU", "this machine"]);
  });

  it("finds the month of a hosted model, and names what would change it", async () => {
    writeFileSync(
      join(folder, "prices.yaml"),
      "inference:\n- { vendor: own, model: mine, input_usd_per_million_tokens: 0.05,\n" +
        "    output_usd_per_million_tokens: 0.1 }\n",
    );
    const found = await planMove(request({ toHosted: "mine", otherUsd: usd(25) }), runtime);
    // $45 once; $21 a month against $6
    const hosted = found.alternatives.find(({ kind }) => kind === "hosted");
    expect(hosted?.month).toEqual({ low: 3, expected: 3, high: 3 });
    expect(moveAnswer(found)).toMatch(
      /^Moving off gpt-4o-mini to own mine, hosted pays off in month 3: \$6\.00 /,
    );
    expect(moveAnswer(found)).toContain("below 25,000 calls a month (now 100,000)");
  });

  it("charges the successor after the model's end", async () => {
    const ending = { from: "ft:gpt-4o-mini-2024-07-18:acme::id", toApi: "gpt-5-mini" };
    const found = await planMove(request(ending), runtime);
    expect(found.staying.end).toMatchObject({ on: "2027-01-14", successor: "gpt-5-mini" });
    expect(await code({ from: ending.from })).toBe("PAYOFF_SUCCESSOR_UNKNOWN");
    expect(moveAnswer(found)).toMatch(/^Undecided/); // the successor is no move
  });

  it("refuses what it cannot compute, and invents no price", async () => {
    expect(await code({ from: "no-such-model" })).toBe("PAYOFF_PRICE_UNKNOWN");
    expect(await code({ traffic: { ...traffic, calls: null } })).toBe("PAYOFF_VOLUME_UNKNOWN");
    expect(await code({ traffic: { ...traffic, outputTokens: null } })).toBe("PAYOFF_TOKENS_UNKNOWN");
    expect(await code({ trainingUsd: null })).toBe("PAYOFF_TRAINING_UNKNOWN");
    const found = await planMove(request({ toApi: "no-such-model" }), runtime);
    expect(found.unknown[0]).toMatchObject({ name: "no-such-model", reason: "no price list has it" });
  });
});

describe("logs", () => {
  it("give volume and tokens, in the forms of APIs, recorders and frozen answers", async () => {
    const forms = [
      { usage },
      { usage: { prompt_tokens: 800, cached_tokens: 200, completion_tokens: 50 } },
      { usage: { input_tokens: 800, output_tokens: 50, input_tokens_details: { cached_tokens: 200 } } },
      { usage: { input_tokens: 600, cache_read_input_tokens: 200, output_tokens: 50 } },
      { tokens: { prompt: 800, cached_prompt: 200, answer: 50 }, usage: "reported" },
      { response: { body: { usage } } },
    ];
    log(Array(16).fill(60), (at) => forms[at % forms.length] ?? {});
    const found = await planMove(request(fromLog), runtime);
    expect(found.traffic.inputTokens).toEqual(exact(800));
    expect(found.traffic.cachedShare).toEqual(exact(0.25));
    expect(found.traffic.outputTokens).toEqual(exact(50));
    expect(found.traffic.callsPerMonth.expected).toBeCloseTo(60 * daysPerMonth, 6);
    expect(found.findings.map((one) => one.code)).toEqual(["PRICES_STALE"]);
    const half = await planMove(request({ ...fromLog, sampled: 0.5 }), runtime);
    expect(half.traffic.callsPerMonth.expected).toBeCloseTo(120 * daysPerMonth, 6);
  });

  it("count other models and unreadable lines, and say so", async () => {
    log(Array(10).fill(10), (at) => (at === 0 ? { model: "gpt-5", usage } : { usage }));
    writeFileSync(join(folder, "calls.jsonl"), "not json\n[1]\n", { flag: "a" });
    const { trafficSource } = await planMove(request(fromLog), runtime);
    expect(trafficSource).toBe(
      "90 calls of gpt-4o-mini in the log, 10 of other models not counted, 2 unreadable lines skipped",
    );
    expect(await code({ ...fromLog, from: "gpt-5-mini" })).toBe("PAYOFF_LOG_EMPTY");
  });

  it("warn about few days and about calls without usage; a log without usage is refused", async () => {
    log([50, 50], (at) => (at % 2 === 0 ? { usage } : {}));
    const found = await planMove(request(fromLog), runtime);
    const codes = found.findings.map((one) => one.code);
    expect(codes).toEqual(["PAYOFF_LOG_SHORT", "PAYOFF_LOG_PARTIAL", "PRICES_STALE"]);
    const { low, high } = found.traffic.callsPerMonth;
    expect(high / low).toBeCloseTo(9, 6);
    log([50], () => ({}));
    expect(await code(fromLog)).toBe("PAYOFF_LOG_EMPTY");
    expect(await code({ logs: "missing.jsonl" })).toBe("RUN_FILE_UNREADABLE");
  });

  it("state no volume if they are answers for a test", async () => {
    log(Array(10).fill(10), () => ({ usage }));
    const header = `${JSON.stringify({ format: "tunewise frozen reference", model: "gpt-4o-mini" })}\n`;
    writeFileSync(join(folder, "calls.jsonl"), header, { flag: "a" });
    expect(await code(fromLog)).toBe("PAYOFF_VOLUME_UNKNOWN");
    const stated = { ...fromLog, traffic: { ...fromLog.traffic, calls: exact(5_000) } };
    expect((await planMove(request(stated), runtime)).traffic.inputTokens.expected).toBe(800);
  });

  it("predict a month whose days vary: the range covers 90 % of simulated months", () => {
    let state = 7;
    const day = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return 50 + (100 * state) / 2 ** 31;
    };
    const days = (length: number): number[] => Array.from({ length }, day);
    let inside = 0;
    for (let world = 0; world < 2_000; world++) {
      const { low, high } = monthOf(days(10), 1);
      const month = days(30).reduce((sum, calls) => sum + calls, 0) * (daysPerMonth / 30);
      if (month >= low && month <= high) inside++;
    }
    expect(inside / 2_000).toBeGreaterThan(0.87);
    expect(inside / 2_000).toBeLessThan(0.94);
  });
});

it.each([
  ["gpt-4o-mini-2024-07-18", "gpt-4o-mini", true],
  ["gpt-4o-mini", "gpt-4o-mini-2024-07-18", true],
  ["gpt-4o-2024-08-06", "gpt-4o-2024-11-20", false],
  ["gpt-4o", "gpt-4o-mini", false],
  ["", "gpt-4o", false],
])("compares the names %s and %s", (logged, named, isSame) => {
  expect(isModel(logged, named)).toBe(isSame);
});
