/** @file Run ids: their form, whatever the name. */
import { describe, expect, it } from "vitest";
import { isRunId, makeRunId } from "./run-folder.ts";

const now = new Date("2026-11-24T20:45:12.345Z");
const cases: [string, number, string][] = [
  ["tickets", 0x7f3a / 0x10000, "20261124-204512-tickets-7f3a"],
  ["tickets", 0, "20261124-204512-tickets-0000"],
  ["tickets", 0.99999999, "20261124-204512-tickets-ffff"],
  ["My Tickets, v2", 0, "20261124-204512-my-tickets-v2-0000"],
  ["../../etc/passwd", 0, "20261124-204512-etc-passwd-0000"],
  ["Éclair", 0, "20261124-204512-e-clair-0000"],
  ["", 0, "20261124-204512-run-0000"],
  ["日本", 0, "20261124-204512-run-0000"],
  ["x".repeat(1000), 0, `20261124-204512-${"x".repeat(40)}-0000`],
  [`${"x".repeat(39)}-y`, 0, `20261124-204512-${"x".repeat(39)}-0000`],
];

describe("makeRunId", () => {
  it.each(cases)("%s", (name, random, expected) => {
    const id = makeRunId(name, now, random);
    expect(id).toBe(expected);
    expect(isRunId(id)).toBe(true);
  });
});

describe("isRunId", () => {
  it.each(["", "..", "20261124-204512-a/b-0000", "20261124-204512--0000", "20261124-204512-a-00G0", "a\n"])(
    "refuses %j",
    (text) => {
      expect(isRunId(text)).toBe(false);
    },
  );
});
