/** @file For tests: a tracking server on a port of its own, over a store and a folder that go away with the test. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { addTrackedRun, type Environment } from "@tunewise/tracker";
import { onTestFinished } from "vitest";
import { openTrackingContext, type TrackingContext } from "../../packages/tunewise/src/app/tracking/index.ts";
import {
  mlflowProtocol,
  serveTracking,
  type TrackingServer,
  wandbProtocol,
} from "../../packages/tunewise/src/server/index.ts";
import { temporaryFolder } from "./track-disk.ts";

/** A server at work. */
export interface TestTracking {
  readonly url: string;
  readonly context: TrackingContext;
  /** Where artifacts lie. */
  readonly folder: string;
  /** What failed in the server itself. */
  readonly failures: unknown[];
}

/** Serves until the test ends; the store lies in memory and files in a folder unless others are named. */
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
  /** Sources of versions outside; the default of the server without. */
  readonly links?: readonly string[];
  readonly artifacts?: string;
  readonly environment?: Environment;
  /** Whether clients are told the folder itself, as in MLflow's own tests. */
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

/** A server with MLflow's routes, and what it works with. */
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
      ...{ id, project: 0, startedMs: context.now(), fingerprint: null, family: null, tags: [], ...about },
    }),
  );
}
