import { range, usd } from "@tunewise/core/quantity";
import { describe, expect, test } from "vitest";
import type { SearchPreview, SearchUpdate } from "../../app/search/index.ts";
import { createConsole, type ProcessIo } from "../console.ts";
import { searchPreviewText } from "./search.ts";
import { createSearchProgress, updateText } from "./search-progress.ts";

const rate = { usdPerHour: usd(2), isMoney: true };
const point = { "method.rank": 8 };
const each = range(usd(0.5), usd(1), usd(2));

const preview: SearchPreview = {
  plan: {
    budgetUsd: usd(20),
    finalRunUsd: usd(5),
    searchUsd: usd(15),
    trials: 6,
    expectedTrials: 9,
    rungs: [
      { units: 1 / 3, trials: 6, eachUsd: each, totalUsd: range(usd(3), usd(6), usd(12)) },
      { units: 1, trials: 2, eachUsd: each, totalUsd: range(usd(1), usd(2), usd(4)) },
    ],
    fullTrials: 4,
    reachesTop: false,
    neededUsd: usd(33),
  },
  space: { "method.rank": { kind: "choice", ordered: true, values: [4, 8] } },
  defaults: { "method.rank": 4 },
  site: { by: "this-machine", address: "here", cards: [], cardsEach: 0, basis: "engine" },
  rate,
  fidelity: "steps",
  parallel: 1,
  threads: 2,
  findings: [],
  range: null,
  resumes: null,
};

test("a preview says what is searched, what the money buys, and what would be enough", () => {
  const text = searchPreviewText(preview);
  expect(text).toContain("  method.rank: 4, 8 (the recipe says 4)");
  expect(text).toContain("budget $20.00: $15.00 for trials, $5.00 reserved for the final runs");
  expect(text).toContain(
    "it buys 6 trials at the high end of all prices, 9 at expected prices; in full it would be 4",
  );
  expect(text).toMatch(/^33 % +6 +\$1\.00 \(\$0\.500 to \$2\.00\) +\$12\.00$/m);
  expect(text).toContain("the budget does not let a full share of the trials finish; $33.00 would");
  const several = searchPreviewText({
    ...preview,
    parallel: 3,
    plan: { ...preview.plan, searchUsd: usd(14) },
  });
  expect(several).toContain("$14.00 for trials, $5.00 reserved for the final runs, $1.00 for idle capacity");
  expect(several).toContain("\n3 trials at the same time, on 2 threads each\n");
  expect(text).not.toMatch(/idle|at the same time/);
  const free = searchPreviewText({
    ...preview,
    rate: { usdPerHour: usd(1), isMoney: false },
    resumes: "s-1",
  });
  expect(free).toContain("continues s-1; earlier spending counts\n");
  expect(free).toContain("budget 20 h: 15 h for trials, 5 h reserved");
});

test("a preview says where the worker trains, and what each trial has of the machine", () => {
  const site = { by: "torch", address: "here", cards: [], cardsEach: 0, basis: "assumed" } as const;
  expect(searchPreviewText(preview)).not.toContain("PyTorch");
  expect(searchPreviewText({ ...preview, site })).toContain(
    "\ntrained by the worker on PyTorch here, on the processor\n",
  );
  const box = { ...site, address: "ssh://box", cards: ["NVIDIA L4"], cardsEach: 1 };
  expect(searchPreviewText({ ...preview, site: box })).toContain("at ssh://box, on 1 card (NVIDIA L4)\n");
  const two = { ...site, cards: ["NVIDIA L4", "NVIDIA L4"], cardsEach: 1 };
  expect(searchPreviewText({ ...preview, parallel: 2, site: two })).toContain(
    "on 2 cards (NVIDIA L4)\n2 trials at the same time, on 1 card and 2 threads each\n",
  );
});

const trial = {
  id: 3,
  point,
  from: 0,
  to: 1 / 3,
  resumeRun: null,
  maxUsd: usd(1),
  again: false,
  origin: "tpe",
} as const;
const result = { status: "reached", to: 1 / 3, at: 1 / 3, value: 1.25, curve: [], sentence: "" } as const;
const start = {
  ...({ kind: "stretch-start", how: "begins", fidelity: "steps", trial } as const),
  spentUsd: usd(2),
  budgetUsd: usd(20),
  rate,
};

test("in a narrow terminal the table of rungs goes below itself and no word is broken", () => {
  const text = searchPreviewText(preview, 40);
  expect(text).toMatch(/^33 %\n {4}[\w ]+ 6, /m);
});

const news: [SearchUpdate, string][] = [
  [start, "$2.00 of $20.00 · trial 3 begins, to 33 % of its steps: method.rank 8"],
  [
    { ...start, how: "is promoted" },
    "$2.00 of $20.00 · trial 3 is promoted, to 33 % of its steps: method.rank 8",
  ],
  [{ ...start, how: "goes on" }, "$2.00 of $20.00 · trial 3 goes on, to 33 % of its steps: method.rank 8"],
  [{ ...start, fidelity: "rows" }, "$2.00 of $20.00 · trial 3 begins, on 33 % of the rows: method.rank 8"],
  [
    { ...start, fidelity: "rows", trial: { ...trial, to: 1 } },
    "$2.00 of $20.00 · trial 3 begins, on all rows: method.rank 8",
  ],
  [{ kind: "stretch-end", trial, result, usd: usd(0.25), rate }, "  trial 3: validation loss 1.250, $0.250"],
  [
    {
      ...({ kind: "stretch-end", trial, usd: usd(0.25), rate } as const),
      result: { ...result, status: "cut", value: null, sentence: "Stopped\u001b[2J at step 4" },
    },
    "  trial 3: cut: Stopped·[2J at step 4, $0.250",
  ],
  [{ kind: "known", runs: 1 }, "1 earlier run is of this search already: taken from the record"],
  [
    { kind: "range-start", steps: 60, ends: { low: 1e-5, high: 0.01 }, usd: usd(0.25), rate },
    "range test: 60 steps with the learning rate rising from 0.00001 to 0.01, at most $0.250",
  ],
  [{ kind: "final", trial: 3, isOwn: false }, "final run: the best settings, trial 3"],
  [{ kind: "final", trial: 1, isOwn: true }, "final run: the recipe's own settings"],
];

test.each(news)("news %#", (one, text) => {
  expect(updateText(one)).toBe(text);
});

describe("progress", () => {
  const faceOf = (json: boolean): { said: string[]; console: ReturnType<typeof createConsole> } => {
    const said: string[] = [];
    const stream = { write: (text: string) => void said.push(text) };
    const io: ProcessIo = {
      stdout: stream,
      stderr: stream,
      stdin: {},
      env: {},
      cwd: "/",
      now: () => 0,
      signal: new AbortController().signal,
      takeOver: () => () => undefined,
      beginSaving: () => undefined,
    };
    return { said, console: createConsole(io, { json, quiet: false, debug: false }, "search") };
  };

  test("shows stretches, and of a run's own events what a stretch does not say", () => {
    const { said, console } = faceOf(false);
    const progress = createSearchProgress(console, 1);
    progress.update(start);
    progress.watch({ kind: "run-start", runId: "r", steps: 9, resumedFromStep: 0 }, 1);
    progress.watch({ kind: "checkpoint-saved", step: 1, path: "p", wallSeconds: 1 }, 1);
    const stop = (guard: string) => ({ act: "stop", by: "guard", guard, sentence: `by ${guard}` }) as const;
    progress.watch({ kind: "guard-tripped", step: 2, verdict: stop("budget") }, 1);
    progress.watch({ kind: "guard-tripped", step: 2, verdict: stop("divergence") }, 1);
    progress.close();
    expect(said.join("")).toBe(`${updateText(start)}\nstep 2: stopping: by divergence\n`);
  });

  test("of several trials is a line that says how far each is, and names whose event it is", () => {
    const { said, console } = faceOf(false);
    const progress = createSearchProgress(console, 2);
    progress.update(start);
    progress.update({ ...start, trial: { ...trial, id: 4 } });
    progress.watch({ kind: "run-start", runId: "r", steps: 18, resumedFromStep: 5 }, 3);
    const verdict = { act: "stop", by: "guard", guard: "divergence", sentence: "it diverges" } as const;
    progress.watch({ kind: "guard-tripped", step: 6, verdict }, 4);
    progress.update({ kind: "stretch-end", trial: { ...trial, id: 4 }, result, usd: usd(0.25), rate });
    progress.close();
    const [first, second, ...rest] = said.join("").trimEnd().split("\n");
    expect([first, second]).toEqual([updateText(start), updateText(start).replace("trial 3", "trial 4")]);
    expect(rest).toEqual([
      "2 at work: trial 3 step 5/18 · trial 4 starts",
      "trial 4: step 6: stopping: it diverges",
      "  trial 4: validation loss 1.250, $0.250",
    ]);
  });

  test("is silent beside a document", () => {
    const { said, console } = faceOf(true);
    const progress = createSearchProgress(console, 1);
    progress.update(start);
    progress.watch({ kind: "phase", name: "losses", done: 1, total: 2 }, 1);
    progress.close();
    expect(said).toEqual([]);
  });
});
