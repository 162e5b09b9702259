/** @file A duplicate is refused even if the store cannot record the refusal. */
import { expect, test } from "vitest";
import { run } from "../../../../../test/support/sample-records.ts";
import { problem } from "../../problem/index.ts";
import { noteRefused } from "./earlier-runs.ts";

const runtime = { now: () => new Date(7) };

test("notes who was refused when, and what stood in the way", async () => {
  const noted: object[] = [];
  const noteRefusal = async (refusal: object): Promise<void> => void noted.push(refusal);
  await noteRefused({ noteRefusal }, run("a"), "f".repeat(64), runtime);
  expect(noted).toEqual([{ ms: 7, person: "", fingerprint: "f".repeat(64), earlier: "a" }]);
});

test("a store that is busy changes nothing, and a fault of ours is no silence", async () => {
  const busy = problem("STORE_BUSY", { path: "x", seconds: 5 });
  const note = (error: Error): Promise<void> =>
    noteRefused({ noteRefusal: () => Promise.reject(error) }, run("a"), "f", runtime);
  await expect(note(busy)).resolves.toBeUndefined();
  await expect(note(new TypeError("x"))).rejects.toThrow("x");
});
