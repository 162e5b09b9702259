/** @file For tests: a tracking server on a free port of this machine, with a store and artifacts of its own. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Desk, openDesk } from "../../src/flow/index.ts";
import { mlflowProtocol, serveTracking, type TrackingServer } from "../../src/server/index.ts";
import { addTrackedRun } from "../../src/track/index.ts";
import { temporaryFolder } from "./track-disk.ts";

/** A server with MLflow's routes, and what it works with. */
export async function trackingServer(): Promise<{ desk: Desk; server: TrackingServer }> {
  const folder = await temporaryFolder();
  const host = { now: () => new Date(), random: Math.random };
  const desk = await openDesk(
    { store: join(folder, "store.sqlite"), artifacts: join(folder, "files") },
    host,
  );
  const protocols = [mlflowProtocol(desk, "3.18.0")];
  const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols, identify: null });
  onTestFinished(async () => {
    await server.close(1);
    await desk.close();
  });
  return { desk, server };
}

/** Adds a run to project 0. */
export async function addRun(desk: Desk, id: string): Promise<void> {
  const about = {
    name: id,
    status: "running",
    client: "mlflow",
    person: "ada",
    purpose: "experiment",
  } as const;
  await desk.write((transaction) =>
    addTrackedRun(transaction, {
      ...{ id, project: 0, startedMs: desk.now(), fingerprint: null, family: null, tags: [], ...about },
    }),
  );
}
