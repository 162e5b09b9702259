/** @file Every table that belongs to a run or a model is known to a purge, also one that is added later. */
import { expect, test } from "vitest";
import { schemaTables } from "../archive/schema-tables.ts";
import { modelTables, runTables } from "./purge-rows.ts";

/** The ledger, what commands cost, and what belongs to a project though a run made it. */
const kept = ["spend", "launches", "wandb_artifacts"];

test("no table of runs or of logged models is forgotten", async () => {
  const tables = await schemaTables();
  // Text columns of the registry name runs that may be anywhere.
  const ofRuns = tables.filter(({ columns }) => columns["run"] === "integer").map(({ name }) => name);
  expect([...runTables, ...kept].sort()).toEqual(ofRuns.sort());
  const ofModels = tables.filter(
    ({ name, columns }) => columns["model"] === "integer" && !/regist|version|alias/.test(name),
  );
  expect([...modelTables].sort()).toEqual(ofModels.map(({ name }) => name).sort());
});
