import { seconds } from "@tunewise/core/quantity";
import type { ExecutionEvent, Numbered, RunCommand } from "@tunewise/core/run";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TunewiseError } from "../../problem/index.ts";
import { StallClock, stopStalled, WatchedEvents } from "./stall-watch.ts";

const stepStart: ExecutionEvent = { kind: "step-start", step: 3 };
const phase: ExecutionEvent = { kind: "phase", name: "answers", done: 1, total: 2 };
const work = (name: string): ExecutionEvent => ({ kind: "work-start", work: name, isBooked: false });
const stepEnd = (wallSeconds: number): ExecutionEvent => ({
  kind: "step-end",
  step: 3,
  steps: 9,
  loss: 1,
  penalty: 0,
  learningRate: 1,
  gradientNorm: 1,
  updateRatio: 1,
  tokens: 1,
  labelledTokens: 1,
  wallSeconds,
});
const clock = (step = 1): StallClock => new StallClock(seconds(1800), seconds(step));

/** Seconds of silence, in steps of ten, until the clock reports it; `null` if it does not. */
function silentFor(one: StallClock, most = 20_000): number | null {
  for (let passed = 10; passed <= most; passed += 10) if (one.pass(seconds(10)) !== null) return passed;
  return null;
}

describe("StallClock", () => {
  it.each([
    ["a step that does not end", [stepStart], 1800],
    ["a step that is not followed by anything", [stepEnd(2)], 1800],
    ["progress that does not go on", [phase], 1800],
    ["training that does not go on after an evaluation", [work("evaluate"), work("train")], 1800],
    ["an evaluation", [stepEnd(2), work("evaluate")], null],
    ["the writing of a checkpoint", [{ kind: "write-start" }], null],
    ["steps that take long", [stepEnd(1000), stepStart], 4000],
  ] as const)("%s", (_, events: readonly ExecutionEvent[], silent) => {
    const one = clock();
    for (const event of events) one.hear(event);
    expect(silentFor(one)).toBe(silent);
  });

  it("waits for four times the planned step where that is longer", () => {
    expect(silentFor(clock(600))).toBe(2400);
  });

  it("counts from the last event, of whatever kind", () => {
    const one = clock();
    for (let minute = 0; minute < 120; minute++) {
      expect(one.pass(seconds(1200))).toBeNull();
      one.hear(minute % 2 === 0 ? stepStart : phase);
    }
  });

  it("says it again when who was asked does not react, and later again", () => {
    const one = clock();
    expect([silentFor(one), silentFor(one), silentFor(one)]).toEqual([1800, 600, 600]);
  });

  it("does not end one that saves as it was asked to", () => {
    const one = clock();
    expect(silentFor(one)).toBe(1800);
    one.hear({ kind: "write-start" });
    expect(silentFor(one)).toBeNull();
  });
});

describe("WatchedEvents", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const scripted = (gapsMs: readonly number[], isActive: () => boolean = () => true) => {
    async function* events(): AsyncGenerator<Numbered<ExecutionEvent>, void, void> {
      for (const [at, gap] of gapsMs.entries()) {
        await new Promise((resolve) => setTimeout(resolve, gap));
        yield { ...stepStart, seq: at + 1 };
      }
    }
    return new WatchedEvents(events(), { isActive }, seconds(60), seconds(1));
  };
  const kinds = async (watched: WatchedEvents): Promise<string[]> => {
    const found: string[] = [];
    for (let next = await watched.next(); !next.done; next = await watched.next())
      found.push(next.value.kind);
    return found;
  };
  const inTime = async (watched: WatchedEvents, ms: number): Promise<string[]> => {
    const found = kinds(watched);
    await vi.advanceTimersByTimeAsync(ms);
    return found;
  };

  it("hands events on as they come", async () => {
    expect(await inTime(scripted([1, 50_000, 59_000]), 120_000)).toEqual(Array(3).fill("step-start"));
  });

  it("loses no event that comes after a silence", async () => {
    expect(await inTime(scripted([1, 70_000, 1]), 90_000)).toEqual([
      ...["step-start", "silence", "step-start", "step-start"],
    ]);
  });

  it("says twice that nothing comes", async () => {
    const found = await inTime(scripted([1, 130_000]), 140_000);
    expect(found).toEqual(["step-start", "silence", "silence", "step-start"]);
  });

  it("is patient while a connection is replaced", async () => {
    expect(
      await inTime(
        scripted([1, 900_000], () => false),
        1_000_000,
      ),
    ).toEqual(["step-start", "step-start"]);
  });

  it("does not go by the time of day, which jumps where a machine sleeps", async () => {
    const found = kinds(scripted([1, 40_000]));
    await vi.advanceTimersByTimeAsync(20_000);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await found).toEqual(["step-start", "step-start"]);
  });

  it("fails as the events do", async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first event
    async function* broken(): AsyncGenerator<Numbered<ExecutionEvent>, void, void> {
      throw new Error("lost");
    }
    const watched = new WatchedEvents(broken(), { isActive: () => true }, seconds(60), seconds(1));
    await expect(watched.next()).rejects.toThrow("lost");
  });
});

describe("stopStalled", () => {
  const about = { kind: "silence", silent: seconds(1800), limit: seconds(1800) } as const;

  it("asks first, and then ends", () => {
    const done: (RunCommand["kind"] | "end")[] = [];
    const execution = {
      send: ({ kind }: RunCommand) => void done.push(kind),
      end: () => void done.push("end"),
    };
    const run = { runId: "r-1", execution };
    expect(stopStalled({ ...about, isAsked: false }, 7, run)).toMatchObject({ act: "stop", guard: "stall" });
    expect(done).toEqual(["stop"]);
    const again = (): unknown => stopStalled({ ...about, isAsked: true }, 7, run);
    expect(again).toThrow(TunewiseError);
    expect(again).toThrow(
      expect.objectContaining({
        code: "RUN_STALLED",
        fix: "tunewise resume r-1",
        params: { run: "r-1", silent: "30 min", step: 7 },
      }),
    );
    expect(done).toEqual(["stop", "end", "end"]);
  });
});
