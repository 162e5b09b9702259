/**
 * @file Serves one fresh store after another to MLflow's own tests. A folder name on standard input opens a store there
 * and is answered with its URL; an empty line closes it.
 *
 * The tests write artifacts directly into the folder, so clients must receive a `file:` URI. No `tunewise` command
 * offers this, because a production server does not expose its files.
 */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { openTrackingContext } from "@tunewise/tracker";
import { mlflowProtocol, serveTracking } from "@tunewise/tracker/server";

/** Closes the server of the current folder. */
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
