/** @file Tests the runtime environment of a command. */
import { expect, test } from "vitest";
import { fakeIo } from "../../../../../test/journey/fake-io.ts";
import type { Console } from "../console.ts";
import { runtimeOf } from "./context.ts";

test("a command that runs inside another program is metered from its own start, not the program's", () => {
  const { io } = fakeIo({ cwd: "/" });
  let nowMs = 0;
  const console = { io: { ...io, now: () => nowMs }, quiet: false, error: () => undefined };
  const runtime = runtimeOf(console as unknown as Console);
  nowMs = 2_500;
  expect(runtime.elapsedSeconds()).toBe(2.5);
});
