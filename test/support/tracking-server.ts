/** @file For tests: a tracking server on a port of its own, over a store and a folder that go away with the test. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Desk, openDesk } from "../../src/flow/index.ts";
import { mlflowProtocol, serveTracking } from "../../src/server/index.ts";
import { temporaryFolder } from "./track-disk.ts";

/** A server at work. */
export interface TestTracking {
  readonly url: string;
  readonly desk: Desk;
  /** Where artifacts lie. */
  readonly folder: string;
  /** What failed in the server itself. */
  readonly failures: unknown[];
}

/** Serves until the test ends; the store lies in memory unless one is named. */
export async function serveTest({
  store = ":memory:",
  allowed = [],
}: {
  readonly store?: string;
  readonly allowed?: readonly string[];
} = {}): Promise<TestTracking> {
  const folder = join(await temporaryFolder(), "artifacts");
  const desk = await openDesk({ store, artifacts: folder }, { now: () => new Date(), random: Math.random });
  const failures: unknown[] = [];
  const server = await serveTracking({
    host: "127.0.0.1",
    port: 0,
    protocols: [mlflowProtocol(desk, "3.18.0", { own: "mlflow-artifacts:", allowed })],
    identify: null,
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(async () => {
    await server.close(0);
    await desk.close();
  });
  return { url: server.url, desk, folder, failures };
}
