/**
 * @file Hyper-parameters of runs of this engine, as parameters that every client reads.
 */
import { hyperparametersOf, readConfiguration } from "../../recipe/index.ts";
import type { Reader, Target, Transaction } from "../database/database.ts";

const target: Target = { table: "params", columns: { run: "integer", key: "text", value: "text" } };

/** Adds the hyper-parameters of a run's effective configuration; none where that is no recipe. */
export async function addHyperparameters(
  transaction: Transaction,
  run: number,
  configuration: string,
): Promise<void> {
  const { recipe } = readConfiguration(configuration, "configuration.json");
  const named = recipe === null ? [] : Object.entries(hyperparametersOf(recipe));
  await transaction.insert(
    target,
    named.map(([key, value]) => [run, key, value]),
    "ON CONFLICT (run, key) DO NOTHING",
  );
}

/** Parameters of a run, of whatever client, by name. */
export async function readParams(reader: Reader, run: number): Promise<Readonly<Record<string, string>>> {
  const rows = await reader.all("SELECT key, value FROM params WHERE run = ? ORDER BY key", run);
  return Object.fromEntries(rows.map(({ key, value }) => [String(key), String(value)]));
}
