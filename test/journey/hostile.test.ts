/**
 * @file Files crafted to block a reader or exhaust its memory: every command ends within its time and memory limits, by
 * itself and by Ctrl-C.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { hostileCases, writeSoundProject } from "../support/hostile-files.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Watched, watchProcess } from "../support/watched-process.ts";

/** From the start, or from the first Ctrl-C: twice the time that an idle machine needs. */
const maxSeconds = 20;
const maxBytes = 1e9;

async function meet(at: number, interruptAfter?: number): Promise<Watched> {
  const one = hostileCases[at];
  if (one === undefined) throw new Error(`there is no case ${at}`);
  const folder = temporaryFolder();
  writeSoundProject(folder);
  const end = await one.write(folder);
  if (end) onTestFinished(end);
  const after = interruptAfter === undefined ? {} : { interruptAfter };
  return watchProcess({ folder, words: one.words, limitSeconds: 2 * maxSeconds, ...after });
}

const names = hostileCases.map(({ name }, at): [string, number] => [name, at]);

describe.skipIf(process.platform !== "linux")("hostile files", () => {
  test("are many", () => expect(hostileCases.length).toBeGreaterThanOrEqual(30));

  test.each(names)("%s: ends by itself, and says what is wrong", async (_, at) => {
    const { hung, seconds, peakBytes, signal, out, err } = await meet(at);
    expect({ hung, signal }).toEqual({ hung: false, signal: null });
    expect(seconds).toBeLessThan(maxSeconds);
    expect(peakBytes).toBeLessThan(maxBytes);
    expect(`${out}${err}`).not.toMatch(/bug of tunewise|Internal:|FATAL ERROR/);
  });

  test.each(names)("%s: ends by Ctrl-C", async (_, at) => {
    const { hung, seconds, peakBytes } = await meet(at, 1);
    expect(hung).toBe(false);
    expect(seconds).toBeLessThan(maxSeconds / 2);
    expect(peakBytes).toBeLessThan(maxBytes);
  });
});

/** The same program, blocked in a way that no timeout covers. */
describe.skipIf(process.platform !== "linux")("a process that never gives its listeners a turn", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("ends by the second %s", async (interrupt) => {
    const folder = temporaryFolder();
    const blocked = new URL("../support/blocked-program.ts", import.meta.url).pathname;
    const end = await watchProcess({
      folder,
      words: [],
      program: blocked,
      limitSeconds: 20,
      interruptAfter: "output",
      interrupt,
    });
    expect(end).toMatchObject({ hung: false, signal: interrupt });
    expect(end.out).toContain("blocked");
    expect(end.seconds).toBeGreaterThan(0.9); // the first signal only requests a stop
  });
});
