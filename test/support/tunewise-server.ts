/** @file For tests: a server with tunewise's own protocol, an in-memory store, and no authentication. */

import { openTrackingContext, type TrackingContext } from "@tunewise/tracker";
import { serveTracking } from "@tunewise/tracker/server";
import { onTestFinished } from "vitest";
import { tunewiseProtocol } from "../../packages/tunewise/src/server/index.ts";
import { temporaryFolder } from "./track-disk.ts";

/** Starts a server until the test ends. */
export async function tunewiseServer(): Promise<{ readonly context: TrackingContext; readonly url: string }> {
  const places = { store: ":memory:", artifacts: await temporaryFolder() };
  const context = await openTrackingContext(places, { now: () => new Date(), random: Math.random });
  const protocols = [tunewiseProtocol(context)];
  const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols, identify: null });
  onTestFinished(async () => {
    await server.close(0);
    await context.close();
  });
  return { context, url: server.url };
}
