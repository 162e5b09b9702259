/**
 * @file Version 4: how far the store has read the journals of runs, and hyper-parameters of runs that had none.
 */
import type { Transaction } from "../database/database.ts";
import { addHyperparameters } from "../record/run-params.ts";

/** `position` is the number of the last entry of the run's journal that is in the store. */
export const journalTables: readonly string[] = [
  `CREATE TABLE journals (
     run {integer} PRIMARY KEY REFERENCES runs (number), position {integer} NOT NULL) {table}`,
];

/** Runs of this engine get the hyper-parameters that new ones have from the beginning. */
export async function nameHyperparameters(transaction: Transaction): Promise<void> {
  for (const { run, configuration } of await transaction.all("SELECT run, configuration FROM recipe_runs")) {
    await addHyperparameters(transaction, Number(run), String(configuration));
    await transaction.run("UPDATE runs SET document = NULL WHERE number = ?", Number(run));
  }
}
