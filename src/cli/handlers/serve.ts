/**
 * @file `tunewise serve`: tracks runs of MLflow and W&B clients, until Ctrl-C.
 */
import { mkdir } from "node:fs/promises";
import { openDesk } from "../../flow/index.ts";
import { mlflowProtocol, serveTracking, wandbProtocol } from "../../server/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import { DONE } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { plain } from "../render/place.ts";
import { errorText } from "../render/problem.ts";
import { version } from "../version.ts";
import { hostOf } from "./surroundings.ts";
import { trackingPlaces } from "./tracking-places.ts";

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
  const places = trackingPlaces(call, face);
  await mkdir(places.folder, { recursive: true });
  const desk = await openDesk(places, hostOf(face));
  try {
    const server = await serveTracking({
      host: textFlag(call, "host") ?? defaultHost,
      port: numberFlag(call, "port") ?? defaultPort,
      protocols: [mlflowProtocol(desk, mlflowVersion), wandbProtocol(desk)],
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
