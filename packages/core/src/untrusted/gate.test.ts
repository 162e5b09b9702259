import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

test("a gate lets so many through, in order, and goes on after a failure", async () => {
  const gate = createGate(2);
  let [inside, most] = [0, 0];
  const order: number[] = [];
  const works = Array.from({ length: 9 }, (_, at) =>
    gate(async () => {
      most = Math.max(most, ++inside);
      order.push(at);
      await new Promise((turn) => setTimeout(turn, 1));
      inside--;
      if (at === 3) throw new Error("one");
    }),
  );
  const ends = await Promise.allSettled(works);
  expect(ends.map(({ status }) => status).filter((status) => status === "rejected")).toHaveLength(1);
  expect([most, order]).toEqual([2, [0, 1, 2, 3, 4, 5, 6, 7, 8]]);
});

test("a gate lets so many through at once, so many wait, and the next one in after a failure too", async () => {
  const gate = createGate(1, 1);
  const ends: (() => void)[] = [];
  const slow = (): Promise<string> => new Promise((end) => ends.push(() => end("done")));
  const [first, second] = [gate(slow), gate(() => Promise.reject(new Error("no")))];
  expect(await gate(slow)).toBe(null);
  ends[0]?.();
  expect(await first).toBe("done");
  await expect(second).rejects.toThrow("no");
  expect(await gate(async () => 1)).toBe(1);
});
