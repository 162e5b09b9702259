/** @file The training method of a run, as reported by its client. */
import type { Reader } from "../database/database.ts";
import { readAmong } from "../database/rows.ts";

/**
 * Parameters that indicate a method: `method` of the built-in engine (`full`, `lora`, `qlora`), and the names under
 * which PEFT and bitsandbytes configurations are logged.
 *
 * @source huggingface/peft src/peft/config.py (`peft_type`), huggingface/transformers utils/quantization_config.py
 */
const keys = ["load_in_4bit", "method", "peft_type"] as const;

/** Methods of runs by their numbers, in lower case. Runs without such a parameter are missing. */
export async function readMethods(
  reader: Reader,
  runs: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const said = new Map<number, Map<string, string>>();
  const rows = await readAmong(
    reader,
    runs,
    (among) => `SELECT run, key, substr(value, 1, 40) AS value FROM params
      WHERE run IN (${among}) AND key IN (${keys.map((key) => `'${key}'`).join(", ")})`,
  );
  for (const row of rows) {
    const facts = said.get(Number(row["run"])) ?? new Map<string, string>();
    said.set(Number(row["run"]), facts);
    facts.set(String(row["key"]), String(row["value"]).trim().toLowerCase());
  }
  return new Map(
    [...said].flatMap(([run, facts]) => {
      const method = methodOf(facts);
      return method === null ? [] : [[run, method] as const];
    }),
  );
}

function methodOf(facts: ReadonlyMap<string, string>): string | null {
  const own = facts.get("method");
  if (own) return own;
  const adapter = facts.get("peft_type")?.replace(/^pefttype[.]/, "");
  if (!adapter) return null;
  return adapter === "lora" && facts.get("load_in_4bit") === "true" ? "qlora" : adapter;
}
