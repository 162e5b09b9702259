/** @file The environment of a wrapped command, so that what it logs with MLflow or W&B lands here. */
import type { CommandFingerprint } from "./fingerprint/fingerprint.ts";
import { stopFile } from "./meter/meter-file.ts";

/** Variable that names the command to each process in it. */
export const runIdVariable = "TUNEWISE_RUN_ID";

/** What the command's environment is made from. */
export interface CommandWorld {
  readonly runId: string;
  /** Folder of the run's meter, from the root. */
  readonly folder: string;
  /** The user's own variables; all stay, except those that say where to log. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Address of the tracking server; `null`: clients log where they always did. */
  readonly server: string | null;
  /** Of the tracking server; W&B's clients want at least 40 characters. */
  readonly apiKey: string | null;
  /** MLflow's experiment, W&B's project; `null`: what the command says. */
  readonly project: string | null;
  readonly fingerprint: CommandFingerprint | null;
}

/** Longest tag that W&B takes. @source wandb/wandb wandb/sdk/wandb_settings.py, run tags: 1 to 64 characters */
const maxWandbTagChars = 64;
/** Shortest key that W&B's clients send; a server without users takes any. */
const wandbKeyChars = 40;
/** Characters of a fingerprint in a W&B tag: 160 bits. */
const wandbPrintChars = 40;

/**
 * The whole environment of the command.
 *
 * The fingerprint travels in the first call of either client: MLflow adds the JSON of `MLFLOW_RUN_CONTEXT` to the
 * tags of `runs/create`, W&B sends `WANDB_TAGS` with `UpsertBucket`. Tags the user has set there already are kept.
 *
 * @source mlflow/mlflow mlflow/tracking/context/system_environment_context.py; MLFLOW_TRACKING_TOKEN is sent as Bearer
 */
export function commandEnvironment(world: CommandWorld): Record<string, string> {
  const { inherited, runId, folder, server, apiKey, project } = world;
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) if (value !== undefined) environment[name] = value;
  environment[runIdVariable] = runId;
  environment["TUNEWISE_STOP_FILE"] = stopFile(folder);
  environment["MLFLOW_RUN_CONTEXT"] = mlflowContext(world);
  environment["WANDB_TAGS"] = wandbTags(world);
  if (project !== null) {
    environment["MLFLOW_EXPERIMENT_NAME"] = project;
    environment["WANDB_PROJECT"] = project;
  }
  if (server === null) return environment;
  const address = server.replace(/\/+$/, "");
  environment["MLFLOW_TRACKING_URI"] = address;
  environment["WANDB_BASE_URL"] = address;
  // Keys of other servers must not be sent to this one.
  for (const name of ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"]) {
    delete environment[name];
  }
  const run = `${address}/api/tunewise/v1/runs/${encodeURIComponent(runId)}`;
  environment["TUNEWISE_CHARGE_URL"] = `${run}/charges`;
  // For callbacks on other machines; these know no key.
  if (apiKey === null) environment["TUNEWISE_STOP_URL"] = `${run}/stop`;
  environment["WANDB_API_KEY"] = apiKey ?? "0".repeat(wandbKeyChars);
  if (apiKey !== null) environment["MLFLOW_TRACKING_TOKEN"] = apiKey;
  return environment;
}

function mlflowContext({ inherited, runId, fingerprint }: CommandWorld): string {
  const own = {
    "tunewise.run": runId,
    ...(fingerprint === null
      ? {}
      : { "tunewise.fingerprint": fingerprint.exact, "tunewise.family": fingerprint.family }),
  };
  return JSON.stringify({ ...tagsIn(inherited["MLFLOW_RUN_CONTEXT"]), ...own });
}

function tagsIn(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function wandbTags({ inherited, runId, fingerprint }: CommandWorld): string {
  const kept = (inherited["WANDB_TAGS"] ?? "").split(",").map((tag) => tag.trim());
  const own = [`tunewise.run=${runId}`];
  if (fingerprint !== null) {
    own.push(`tunewise.fingerprint=${fingerprint.exact.slice(0, wandbPrintChars)}`);
    own.push(`tunewise.family=${fingerprint.family.slice(0, wandbPrintChars)}`);
  }
  const fitting = own.map((tag) => tag.slice(0, maxWandbTagChars));
  return [...new Set([...kept.filter((tag) => tag !== "" && !tag.startsWith("tunewise.")), ...fitting])].join(
    ",",
  );
}
