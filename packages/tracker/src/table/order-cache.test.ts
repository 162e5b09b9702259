/** @file Orders are cached up to a size limit, and computed once for concurrent requests. */
import { expect, test } from "vitest";
import { createOrderCache } from "./order-cache.ts";

const find = (calls: string[], name: string, length: number) => async () => {
  calls.push(name);
  return new Float64Array(length);
};

test("an order is found once for a revision and a question", async () => {
  const [cache, calls] = [createOrderCache(), [] as string[]];
  const both = [cache.get("1", "a", find(calls, "a", 3)), cache.get("1", "a", find(calls, "again", 3))];
  expect(await both[0]).toBe(await both[1]);
  await cache.get("2", "a", find(calls, "a2", 3));
  await cache.get("1", "b", find(calls, "b", 3));
  expect(calls).toEqual(["a", "a2", "b"]);
  expect([cache.has("1", "a"), cache.has("3", "a")]).toEqual([true, false]);
});

test("the one that was asked for longest ago goes first", async () => {
  const [cache, calls] = [createOrderCache(1000), [] as string[]];
  for (const name of ["a", "b"]) await cache.get("1", name, find(calls, name, 50));
  await cache.get("1", "a", find(calls, "a", 50));
  await cache.get("1", "c", find(calls, "c", 50));
  expect(["a", "b", "c"].map((name) => cache.has("1", name))).toEqual([true, false, true]);
  expect(cache.bytes()).toBeLessThanOrEqual(1000);
});

test("one that is larger than all room is given and not kept; many small ones are bounded too", async () => {
  const [cache, calls] = [createOrderCache(1000), [] as string[]];
  expect(await cache.get("1", "large", find(calls, "large", 1000))).toHaveLength(1000);
  expect([cache.has("1", "large"), cache.bytes()]).toEqual([false, 0]);
  const small = createOrderCache();
  for (let at = 0; at < 300; at++) await small.get("1", `${at}`, find(calls, "", 0));
  expect([small.has("1", "43"), small.has("1", "44"), small.has("1", "299")]).toEqual([false, true, true]);
});

test("what failed is asked again", async () => {
  const cache = createOrderCache();
  await expect(cache.get("1", "a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await cache.get("1", "a", find([], "a", 2))).toHaveLength(2);
});
