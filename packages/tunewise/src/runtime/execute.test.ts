import { expect, test } from "vitest";
import { createRuntime } from "./runtime.ts";

test("a program that does not answer in its time is ended", async () => {
  const { sources } = createRuntime(".", new AbortController().signal, "test");
  const endless = [process.execPath, ["-e", "setInterval(() => {}, 1000)"]] as const;
  const start = performance.now();
  expect((await sources.execute?.(...endless, 0.5))?.code).not.toBe(0);
  expect(performance.now() - start).toBeLessThan(30_000);
  expect(await sources.execute?.(process.execPath, ["-e", "console.log(1)"], 60)).toEqual({
    code: 0,
    output: "1\n",
  });
});
