/** @file Maps each command to the module of its handler, which is imported on use to keep help fast. */
import type { Handler } from "./command.ts";

const handlers: ReadonlyMap<string, () => Promise<Handler>> = new Map([
  ["init", async () => (await import("./handlers/init.ts")).handle],
  ["doctor", async () => (await import("./handlers/doctor.ts")).handle],
  ["record", async () => (await import("./handlers/record.ts")).handle],
  ["check", async () => (await import("./handlers/check.ts")).handle],
  ["data show", async () => (await import("./handlers/data.ts")).handleShow],
  ["plan", async () => (await import("./handlers/plan.ts")).handle],
  ["run", async () => (await import("./handlers/run.ts")).handleRun],
  ["resume", async () => (await import("./handlers/run.ts")).handleResume],
  ["try", async () => (await import("./handlers/try.ts")).handle],
  ["search", async () => (await import("./handlers/search.ts")).handle],
  ["compare", async () => (await import("./handlers/compare.ts")).handle],
  ["freeze", async () => (await import("./handlers/freeze.ts")).handle],
  ["exec", async () => (await import("./handlers/exec.ts")).handle],
  ["demo", async () => (await import("./handlers/run.ts")).handleDemo],
  ["runs list", async () => (await import("./handlers/runs.ts")).handleList],
  ["runs show", async () => (await import("./handlers/runs.ts")).handleShow],
  ["runs stop", async () => (await import("./handlers/runs.ts")).handleStop],
  ["runs delete", async () => (await import("./handlers/runs.ts")).handleDelete],
  ["runs restore", async () => (await import("./handlers/runs.ts")).handleRestore],
  ["runs evaluate", async () => (await import("./handlers/evaluate.ts")).handle],
  ["runs charge", async () => (await import("./handlers/spending.ts")).handleCharge],
  ["model chat", async () => (await import("./handlers/chat.ts")).handle],
  ["model generate", async () => (await import("./handlers/generate.ts")).handle],
  ["model serve", async () => (await import("./handlers/serve-model.ts")).handle],
  ["model export", async () => (await import("./handlers/export.ts")).handle],
  ["model verify", async () => (await import("./handlers/verify.ts")).handle],
  ["runs sweep", async () => (await import("./handlers/sweep.ts")).handleSweep],
  ["worker install", async () => (await import("./handlers/worker.ts")).handleInstall],
  ["worker show", async () => (await import("./handlers/worker.ts")).handleShow],
  ["prices list", async () => (await import("./handlers/prices.ts")).handleList],
  ["prices update", async () => (await import("./handlers/prices.ts")).handleUpdate],
  ["cost report", async () => (await import("./handlers/spending.ts")).handleReport],
  ["cost move", async () => (await import("./handlers/cost-move.ts")).handle],
  ["cost budget", async () => (await import("./handlers/spending.ts")).handleBudget],
  ["store import", async () => (await import("./handlers/import.ts")).handle],
  ["store export", async () => (await import("./handlers/export-histories.ts")).handle],
  ["store backup", async () => (await import("./handlers/archive.ts")).handleBackup],
  ["store restore", async () => (await import("./handlers/archive.ts")).handleRestore],
  ["store purge", async () => (await import("./handlers/purge.ts")).handle],
  ["server start", async () => (await import("./handlers/serve.ts")).handle],
  ["server user", async () => (await import("./handlers/access.ts")).handleUsers],
  ["server token", async () => (await import("./handlers/access.ts")).handleTokens],
  ["server role", async () => (await import("./handlers/access.ts")).handleRoles],
  ["server audit", async () => (await import("./handlers/access.ts")).handleAudit],
  ["help", async () => (await import("./handlers/help.ts")).handleHelp],
  ["explain", async () => (await import("./handlers/help.ts")).handleExplain],
  ["completion", async () => (await import("./handlers/help.ts")).handleCompletion],
  ["export", async () => (await import("./handlers/export.ts")).handleFormer],
]);

/** Names of the commands that have a handler. */
export const handledCommands: readonly string[] = [...handlers.keys()];

/** Loads the handler of a command. */
export async function loadHandler(command: string): Promise<Handler> {
  const load = handlers.get(command);
  if (load === undefined) throw new Error(`Internal: the command ${command} has no handler`);
  return load();
}
