/**
 * A command under a budget on a disk that fails at the n-th write of the front or the supervisor. The command starts at
 * most once, is charged exactly once to the micro-dollar, is ended by its budget, and leaves no process and no open run
 * behind.
 */
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { faultTurns } from "../support/fault-turns.ts";
import { ownFolder } from "../support/faults.ts";
import { commands, meetInExec, type Who, writePreload } from "../support/faulty-exec.ts";

const tools = vi.hoisted(() => ({ preload: "" }));
vi.mock("../../packages/tunewise/src/cli/exec/machine.ts", async (original) => {
  const { createMachine } =
    await original<typeof import("../../packages/tunewise/src/cli/exec/machine.ts")>();
  const words = (): string[] => [process.execPath, "--import", tools.preload, "dist/cli/supervisor.js"];
  return { createMachine: () => ({ ...createMachine(), supervisor: words().map(absolute) }) };
});
const absolute = (word: string): string => (word.startsWith("dist/") ? resolve(word) : word);

const folder = ownFolder("exec-preload");
tools.preload = writePreload(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

const cases = Object.keys(commands).flatMap((name) =>
  (["front", "supervisor"] satisfies Who[]).map((who) => ({ name: name as keyof typeof commands, who })),
);

describe.skipIf(process.platform !== "linux")("a command in a budget, on a disk that fails", () => {
  test.each(cases)("the $name command, its $who", { timeout: 900_000 }, async ({ name, who }) => {
    const command = commands[name];
    const whole = await meetInExec(command, who, null);
    expect(whole).toMatchObject({ wrong: [], fired: false, said: { code: command.code } });
    expect(whole.operations.length).toBeGreaterThan(10);
    const { turns, again } = faultTurns(whole.operations, { usualStride: 12 });
    console.info(again);
    const wrong: string[] = [];
    for (const { at, kind } of turns) {
      const met = await meetInExec(command, who, { at, kind });
      wrong.push(...met.wrong.map((line) => `${at} ${whole.operations[at - 1]}, ${kind}: ${line}`));
    }
    expect(wrong).toEqual([]);
  });
});
