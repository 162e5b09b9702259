/** @file Builds the environment of a wrapped command, so that its MLflow and W&B clients log to tunewise. */
import type { CommandFingerprint } from "./fingerprint/fingerprint.ts";
import { stopFile } from "./meter/meter-file.ts";

/** Variable that tells each process of the command its run id. */
export const runIdVariable = "TUNEWISE_RUN_ID";

/** Input for the command's environment. */
export interface CommandWorld {
  readonly runId: string;
  /** Absolute path of the folder with the run's meter. */
  readonly folder: string;
  /** The user's own variables; all are kept, except those that name logging servers, projects and keys. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Address of the tracking server; `null` leaves the clients' destination unchanged. */
  readonly server: string | null;
  /** API key of the tracking server; W&B's clients require at least 40 characters. */
  readonly apiKey: string | null;
  /** MLflow's experiment and W&B's project; `null` leaves them to the command. */
  readonly project: string | null;
  readonly fingerprint: CommandFingerprint | null;
}

/** Max. length of a W&B tag. @source wandb/wandb wandb/sdk/wandb_settings.py, run tags: 1 to 64 characters */
const maxWandbTagChars = 64;
/** Min. length of a key that W&B's clients send; a server without users accepts any key. */
const wandbKeyChars = 40;
/** Characters of a fingerprint in a W&B tag: 160 bits. */
const wandbPrintChars = 40;

/**
 * Builds the complete environment of the command.
 *
 * Both clients send the fingerprint in their first call: MLflow adds the JSON of `MLFLOW_RUN_CONTEXT` to the tags of
 * `runs/create`, and W&B sends `WANDB_TAGS` with `UpsertBucket`. Tags that the user has set there are kept.
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
  // For callbacks on other machines, which have no key.
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
