/** @file Paths in a hostile file cannot reach anything outside their own object. */
import { expect, test } from "vitest";
import { dropAt, putAt } from "./put-at.ts";

test("values go to paths, and never to what all objects share", () => {
  const target: Record<string, unknown> = {};
  putAt(target, ["a"], { b: 1 });
  putAt(target, ["a", "c", "d"], 2);
  putAt(target, ["a", "b", "x"], 3);
  for (const path of [
    ["__proto__", "bad"],
    ["a", "__proto__", "bad"],
    ["a", "constructor", "prototype", "bad"],
  ]) {
    putAt(target, path, "yes");
    expect(({} as Record<string, unknown>)["bad"]).toBeUndefined();
  }
  expect(target["a"]).toMatchObject({ b: { x: 3 }, c: { d: 2 } });
  dropAt(target, ["a", "c", "d"]);
  dropAt(target, ["a", "toString"]);
  dropAt(target, ["none", "of", "it"]);
  dropAt({}, ["__proto__", "toString"]);
  expect([(target["a"] as { c: object }).c, typeof {}.toString]).toEqual([{}, "function"]);
});
