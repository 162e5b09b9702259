/** @file Events as lines: back and forth, and what is no event. */
import { describe, expect, it } from "vitest";
import type { EventBody, RunEvent } from "../run/index.ts";
import { eventLine, eventLineCharsMax, readEventLine } from "./event-log.ts";

const time = "2026-11-24T20:45:12.000Z";
const place = { run: "a", seq: 7 };
const numbered = (event: EventBody): RunEvent => ({ v: 1, run: "a", seq: 3, time, ...event });
const events: [string, EventBody][] = [
  ["a step", step(1.25)],
  ["a step with NaN", step(Number.NaN)],
  ["a step with infinity", step(Number.NEGATIVE_INFINITY)],
  ["a sentence that reads NaN", { kind: "phase", name: "NaN", done: 1, total: 2 }],
  ["a penalty that is no number", { ...step(1), penalty: Number.NaN } as EventBody],
  ["a rate without end", { kind: "rolled-back", step: 3, toStep: 1, rateScale: Number.POSITIVE_INFINITY }],
  ["line breaks in text", { kind: "phase", name: "a\nb\r\u2028c", done: 1, total: 2 }],
  [
    "a verdict",
    { kind: "guard-tripped", step: 3, verdict: { act: "stop", guard: "budget", sentence: "Infinity" } },
  ],
];

describe("eventLine", () => {
  it.each(events)("keeps %s, on one line", (_, event) => {
    const line = eventLine(numbered(event));
    expect(line).not.toMatch(/\n/);
    expect(readEventLine(line, place)).toEqual(numbered(event));
  });

  it.each(events)("of before events were numbered gives %s its place as number", (_, event) => {
    const { v, run, seq, ...before } = numbered(event);
    const line = eventLine(before as RunEvent);
    expect(readEventLine(line, place)).toEqual({ ...before, v: 0, ...place });
    expect({ v, run, seq }).toEqual({ v: 1, run: "a", seq: 3 });
  });
});

/** An event of a size that a hostile data set can bring about. */
function largeFinding(letters: number, places: number): EventBody {
  const where = Array.from({ length: places }, (_, line) => ({ file: "x".repeat(200), line }));
  const finding = {
    code: "DATA_LEAK",
    severity: "warning",
    title: "t",
    detail: "d".repeat(letters),
  } as const;
  return { kind: "finding", finding: { ...finding, where, count: places, fix: "f" } };
}

describe("an event longer than a line", () => {
  it.each([
    [2_000_000, 1],
    [10, 100_000],
    [2_000_000, 100_000],
  ])("of %d letters and %d places is cut, and read back", (letters, places) => {
    const line = eventLine(numbered(largeFinding(letters, places)));
    expect(line.length).toBeLessThanOrEqual(eventLineCharsMax);
    expect(readEventLine(line, place)).toMatchObject({ kind: "finding", finding: { code: "DATA_LEAK" } });
  });
});

describe("readEventLine", () => {
  it.each([
    "",
    "{",
    "null",
    "[]",
    "42",
    '"text"',
    '{"kind":"phase"}',
    `{"time":"${time}"}`,
    `{"time":1,"kind":"phase"}`,
    eventLine(numbered(step(1) as EventBody)).slice(0, -1),
    `{"time":"${time}","kind":"phase","name":"${"x".repeat(eventLineCharsMax)}"}`,
  ])("gives null for %.40s", (line) => {
    expect(readEventLine(line, place)).toBeNull();
  });

  it("pollutes no prototype", () => {
    readEventLine(`{"time":"${time}","kind":"phase","__proto__":{"polluted":true}}`, place);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

function step(loss: number): EventBody {
  return {
    kind: "step-end",
    step: 1,
    steps: 10,
    loss,
    penalty: 0,
    learningRate: 1e-4,
    gradientNorm: loss,
    updateRatio: loss,
    tokens: 512,
    labelledTokens: 64,
    wallSeconds: 1.5,
    spentMicroUsd: 12,
  };
}
