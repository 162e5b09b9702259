/** @file Names of runs that are compared. */
import { expect, test } from "vitest";
import { withOwnNames } from "../../web/src/data/run-names.ts";

test("runs of one name are told apart by the end of their ids, others keep their names", () => {
  const named = (runs: readonly (readonly [id: string, name: string])[]): string[] =>
    withOwnNames(runs.map(([id, name]) => ({ id, name }))).map(({ name }) => name);
  expect(
    named([
      ["20261129-desks-3bdc", "desks"],
      ["20261129-desks-654b", "desks"],
      ["x", "other"],
    ]),
  ).toEqual(["desks …3bdc", "desks …654b", "other"]);
  expect(
    named([
      ["1-aaaa", "a"],
      ["2-aaaa", "a"],
    ]),
  ).toEqual(["a …1-aaaa", "a …2-aaaa"]);
  expect(
    named([
      ["id1", ""],
      ["id2", ""],
    ]),
  ).toEqual(["", ""]);
});
