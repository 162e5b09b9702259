/**
 * @file Which file does a command's work. Each is imported when its command is called, so that help stays quick.
 */
import type { Handler } from "./command.ts";

const handlers: ReadonlyMap<string, () => Promise<{ readonly handle: Handler }>> = new Map([
  ["init", () => import("./handlers/init.ts")],
  ["check", () => import("./handlers/check.ts")],
  ["plan", () => import("./handlers/plan.ts")],
  ["run", () => import("./handlers/run.ts")],
  ["resume", () => import("./handlers/resume.ts")],
  ["evaluate", () => import("./handlers/evaluate.ts")],
  ["try", () => import("./handlers/try.ts")],
  ["search", () => import("./handlers/search.ts")],
  ["generate", () => import("./handlers/generate.ts")],
  ["import", () => import("./handlers/import.ts")],
  ["export", () => import("./handlers/export.ts")],
  ["exec", () => import("./handlers/exec.ts")],
  ["chat", () => import("./handlers/chat.ts")],
  ["serve-model", () => import("./handlers/serve-model.ts")],
  ["demo", () => import("./handlers/demo.ts")],
  ["prices", () => import("./handlers/prices.ts")],
  ["compare", () => import("./handlers/compare.ts")],
  ["serve", () => import("./handlers/serve.ts")],
  ["backup", () => import("./handlers/backup.ts")],
  ["restore", () => import("./handlers/restore.ts")],
  ["spend", () => import("./handlers/spend.ts")],
  ["budget", () => import("./handlers/budget.ts")],
  ["stop", () => import("./handlers/stop.ts")],
  ["charge", () => import("./handlers/charge.ts")],
  ["users", () => import("./handlers/users.ts")],
  ["tokens", () => import("./handlers/tokens.ts")],
  ["projects", () => import("./handlers/projects.ts")],
  ["audit", () => import("./handlers/audit.ts")],
  ["runs", () => import("./handlers/runs.ts")],
  ["show", () => import("./handlers/show.ts")],
  ["doctor", () => import("./handlers/doctor.ts")],
  ["explain", () => import("./handlers/explain.ts")],
  ["completion", () => import("./handlers/completion.ts")],
  ["help", () => import("./handlers/help.ts")],
]);

/** Names of the commands that have a handler. */
export const handledCommands: readonly string[] = [...handlers.keys()];

/** The handler of a command of the table. */
export async function loadHandler(command: string): Promise<Handler> {
  const load = handlers.get(command);
  if (load === undefined) throw new Error(`Internal: the command ${command} has no handler`);
  return (await load()).handle;
}
