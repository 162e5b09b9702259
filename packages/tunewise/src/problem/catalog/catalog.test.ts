import { readdirSync } from "node:fs";
import { problemCatalog, systemEntries } from "@tunewise/core/problem";
import { datacheckEntries } from "@tunewise/datacheck/problem";
import { engineEntries } from "@tunewise/engine/problem";
import { trackerEntries } from "@tunewise/tracker/problem";
import { describe, expect, it } from "vitest";
import { entries as worded } from "./index.ts";

const problems = problemCatalog(worded).kinds;

const entries = Object.entries(problems);

describe.each(entries)("%s", (code, kind) => {
  it("is upper snake with the subject first", () => {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/);
  });

  it("has a title of a few words, without numbers to fill in and without a full stop", () => {
    expect(kind.title).toMatch(/^[A-Z`].*[^.!]$/);
    expect(kind.title).not.toContain("{");
    expect(kind.title.split(" ").length).toBeLessThanOrEqual(12);
  });

  it("says what happened and what to do", () => {
    expect(kind.message.length).toBeGreaterThan(0);
    expect(kind.fix.length).toBeGreaterThan(0);
  });

  it("explains itself in sentences of its own", () => {
    expect(kind.docs).toMatch(/^.{30,}[.`]$/s);
    expect(kind.docs).not.toBe(kind.message);
  });

  it("keeps calm", () => {
    expect(`${kind.title} ${kind.message} ${kind.fix} ${kind.docs}`).not.toMatch(
      /oops|sorry|please|!(?![=\]])/i,
    );
  });

  it("ends the process with a code that is documented", () => {
    expect([1, 2, 3, 4, 64, 130]).toContain(kind.exitCode);
    expect(kind.since).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe("the catalog", () => {
  it("sends nobody in a circle: no fix for data or a recipe is the command that found the fault", () => {
    const circles = Object.entries(problems).filter(
      ([code, { fix }]) => /^(DATA|RECIPE)_/.test(code) && /^tunewise check$/.test(fix),
    );
    expect(circles.map(([code]) => code)).toEqual([]);
  });

  it("loses no code to another file's code of the same name", async () => {
    const files = readdirSync(new URL(".//", import.meta.url)).filter(
      (name) => !/^index|\.test\./.test(name),
    );
    const parts = await Promise.all(files.map((name) => import(`./${name}`)));
    const below = { systemEntries, engineEntries, datacheckEntries, trackerEntries };
    const codes = [...parts, below].flatMap((part: Record<string, object>) =>
      Object.values(part).flatMap(Object.keys),
    );
    expect(codes.sort()).toEqual(Object.keys(problems).sort());
  });
});
