/** @file For tests: a tracking server on its own port, with a store and a folder that are removed with the test. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  addTrackedRun,
  type Environment,
  openTrackingContext,
  type TrackingContext,
} from "@tunewise/tracker";
import { mlflowProtocol, serveTracking, type TrackingServer, wandbProtocol } from "@tunewise/tracker/server";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./track-disk.ts";

/** A running server. */
export interface TestTracking {
  readonly url: string;
  readonly context: TrackingContext;
  /** Folder of the artifacts. */
  readonly folder: string;
  /** Errors inside the server. */
  readonly failures: unknown[];
}

/** Starts a server until the test ends, by default with a store in memory and a temporary folder for files. */
export async function serveTest({
  store = ":memory:",
  allowed = [],
  links,
  artifacts,
  environment = {},
  isShared = false,
}: {
  readonly store?: string;
  readonly allowed?: readonly string[];
  /** Allowed external sources of model versions; default: the server's default. */
  readonly links?: readonly string[];
  readonly artifacts?: string;
  readonly environment?: Environment;
  /** Whether clients receive the folder itself as artifact location, as in MLflow's own tests. */
  readonly isShared?: boolean;
} = {}): Promise<TestTracking> {
  const folder = join(await temporaryFolder(), "artifacts");
  const context = await openTrackingContext(
    { store, artifacts: artifacts ?? folder },
    { now: () => new Date(), random: Math.random, environment },
  );
  const failures: unknown[] = [];
  const own = isShared ? pathToFileURL(folder).href : "mlflow-artifacts:";
  const server = await serveTracking({
    host: "127.0.0.1",
    port: 0,
    protocols: [
      mlflowProtocol(context, "3.18.0", { own, allowed, ...(links && { links }) }),
      wandbProtocol(context),
    ],
    identify: null,
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(async () => {
    await server.close(0);
    await context.close();
  });
  return { url: server.url, context, folder, failures };
}

/** A server with MLflow's routes, and its context. */
export async function trackingServer(): Promise<{ context: TrackingContext; server: TrackingServer }> {
  const folder = await temporaryFolder();
  const runtime = { now: () => new Date(), random: Math.random };
  const context = await openTrackingContext(
    { store: join(folder, "store.sqlite"), artifacts: join(folder, "files") },
    runtime,
  );
  const protocols = [mlflowProtocol(context, "3.18.0")];
  const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols, identify: null });
  onTestFinished(async () => {
    await server.close(1);
    await context.close();
  });
  return { context, server };
}

/** Adds a run to project 0. */
export async function addRun(context: TrackingContext, id: string): Promise<void> {
  const about = {
    name: id,
    status: "running",
    client: "mlflow",
    person: "ada",
    purpose: "experiment",
  } as const;
  await context.write((transaction) =>
    addTrackedRun(transaction, {
      id,
      project: 0,
      startedMs: context.now(),
      fingerprint: null,
      family: null,
      tags: [],
      ...about,
    }),
  );
}
