import { expect, test } from "vitest";
import type { Session } from "../runtime/session.ts";
import { ProgramCache } from "./program-cache.ts";

function fakes(): { make: (name: string) => () => Promise<Session[]>; log: string[] } {
  const log: string[] = [];
  const make = (name: string) => async (): Promise<Session[]> => {
    log.push(`make ${name}`);
    return [{ close: async () => void log.push(`close ${name}`) } as Session];
  };
  return { make, log };
}

test("the group used longest ago goes, with all its programs", async () => {
  const { make, log } = fakes();
  const shelf = new ProgramCache(2);
  await shelf.get("a", "1", make("a1"));
  await shelf.get("a", "2", make("a2"));
  await shelf.get("b", "1", make("b1"));
  await shelf.get("a", "1", make("a1"));
  await shelf.get("c", "1", make("c1"));
  await shelf.get("b", "1", make("b1"));
  expect(log).toEqual([
    "make a1",
    "make a2",
    "make b1",
    "close b1",
    "make c1",
    "close a1",
    "close a2",
    "make b1",
  ]);
});

test("programs asked for at once are made once", async () => {
  const { make, log } = fakes();
  const shelf = new ProgramCache(1);
  const [one, two] = await Promise.all([shelf.get("a", "1", make("a1")), shelf.get("a", "1", make("a1"))]);
  expect(one).toBe(two);
  await shelf.clear();
  expect(log).toEqual(["make a1", "close a1"]);
});
