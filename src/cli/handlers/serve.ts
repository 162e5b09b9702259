/**
 * @file `tunewise serve`: tracks runs of MLflow and W&B clients, until Ctrl-C.
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defaultOutput, openDesk } from "../../flow/index.ts";
import {
  createServerMetrics,
  mlflowProtocol,
  serveTracking,
  wandbProtocol,
  withAbout,
} from "../../server/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import { DONE } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { watchProcess } from "../process-figures.ts";
import { plain } from "../render/place.ts";
import { errorText } from "../render/problem.ts";
import { version } from "../version.ts";
import { hostOf } from "./surroundings.ts";

const defaultHost = "127.0.0.1";
/** MLflow's own. */
const defaultPort = 5000;

/** How long an upload at work may go on after Ctrl-C. */
const graceSeconds = 10;

/** The version of MLflow whose routes are answered, for clients that ask. */
const mlflowVersion = "3.18.0";

/** Serves until the process is asked to stop. */
export async function handle(call: Call, face: Face): Promise<number> {
  const { signal } = face.world;
  const metrics = createServerMetrics({
    versions: { tunewise: version(), node: process.versions.node },
    readProcess: watchProcess(),
  });
  const desk = await openDesk(await placesOf(call, face), hostOf(face), metrics.committed);
  try {
    const server = await serveTracking({
      host: textFlag(call, "host") ?? defaultHost,
      port: numberFlag(call, "port") ?? defaultPort,
      protocols: withAbout([mlflowProtocol(desk, mlflowVersion), wandbProtocol(desk)], version(), () =>
        metrics.text(desk),
      ),
      watcher: metrics,
      identify: null,
      onFailure: (error, { method, path }) => {
        face.complain(plain(`${method} ${path}`).slice(0, 200));
        face.complain(errorText(error, face.paintTalk, { command: "serve", version: version() }));
      },
    });
    if (face.json) face.document({ url: server.url });
    else face.result(`tracking at ${server.url}`);
    face.talk(
      `next: MLFLOW_TRACKING_URI=${server.url} python train.py   or   WANDB_BASE_URL=${server.url} ...`,
    );
    await new Promise<void>((stop) => {
      if (signal.aborted) stop();
      else signal.addEventListener("abort", () => stop(), { once: true });
    });
    await server.close(graceSeconds);
    return DONE;
  } finally {
    await desk.close();
  }
}

/** The store, and where files lie; folders are made. */
async function placesOf(call: Call, { world }: Face): Promise<{ store: string; artifacts: string }> {
  const word = textFlag(call, "store") ?? defaultOutput;
  const isPostgres = /^postgres(ql)?:\/\//.test(word);
  const folder = resolve(world.cwd, isPostgres ? defaultOutput : word);
  await mkdir(folder, { recursive: true });
  const artifacts = textFlag(call, "artifacts");
  return {
    store: isPostgres ? word : join(folder, "tunewise.db"),
    artifacts: artifacts === null ? join(folder, "artifacts") : resolve(world.cwd, artifacts),
  };
}
