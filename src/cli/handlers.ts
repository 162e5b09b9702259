/** @file The file that executes each command. It is imported when its command is called, which keeps help fast. */
import type { Handler } from "./command.ts";

const handlers: ReadonlyMap<string, () => Promise<{ readonly handle: Handler }>> = new Map([
  ["init", () => import("./handlers/init.ts")],
  ["doctor", () => import("./handlers/doctor.ts")],
  ["check", () => import("./handlers/check.ts")],
  ["plan", () => import("./handlers/plan.ts")],
  ["run", () => import("./handlers/run.ts")],
  ["resume", () => import("./handlers/resume.ts")],
  ["try", () => import("./handlers/try.ts")],
  ["search", () => import("./handlers/search.ts")],
  ["compare", () => import("./handlers/compare.ts")],
  ["exec", () => import("./handlers/exec.ts")],
  ["demo", () => import("./handlers/demo.ts")],
  ["runs list", () => import("./handlers/runs.ts")],
  ["runs show", () => import("./handlers/show.ts")],
  ["runs stop", () => import("./handlers/stop.ts")],
  ["runs evaluate", () => import("./handlers/evaluate.ts")],
  ["runs charge", () => import("./handlers/charge.ts")],
  ["model chat", () => import("./handlers/chat.ts")],
  ["model generate", () => import("./handlers/generate.ts")],
  ["model serve", () => import("./handlers/serve-model.ts")],
  ["model export", () => import("./handlers/export.ts")],
  ["prices list", () => import("./handlers/prices.ts")],
  ["prices update", () => import("./handlers/update-prices.ts")],
  ["cost report", () => import("./handlers/spend.ts")],
  ["cost budget", () => import("./handlers/budget.ts")],
  ["store import", () => import("./handlers/import.ts")],
  ["store export", () => import("./handlers/export-histories.ts")],
  ["store backup", () => import("./handlers/backup.ts")],
  ["store restore", () => import("./handlers/restore.ts")],
  ["server start", () => import("./handlers/serve.ts")],
  ["server user", () => import("./handlers/users.ts")],
  ["server token", () => import("./handlers/tokens.ts")],
  ["server role", () => import("./handlers/projects.ts")],
  ["server audit", () => import("./handlers/audit.ts")],
  ["help", () => import("./handlers/help.ts")],
  ["explain", () => import("./handlers/explain.ts")],
  ["completion", () => import("./handlers/completion.ts")],
  ["export", () => import("./handlers/former-export.ts")],
]);

/** Names of the commands that have a handler. */
export const handledCommands: readonly string[] = [...handlers.keys()];

/** The handler of a command of the table. */
export async function loadHandler(command: string): Promise<Handler> {
  const load = handlers.get(command);
  if (load === undefined) throw new Error(`Internal: the command ${command} has no handler`);
  return (await load()).handle;
}
