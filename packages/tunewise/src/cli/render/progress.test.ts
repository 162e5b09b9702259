import { usd } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import { describe, expect, it } from "vitest";
import { type FakeIoOptions, fakeIo } from "../../../../../test/journey/fake-io.ts";
import { createConsole } from "../console.ts";
import { ESCAPE } from "./paint.ts";
import {
  advance,
  createProgress,
  eventText,
  noProgress,
  progressText,
  secondsLeft,
  tokensPerSecond,
} from "./progress.ts";

const start: EventBody = { kind: "run-start", runId: "r-1", steps: 100, resumedFromStep: 0 };
const end: EventBody = { kind: "run-end", status: "completed", wallSeconds: 90, spentMicroUsd: 20_000 };
const saved: EventBody = {
  kind: "checkpoint-saved",
  step: 3,
  path: "runs/r-1/checkpoints/3",
  wallSeconds: 1,
};
const CLEAR = `\r${ESCAPE}[2K`;
const outputOptions = { json: false, quiet: false, debug: false };

function step(at: number, loss = 2): EventBody {
  return {
    kind: "step-end",
    step: at,
    steps: 100,
    loss,
    penalty: 0,
    learningRate: 1e-4,
    gradientNorm: 1,
    updateRatio: 1e-3,
    tokens: 1000,
    labelledTokens: 300,
    wallSeconds: at,
    spentMicroUsd: at * 1000,
  };
}

/** The state after a start and the given number of steps, two seconds apart. */
function stateAfter(steps: number): ReturnType<typeof advance> {
  let state = advance(noProgress, start, 0);
  for (let at = 1; at <= steps; at++) state = advance(state, step(at, 3 - at / 10), at * 2000);
  return state;
}

describe("what the line knows", () => {
  it("is speed and time left over the latest steps", () => {
    expect(tokensPerSecond(stateAfter(10))).toBe(500);
    expect(secondsLeft(stateAfter(10))).toBe(180);
  });

  it("is nothing before the first step", () => {
    expect(tokensPerSecond(stateAfter(0))).toBeNull();
    expect(secondsLeft(noProgress)).toBeNull();
  });

  it("leaves pauses out of the speed", () => {
    const paused = advance(
      stateAfter(10),
      { kind: "evaluation-end", step: 10, loss: 1, wallSeconds: 60 },
      80_000,
    );
    expect(tokensPerSecond(advance(paused, step(11), 82_000))).toBe(500);
  });

  it("leaves what came before the first step out of the speed", () => {
    const asking: EventBody = { kind: "phase", name: "forgetting: base model", done: 9, total: 9 };
    const asked = advance(stateAfter(0), asking, 30_000);
    expect(tokensPerSecond(advance(asked, step(1), 32_000))).toBe(500);
  });

  it("keeps no more than it shows", () => {
    const state = stateAfter(1000);
    expect(state.losses.length).toBeLessThanOrEqual(200);
    expect(state.recent.length).toBeLessThanOrEqual(21);
  });

  it("starts anew with a resumed run", () => {
    expect(advance(stateAfter(5), { ...start, resumedFromStep: 40 }, 0)).toMatchObject({
      step: 40,
      losses: [],
    });
  });
});

describe("the line", () => {
  it("holds step, loss, speed, money and time", () => {
    expect(progressText(stateAfter(10), { usd: usd(1) }, 200)).toMatchInlineSnapshot(
      `"step 10/100 · loss 2.000 ██▇▆▅▄▃▂▁▁ · 500 tokens/s · $0.010 / $1.00 · 3 min left"`,
    );
  });

  it.each([10, 20, 40, 60, 79, 120])("fits into %d columns", (columns) => {
    const line = progressText(stateAfter(10), { usd: usd(1) }, columns);
    expect([...line].length).toBeLessThanOrEqual(columns);
    expect(line.startsWith("step 10/")).toBe(true);
  });

  it("tells of a phase instead", () => {
    const phase: EventBody = { kind: "phase", name: "download", done: 1_200_000, total: 4_800_000 };
    expect(progressText(advance(noProgress, phase, 0), { usd: null }, 80)).toBe("download: 1.2 M of 4.8 M");
    const open: EventBody = { kind: "phase", name: "load", done: 0, total: 0 };
    expect(progressText(advance(noProgress, open, 0), { usd: null }, 80)).toBe("load");
  });

  it("shows a loss that is not a number as such", () => {
    expect(progressText(advance(stateAfter(1), step(2, Number.NaN), 9000), { usd: null }, 200)).toContain(
      "loss NaN",
    );
  });
});

describe("events as lines", () => {
  const cases: [event: EventBody, line: string | null][] = [
    [start, "run r-1: 100 steps"],
    [{ ...start, resumedFromStep: 7 }, "run r-1: 100 steps, resumed from step 7"],
    [step(1), null],
    [{ kind: "evaluation-end", step: 5, loss: 1.23456, wallSeconds: 3 }, "step 5: validation loss 1.235"],
    [saved, "step 3: checkpoint saved at runs/r-1/checkpoints/3"],
    [{ kind: "guard-tripped", step: 9, verdict: { act: "go-on" } }, null],
    [
      {
        kind: "guard-tripped",
        step: 9,
        verdict: { act: "stop", by: "cap", guard: "budget", sentence: "The cap is reached." },
      },
      "step 9: stopping: The cap is reached.",
    ],
    [
      {
        kind: "guard-tripped",
        step: 9,
        verdict: { act: "warn", guard: "budget", sentence: "Nearly there." },
      },
      "step 9: warning: Nearly there.",
    ],
    [{ kind: "phase", name: "load", done: 0, total: 1 }, null],
    [end, "run completed after 1 min 30 s, $0.020 spent"],
  ];
  it.each(cases)("%j", (event, line) => {
    expect(eventText(event)).toBe(line);
  });
});

describe("the three dresses", () => {
  function show(
    options: FakeIoOptions,
    given: Partial<typeof outputOptions>,
    events: EventBody[],
    gap = 2000,
  ) {
    const fake = fakeIo(options);
    const progress = createProgress(createConsole(fake.io, { ...outputOptions, ...given }, "run"), {
      usd: null,
    });
    for (const event of events) {
      progress.show(event);
      fake.pass(gap);
    }
    progress.close();
    return { out: fake.stdout(), talk: fake.stderr() };
  }

  it("terminal: one line drawn again, events above it, nothing left behind", () => {
    const { out, talk } = show({ terminal: true }, {}, [start, step(1), saved, step(2), end]);
    expect(out).toBe("");
    expect(talk.split(CLEAR).length).toBeGreaterThan(4);
    // final screen: each line from the last point where it was cleared
    const screen = talk.split("\n").map((line) => line.split(CLEAR).at(-1));
    expect(screen).toEqual([
      "run r-1: 100 steps",
      "step 3: checkpoint saved at runs/r-1/checkpoints/3",
      "run completed after 1 min 30 s, $0.020 spent",
      "",
    ]);
  });

  it("terminal: draws no more than ten times a second", () => {
    const steps = Array.from({ length: 50 }, (_, at) => step(at + 1));
    const { talk } = show({ terminal: true }, {}, [start, ...steps], 10);
    expect(talk.split(CLEAR).length).toBeLessThan(10);
  });

  it("terminal: a line never reaches the last column", () => {
    const { talk } = show({ terminal: true, columns: 40 }, {}, [start, step(1), step(2), step(3)]);
    for (const line of talk.replaceAll(CLEAR, "\n").split("\n")) expect([...line].length).toBeLessThan(40);
  });

  it("no terminal: a line at events, and every 30 seconds otherwise", () => {
    const steps = Array.from({ length: 40 }, (_, at) => step(at + 1));
    const lines = show({}, {}, [start, ...steps, end])
      .talk.trimEnd()
      .split("\n");
    expect(lines.map((line) => line.split(" · ")[0])).toEqual([
      "run r-1: 100 steps",
      "step 15/100",
      "step 30/100",
      "run completed after 1 min 30 s, $0.020 spent",
    ]);
  });

  it("a dumb terminal is none", () => {
    expect(show({ terminal: true, env: { TERM: "dumb" } }, {}, [start, step(1)]).talk).toBe(
      "run r-1: 100 steps\n",
    );
  });

  it("--json: each event as a line on stdout", () => {
    const { out, talk } = show({ terminal: true }, { json: true }, [start, step(1), end]);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([start, step(1), end].map((event) => ({ format_version: 1, ...event })));
    expect(talk).toBe("");
  });

  it("--quiet: guards alone", () => {
    const verdict = { act: "stop", by: "cap", guard: "budget", sentence: "The cap is reached." } as const;
    const tripped: EventBody = { kind: "guard-tripped", step: 2, verdict };
    expect(show({}, { quiet: true }, [start, step(1), tripped, end])).toEqual({
      out: "",
      talk: "step 2: stopping: The cap is reached.\n",
    });
  });

  it("tells of a look at what is forgotten, where it has a number", () => {
    const point = { step: 5, low: null, high: null, taskDrop: null, probabilityDrop: null, kl: null };
    const look = (perplexityRise: number | null): string | null =>
      eventText({ kind: "forgetting-measured", ...point, perplexityRise, wallSeconds: 1 });
    expect(look(0.0234)).toBe("step 5: general perplexity +2.3 %");
    expect(look(-0.01)).toBe("step 5: general perplexity -1.0 %");
    expect(look(null)).toBeNull();
  });
});
