/** @file The event log: events round-trip as lines, and a kill or a hostile line costs only that line. */
import { existsSync } from "node:fs";
import { appendFile, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EventBody, RunEvent } from "@tunewise/core/run";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/track-disk.ts";
import { eventLine, eventLineCharsMax, openEventLog, readEventLine, readEventLog } from "./event-log.ts";

function phase(done: number): RunEvent {
  const event = { kind: "phase", name: "Zähler ✓", done, total: 9 } as const;
  return { v: 1, run: "a", seq: done + 1, time: "2026-11-24T20:45:12.000Z", ...event };
}

describe("event log", () => {
  it.each(["always", "checkpoints"] as const)(
    "keeps the order of adds that nobody waits for (%s)",
    async (policy) => {
      const path = join(await temporaryFolder(), "events.jsonl");
      const log = await openEventLog(path, policy);
      const adds = Array.from({ length: 50 }, (_, i) => log.add([phase(2 * i), phase(2 * i + 1)]));
      await log.sync();
      await Promise.all(adds);
      await log.close();
      const content = await readEventLog(path);
      expect(content.items).toEqual(Array.from({ length: 100 }, (_, i) => phase(i)));
      expect(content).toMatchObject({ torn: false, unreadableLines: 0 });
    },
  );

  it("reads and goes on after a cut at every byte of the last line", async () => {
    const path = join(await temporaryFolder(), "events.jsonl");
    const first = `${eventLine(phase(1))}\n`;
    const both = `${first}${eventLine(phase(2))}\n`;
    for (let cut = Buffer.byteLength(first); cut < Buffer.byteLength(both); cut++) {
      await writeFile(path, both);
      await truncate(path, cut);
      const torn = await readEventLog(path);
      expect(torn.items).toEqual([phase(1)]);
      expect(torn.torn).toBe(cut > Buffer.byteLength(first));
      const log = await openEventLog(path);
      await log.add([phase(3)]);
      await log.close();
      expect(await readEventLog(path)).toEqual({
        items: [phase(1), phase(3)],
        torn: false,
        unreadableLines: 0,
      });
    }
  });

  it("cuts a torn first line, also one longer than a block", async () => {
    const path = join(await temporaryFolder(), "events.jsonl");
    await writeFile(path, `${eventLine(phase(1))}\n{"time":"${"x".repeat(200_000)}`);
    await (await openEventLog(path)).close();
    expect(await readFile(path, "utf8")).toBe(`${eventLine(phase(1))}\n`);
    await writeFile(path, "x".repeat(100_000));
    await (await openEventLog(path)).close();
    expect((await stat(path)).size).toBe(0);
  });

  it("counts lines that are no events and drops endless ones", async () => {
    const path = join(await temporaryFolder(), "events.jsonl");
    await writeFile(path, `garbage\n\n${eventLine(phase(1))}\n`);
    await appendFile(path, `${"y".repeat(3_000_000)}\n${eventLine(phase(2))}\n`);
    expect(await readEventLog(path)).toEqual({
      items: [phase(1), phase(2)],
      torn: false,
      unreadableLines: 2,
    });
  });

  it("says what it could not read or open", async () => {
    const folder = await temporaryFolder();
    await expect(readEventLog(join(folder, "none"))).rejects.toMatchObject({ code: "RUN_FILE_UNREADABLE" });
    await expect(openEventLog(folder)).rejects.toMatchObject({ code: "RUN_FILE_WRITE_FAILED" });
  });

  it.skipIf(!existsSync("/dev/full"))(
    "says that the disk is full, for each add, and can be closed",
    async () => {
      const log = await openEventLog("/dev/full");
      await expect(log.add([phase(1)])).rejects.toThrow(/no space left on the disk/);
      await expect(log.add([phase(2)])).rejects.toThrow(/no space left on the disk/);
      await log.close().catch(() => undefined);
    },
  );
});

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
    {
      kind: "guard-tripped",
      step: 3,
      verdict: { act: "stop", by: "cap", guard: "budget", sentence: "Infinity" },
    },
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

/** An event as large as a hostile data set can make it. */
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
