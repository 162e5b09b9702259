/** @file The purge covers every table that belongs to a run or a model, including tables added later. */
import { expect, test } from "vitest";
import { schemaTables } from "../archive/schema-tables.ts";
import { modelTables, runTables } from "./purge-rows.ts";

/** The ledger, the cost of commands, and data of a project that a run created. */
const kept = ["spend", "launches", "wandb_artifacts"];

test("no table of runs or of logged models is forgotten", async () => {
  const tables = await schemaTables();
  // Only integer columns count: text columns in the registry refer to runs that may not exist here.
  const ofRuns = tables.filter(({ columns }) => columns["run"] === "integer").map(({ name }) => name);
  expect([...runTables, ...kept].sort()).toEqual(ofRuns.sort());
  const ofModels = tables.filter(
    ({ name, columns }) => columns["model"] === "integer" && !/regist|version|alias/.test(name),
  );
  expect([...modelTables].sort()).toEqual(ofModels.map(({ name }) => name).sort());
});
