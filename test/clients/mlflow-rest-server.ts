/**
 * @file Serves one fresh store after the other to MLflow's own tests: a folder on standard input opens one there and is
 * answered with its address, an empty line closes it.
 *
 * The tests write artifacts into the folder itself, so that clients are told a `file:` address. No command line of
 * ours can do that: a server that people start keeps its files to itself.
 */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { openTrackingContext } from "../../packages/tunewise/src/app/tracking/index.ts";
import { mlflowProtocol, serveTracking } from "../../packages/tunewise/src/server/index.ts";

/** What a folder's server is closed by. */
let close = async (): Promise<void> => {};

async function open(folder: string): Promise<string> {
  const runtime = { now: () => new Date(), random: Math.random };
  const context = await openTrackingContext(
    { store: join(folder, "tunewise.db"), artifacts: folder },
    runtime,
  );
  const places = {
    own: pathToFileURL(folder).href,
    allowed: [process.cwd(), "mlflow-artifacts:/models", "mlflow-artifacts://host:9000/models"],
  };
  const protocols = [mlflowProtocol(context, "3.18.0", places)];
  const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols, identify: null });
  close = async () => {
    await server.close(0);
    await context.close();
  };
  return server.url;
}

for await (const line of createInterface({ input: process.stdin })) {
  await close();
  close = async () => {};
  process.stdout.write(`${line === "" ? "closed" : await open(line)}\n`);
}
await close();
