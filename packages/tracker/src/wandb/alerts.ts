/** @file Alerts that a program raised about its run. They are stored with the run's rows, as a separate kind. */

import type { Reader, Transaction } from "../database/database.ts";
import { problem } from "../problem/index.ts";
import { keepable, readLooseObject } from "./loose-json.ts";

/** An alert. */
export interface RunAlert {
  readonly title: string;
  readonly text: string;
  readonly severity: AlertSeverity;
  /** Milliseconds since 1970. */
  readonly ms: number;
}

/** Severity of an alert. */
export type AlertSeverity = "INFO" | "WARN" | "ERROR";

/** Maximum length of title and text; the rest is cut off. */
const maxTitle = 200;
const maxText = 10_000;
/** Maximum alerts per run. */
export const maxAlerts = 1_000;

/**
 * Stores an alert.
 *
 * @param run number of the run
 * @throws {TunewiseError} `ALERTS_TOO_MANY`
 */
export async function addAlert(transaction: Transaction, run: number, alert: RunAlert): Promise<RunAlert> {
  const sql = "SELECT count(*) AS count FROM wandb_rows WHERE run = ? AND kind = 'alert'";
  const [row] = await transaction.all(sql, run);
  const count = Number(row?.["count"] ?? 0);
  if (count >= maxAlerts) throw problem("ALERTS_TOO_MANY", { most: maxAlerts });
  const kept = {
    ...alert,
    title: keepable(alert.title).slice(0, maxTitle),
    text: keepable(alert.text).slice(0, maxText),
  };
  await transaction.run(
    "INSERT INTO wandb_rows (run, kind, line, step, content) VALUES (?, 'alert', ?, 0, ?)",
    ...[run, count, JSON.stringify(kept)],
  );
  return kept;
}

/** Alerts of a run, oldest first. */
export async function readAlerts(reader: Reader, run: number): Promise<RunAlert[]> {
  const sql = "SELECT content FROM wandb_rows WHERE run = ? AND kind = 'alert' ORDER BY line LIMIT ?";
  return (await reader.all(sql, run, maxAlerts)).map(({ content }) => {
    const { title, text, severity, ms } = readLooseObject(String(content)) ?? {};
    return {
      title: String(title ?? ""),
      text: String(text ?? ""),
      severity: severityFrom(severity),
      ms: Number(ms ?? 0),
    };
  });
}

/** Parses a severity; `INFO` if it is unknown. */
export function severityFrom(word: unknown): AlertSeverity {
  return word === "WARN" || word === "ERROR" ? word : "INFO";
}
