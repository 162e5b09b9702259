/** @file Logs a run during training to all servers that its recipe names, with settings from the environment. */

import type { Metric } from "@tunewise/core/run";
import { type LiveRun, openRest, wandbServer } from "@tunewise/tracker";
import type { TrackerName } from "../../../prepare/index.ts";
import { problem } from "../../../problem/index.ts";
import { hyperparametersOf, type Recipe, type TrackingSection } from "../../../recipe/index.ts";
import type { Runtime } from "../../../runtime/index.ts";
import { LiveLog, type LivePace } from "./live-log.ts";
import { MlflowTracker } from "./mlflow-tracker.ts";
import type { LiveLogEnd, RunEnding, Tracker } from "./tracker.ts";
import { WandbTracker } from "./wandb-tracker.ts";

const usualPace: Readonly<Record<TrackerName, LivePace>> = {
  mlflow: { pace: 2_000, pause: 5_000, maxPause: 60_000, end: 15_000 },
  // the same interval as W&B's own client
  wandb: { pace: 15_000, pause: 5_000, maxPause: 60_000, end: 15_000 },
};

/** W&B's own server. */
const wandbDefault = "https://api.wandb.ai";

/** Address of a W&B server, and the account for logging. */
interface WandbTarget {
  readonly address: string;
  readonly key: string;
  readonly entity: string | null;
  /** `null` for the recipe's name. */
  readonly project: string | null;
}

/** Addresses and credentials; `null` for servers that are not used. */
export interface LiveTargets {
  readonly mlflow: string | null;
  readonly wandb: WandbTarget | null;
}

/**
 * Resolves the servers that a recipe names, with values from the environment. Throws before training begins if a value
 * is missing.
 *
 * @throws {TunewiseError} `TRACKING_ADDRESS_INVALID`, `TRACKING_KEY_MISSING`
 */
export function liveTargets(
  tracking: TrackingSection,
  { environment }: Pick<Runtime, "environment">,
): LiveTargets {
  return { mlflow: mlflowAddress(tracking, environment), wandb: wandbTarget(tracking, environment) };
}

function mlflowAddress({ mlflow }: TrackingSection, environment: Runtime["environment"]): string | null {
  if (mlflow === null) return null;
  const address = mlflow === "env" ? (environment["MLFLOW_TRACKING_URI"] ?? "") : mlflow;
  if (isAddress(address)) return address;
  const about = { tracker: "MLflow", variable: "MLFLOW_TRACKING_URI", key: "mlflow" };
  throw problem("TRACKING_ADDRESS_INVALID", {
    ...about,
    example: "https://mlflow.example",
    found: address === "" ? "it is not set" : "it is not an http or https address",
  });
}

function wandbTarget(
  { wandb, entity, experiment }: TrackingSection,
  environment: Runtime["environment"],
): WandbTarget | null {
  if (wandb === null) return null;
  const isOfEnvironment = wandb === "env";
  const said = (variable: string): string | null => (isOfEnvironment && environment[variable]) || null;
  const address = isOfEnvironment ? (said("WANDB_BASE_URL") ?? wandbDefault) : wandb;
  if (!isAddress(address)) {
    const about = { tracker: "W&B", variable: "WANDB_BASE_URL", key: "wandb" };
    throw problem("TRACKING_ADDRESS_INVALID", {
      ...about,
      example: wandbDefault,
      found: "it is not an http or https address",
    });
  }
  const { origin } = new URL(address);
  const key = environment["WANDB_API_KEY"]?.trim() ?? "";
  if (key === "") {
    const page = origin === wandbDefault ? "https://wandb.ai/authorize" : `${origin}/authorize`;
    throw problem("TRACKING_KEY_MISSING", { place: origin, variable: "WANDB_API_KEY", page });
  }
  return {
    address,
    key,
    entity: entity ?? said("WANDB_ENTITY"),
    project: experiment ?? said("WANDB_PROJECT"),
  };
}

function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** Logs a run to all of its servers, if it has any. */
export class LiveLogs {
  private readonly logs: readonly LiveLog[];

  constructor(logs: readonly LiveLog[]) {
    this.logs = logs;
  }

  /** Why a server requests a stop of the run; `null` if none does. */
  get stopReason(): string | null {
    return this.logs.map(({ stopReason }) => stopReason).find((reason) => reason !== null) ?? null;
  }

  /** Queues metrics. Never waits. */
  add(metrics: readonly Metric[]): void {
    for (const log of this.logs) log.add(metrics);
  }

  /**
   * Sends the remaining points and the outcome of the run, for a few seconds at most. Only the first call has an
   * effect.
   */
  end(ending: RunEnding): Promise<LiveLogEnd[]> {
    return Promise.all(this.logs.map((log) => log.end(ending)));
  }
}

/**
 * Opens live logs for the servers in the recipe. They send in the background.
 *
 * @throws {TunewiseError} `TRACKING_ADDRESS_INVALID`, `TRACKING_KEY_MISSING`
 */
export function openLiveLogs(
  recipe: Recipe,
  run: Pick<LiveRun, "id" | "startedMs" | "tags">,
  runtime: Pick<Runtime, "cwd" | "environment">,
  pace: Partial<LivePace> = {},
): LiveLogs {
  const { mlflow, wandb } = liveTargets(recipe.tracking, runtime);
  const { id, startedMs } = run;
  const params = Object.entries(hyperparametersOf(recipe)).map(([key, value]) => ({ key, value }));
  const logs: LiveLog[] = [];
  const open = (make: (signal: AbortSignal) => Tracker): void => {
    const stop = new AbortController();
    const tracker = make(stop.signal);
    logs.push(new LiveLog(tracker, stop, { ...usualPace[tracker.name], ...pace }));
  };
  if (mlflow !== null)
    open((signal) => {
      const rest = openRest(mlflow, { cwd: runtime.cwd, env: runtime.environment, signal });
      const person = runtime.environment["USER"] ?? runtime.environment["LOGNAME"] ?? "";
      const experiment = recipe.tracking.experiment ?? recipe.name;
      return new MlflowTracker(rest, { ...run, experiment, name: id, person, params });
    });
  if (wandb !== null)
    open((signal) => {
      const { address, key, entity, project } = wandb;
      const server = wandbServer(address, { fetch: (...request) => fetch(...request), key, signal });
      const told = { project: project ?? recipe.name, name: id, tags: ["tunewise"] };
      return new WandbTracker(server, { ...told, entity, id, startedMs, params });
    });
  return new LiveLogs(logs);
}
