/**
 * @file A run's configuration and summary. Other than the parameters of MLflow's clients, a configuration may change
 * while the run goes on: the last word counts.
 */
import type { Transaction } from "../database/database.ts";
import { putFacts, runParams } from "../tracking/facts.ts";
import { isObject, keepable, readLooseObject } from "./loose-json.ts";

/** A parameter is shown and searched; the whole of a longer value stands in the configuration's JSON. */
const valueLettersMost = 6000;
const keyBytesMost = 1000;
const depthMost = 16;

/** Keeps a configuration, and its values as the run's parameters. */
export async function keepConfig(transaction: Transaction, run: number, config: string): Promise<void> {
  await transaction.run("UPDATE wandb_runs SET config = ? WHERE run = ?", keepable(config), run);
  await transaction.run("DELETE FROM params WHERE run = ?", run);
  const facts = [...configFacts(config)].map(([key, value]) => ({ key, value }));
  await putFacts(transaction, runParams, run, facts);
}

/** Keeps a summary. */
export async function keepSummary(transaction: Transaction, run: number, summary: string): Promise<void> {
  await transaction.run("UPDATE wandb_runs SET summary = ? WHERE run = ?", keepable(summary), run);
}

/**
 * The values of a configuration by their keys; nested ones under keys with dots.
 *
 * @source wandb/wandb core/internal/runconfig: `{"key": {"value": ..., "desc": ...}}`, with the client's own under
 *   `_wandb`
 */
export function configFacts(config: string): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  for (const [key, entry] of Object.entries(readLooseObject(config) ?? {})) {
    if (key === "_wandb") continue;
    addFacts(facts, key, isObject(entry) && "value" in entry ? entry["value"] : entry, 0);
  }
  return facts;
}

function addFacts(facts: Map<string, string>, key: string, value: unknown, depth: number): void {
  if (isObject(value) && Object.keys(value).length > 0 && depth < depthMost) {
    for (const [name, inner] of Object.entries(value)) addFacts(facts, `${key}.${name}`, inner, depth + 1);
    return;
  }
  if (Buffer.byteLength(key) > keyBytesMost || key === "") return;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  facts.set(keepable(key), keepable(text).slice(0, valueLettersMost));
}
