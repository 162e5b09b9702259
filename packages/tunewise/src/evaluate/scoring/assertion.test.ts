import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { assertionTypes } from "./assertion.ts";

test("the types that are judged are those that docs/decision.md names", () => {
  const page = readFileSync("docs/decision.md", "utf8");
  const [, named = ""] = /the other way round\): (.*?), each with `not-`/s.exec(page) ?? [];
  const listed = [...named.matchAll(/`([a-z-]+)`/g)]
    .map(([, name]) => name ?? "")
    .filter((name) => name !== "i");
  const withoutCase = ["icontains", "icontains-all", "icontains-any"];
  expect([...assertionTypes].sort()).toEqual([...listed, ...withoutCase].sort());
});
