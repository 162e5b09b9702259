import { usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import { searchChart } from "../charts/search-chart.ts";
import { documentHtml } from "../document/html.ts";
import { documentMarkdown } from "../document/markdown.ts";
import type { SearchDocument } from "./search-document.ts";
import { searchReport } from "./search-report.ts";
import { accountTable, adviceSentences, searchSentence, searchTitle, trialTable } from "./search-words.ts";

const point = { "training.learning_rate": 4e-4, "method.targets": '["q_proj","v_proj"]' };
const own = { "training.learning_rate": 2e-4, "method.targets": "all-linear" };

type Finals = NonNullable<SearchDocument["finals"]>;
type Score = NonNullable<Finals["scores"]>[number];

const score: Score = {
  metric: "accuracy",
  own: 0.7,
  winner: 0.8,
  value: 0.1,
  rows: 200,
  verdict: "better",
  interval: { low: 0.03, high: 0.17 },
};

const finals: Finals = {
  winner: { trial: 2, run: "run-2", status: "completed" },
  own: { trial: 1, run: "run-1", status: "completed" },
  testRows: 200,
  scores: [score],
  verdict: "better",
};

function sample(change: Partial<SearchDocument> = {}): SearchDocument {
  return {
    format_version: 1,
    search: "search-1",
    name: "tickets",
    model: "owner/name",
    created: "2026-11-24T20:45:12.000Z",
    ended: "2026-11-24T21:45:12.000Z",
    validation_rows: 50,
    space: {
      "training.learning_rate": { kind: "log-uniform", low: 1e-5, high: 1e-3 },
      "method.targets": { kind: "choice", values: ["all-linear", '["q_proj","v_proj"]'] },
    },
    defaults: own,
    rate: { usdPerHour: usd(2), isMoney: true },
    price_source: "the test",
    end: {
      reason: "money",
      sentence: "No further trial fits: $6.00 of $7.00 are spent, and $3.00 are kept.",
    },
    account: {
      budgetUsd: usd(10),
      spentUsd: usd(6),
      finalRunUsd: usd(3),
      trials: 2,
      knownRuns: 1,
      rungs: [{ units: 1 / 3, segments: 2, failed: 0, usd: usd(4) }],
      inFullUsd: usd(9),
      savedUsd: usd(3),
      best: { trial: 2, point, run: null, units: 1, value: 0.5, compared: 3, tied: 1, contenders: [] },
      rankings: [
        {
          from: 1 / 3,
          to: 1,
          trials: 6,
          tau: 0.6,
          regret: 0.02,
          verdict: "cannot-tell",
          interval: { low: 0.2, high: 0.9 },
        },
      ],
      importance: [{ knob: "training.learning_rate", share: 0.6, interval: { low: 0.2, high: 0.9 } }],
      advice: {
        verdict: "stop",
        furtherTrials: 5,
        expectedGain: 0.001,
        noise: 0.01,
        usdPerTrial: usd(3),
        gainPerUsd: 0.0003,
        sentence: "",
      },
    },
    range_test: null,
    fidelity: "steps",
    idle_micro_usd: usd(0),
    parallel: 1,
    finals_micro_usd: usd(2.5),
    trials: [
      {
        trial: 1,
        run: "run-1",
        origin: "defaults",
        point: own,
        share: 1 / 3,
        loss: 0.9,
        failed: false,
        microUsd: usd(4),
      },
      {
        trial: 2,
        run: "run-2",
        origin: "halton",
        point,
        share: 1,
        loss: 0.5,
        failed: false,
        microUsd: usd(4.5),
      },
      {
        trial: 3,
        run: "run-0",
        origin: "known",
        point,
        share: null,
        loss: null,
        failed: true,
        microUsd: usd(0),
      },
    ],
    trail: [
      { trial: 1, share: 1 / 3, loss: 0.9, microUsd: 1e6 },
      { trial: 2, share: 1 / 3, loss: 0.95, microUsd: 2e6 },
      { trial: 2, share: 1, loss: 0.5, microUsd: 6e6 },
    ],
    finals,
    ...change,
  };
}

describe("the verdict", () => {
  test.each([
    ["better", score, "good", "accuracy is 80.0 % in place of 70.0 % (+10.0 points, 95 % 3.0-17.0): a gain."],
    [
      "unclear",
      { ...score, verdict: "unclear" },
      "open",
      "do not show that the search beat the recipe's own settings",
    ],
    ["worse", { ...score, verdict: "worse" }, "bad", "the search did not beat the recipe's own settings"],
  ] as const)("%s", (verdict, one, tone, words) => {
    const document = sample({ finals: { ...finals, verdict, scores: [one] } });
    expect(searchTitle(document).tone).toBe(tone);
    expect(searchSentence(document)).toContain(words);
    expect(searchSentence(document)).toContain("Trial 2 of the 3 compared after all");
  });

  test("says plainly that the recipe's own settings are the best, or that nothing tells", () => {
    const same = sample({ finals: { ...finals, own: null, scores: null, verdict: "own-best" } });
    expect(searchSentence(same)).toContain("the search did not beat them");
    const blind = sample({ finals: { ...finals, scores: null, testRows: 0, verdict: "cannot-tell" } });
    expect(searchSentence(blind)).toContain("There are no test rows");
    const cut = { ...finals, winner: { ...finals.winner, status: "stopped" as const }, scores: null };
    expect(searchSentence(sample({ finals: { ...cut, verdict: "cannot-tell" } }))).toContain(
      "ended as stopped",
    );
    const { account } = sample();
    const none = sample({ account: { ...account, best: null }, finals: null });
    expect(searchTitle(none)).toEqual({ title: "No trial gave a result", tone: "bad" });
  });
});

test("the account adds up, in dollars or in time", () => {
  expect(accountTable(sample()).rows).toEqual([
    ["budget", "$10.00"],
    ["experiments: 2 trials", "$6.00"],
    ["production: final runs", "$2.50"],
    ["left over", "$1.50"],
    ["all trials in full would have taken about", "$9.00"],
    ["stopping early saved about", "$3.00"],
  ]);
  const free = sample({ rate: { usdPerHour: usd(1), isMoney: false } });
  expect(accountTable(free).rows[0]).toEqual(["budget", "10 h"]);
  expect(adviceSentences(free)[0]).toBe("No further trial fits: 6 h of 7 h are spent, and 3 h are kept.");
  expect(adviceSentences(sample())[1]).toContain("about $3.00");
});

test("trials stand in order of how far they came, then of their loss", () => {
  const { columns, rows } = trialTable(sample());
  expect(columns.map(({ title }) => title)).toEqual([
    ...["trial", "targets", "learning_rate", "trained to", "validation loss", "cost", "from", "run"],
  ]);
  expect(rows).toEqual([
    ["2", "q_proj+v_proj", "0.0004", "all", "0.5000", "$4.50", "halton", "run-2"],
    ["1", "all-linear", "0.0002", "33 %", "0.9000", "$4.00", "the recipe", "run-1"],
    ["3", "q_proj+v_proj", "0.0004", "–", "failed", "$0.00", "the record", "run-0"],
  ]);
});

describe("the drawing", () => {
  test("has a dot for each result, and a line that only falls", () => {
    const { markup } = searchChart(sample()) ?? { markup: "" };
    expect(markup.match(/<circle/g)).toHaveLength(3);
    expect(markup.match(/tuned-dot/g)).toHaveLength(2);
    const [, path = ""] = / d="(M[^"]+)"/.exec(markup) ?? [];
    const heights = [...path.matchAll(/V([\d.]+)/g)].map(([, y]) => Number(y));
    expect(heights).toHaveLength(1); // the second result does not improve on the first
    expect(path).toMatch(/^M[\d.]+ [\d.]+H[\d.]+H[\d.]+V[\d.]+$/);
  });

  test("is left out below two results; a loss far above the others does not flatten them", () => {
    expect(searchChart(sample({ trail: sample().trail.slice(0, 1) }))).toBeNull();
    const wild = [...sample().trail, { trial: 4, share: 1, loss: 5000, microUsd: 7e6 }];
    const ticks = (trail: SearchDocument["trail"]): string[] =>
      (searchChart(sample({ trail }))?.markup.match(/tick end"[^>]*>([\d.]+)/g) ?? []).map(
        (one) => one.split(">")[1] ?? "",
      );
    expect(Math.max(...ticks(wild).map(Number))).toBeLessThan(5);
  });
});

test("texts of a recipe are text in both reports, whatever they hold", () => {
  const evil = "<script>alert(1)</script> | [x](http://evil.example)";
  const hostile = sample({
    name: evil,
    model: evil,
    price_source: evil,
    trials: [
      {
        ...(sample().trials[0] as SearchDocument["trials"][number]),
        run: evil,
        point: { ...own, "method.targets": evil },
      },
    ],
  });
  const page = documentHtml(searchReport(hostile));
  expect(page).not.toContain("<script");
  expect(page).toContain("&lt;script&gt;");
  const text = documentMarkdown(searchReport(hostile));
  expect(text.replaceAll(/`[^`]*`/g, "")).not.toMatch(/<script|(?<!\\)\[x(?<!\\)\]/);
});

test("both reports have every part", () => {
  for (const text of [documentHtml(searchReport(sample())), documentMarkdown(searchReport(sample()))]) {
    for (const head of [
      "Account",
      "What matters",
      "Does less training rank trials as more does?",
      "What next",
      "Trials",
      "Space",
      "Limits",
    ])
      expect(text).toContain(head);
    expect(text).toContain("60 %");
    expect(text).toContain("run-2");
  }
});

test("a trial that was trained further than all others is compared with none (A6)", () => {
  const { account } = sample({});
  const alone = { ...account, best: account.best && { ...account.best, compared: 1 } };
  const finals = {
    winner: { trial: 2, run: "r", status: "completed" as const },
    own: null,
    testRows: 9,
    scores: null,
  };
  const words = searchSentence(sample({ account: alone, finals: { ...finals, verdict: "own-best" } }));
  expect(words).toContain("is the only one trained on all of its steps, so no other was compared with it");
  expect(words).toContain("whether other settings are better is not known");
  expect(words).not.toContain("did not beat");
});

test("trials with the same loss are not ranked", () => {
  const { account } = sample({});
  const withTies = (tied: number) =>
    searchSentence(
      sample({ account: { ...account, best: account.best && { ...account.best, tied } }, finals: null }),
    );
  expect(withTies(3)).toContain("All 3 trials compared");
  expect(withTies(3)).not.toContain("lowest");
  expect(withTies(2)).toContain("has the lowest validation loss (0.5000), as 1 other trial");
  expect(withTies(1)).toContain("has the lowest validation loss (0.5000):");
});

test("a trial that was ahead after equal training comes before any other advice", () => {
  const { account } = sample({});
  const contenders = [{ trial: 3, units: 1 / 3, value: 0.4 }];
  const ahead = { ...account, best: account.best && { ...account.best, contenders } };
  expect(adviceSentences(sample({ account: ahead })).at(-1)).toBe(
    "Trial 3 was ahead of the best one after 33 % of its steps (validation loss 0.4000) and was not trained further: a search with a larger budget completes it first.",
  );
  expect(adviceSentences(sample()).at(-1)).toContain("Stop here");
});
