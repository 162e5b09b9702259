/** @file For tests: a tracking server on a folder for the duration of some work. */
import { join } from "node:path";
import { openTrackingContext } from "@tunewise/tracker";
import { mlflowProtocol, serveTracking } from "@tunewise/tracker/server";

/** Serves the store and files of a folder while `work` runs. */
export async function served<Result>(
  folder: string,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const runtime = { now: () => new Date(), random: Math.random };
  const context = await openTrackingContext(
    { store: join(folder, "store.db"), artifacts: join(folder, "files") },
    runtime,
  );
  try {
    const protocols = [mlflowProtocol(context, "3.18.0")];
    const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols, identify: null });
    try {
      return await work(server.url);
    } finally {
      await server.close(0);
    }
  } finally {
    await context.close();
  }
}
