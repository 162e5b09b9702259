/**
 * @file `tunewise serve`: tracks runs of MLflow and W&B clients, until Ctrl-C.
 */
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openTrackingContext, settleLaunches, startSettling } from "../../app/tracking/index.ts";
import { readMeter, readRate } from "../../launch/index.ts";
import {
  createServerMetrics,
  identifyUsers,
  mlflowProtocol,
  serveTracking,
  tunewiseProtocol,
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
  const rate = textFlag(call, "rate");
  const price =
    rate === null ? undefined : { microUsdPerHour: readRate(rate), source: `serve --rate ${rate}` };
  const metrics = createServerMetrics({
    versions: { tunewise: version(), node: process.versions.node },
    readProcess: watchProcess(),
  });
  const places = trackingPlaces(call, face);
  await mkdir(places.folder, { recursive: true });
  const desk = await openTrackingContext(places, hostOf(face), { price, onCommit: metrics.committed });
  const complain = (error: unknown): void =>
    face.complain(errorText(error, face.paintTalk, { command: "serve", version: version() }));
  const untilEnded = textFlag(call, "until-ended");
  // Meters of commands that ran here: their front processes may be gone.
  const commands =
    untilEnded === null ? join(places.folder, "exec") : dirname(resolve(face.world.cwd, untilEnded));
  const endSettling = startSettling(desk, complain, () => settleLaunches(desk, commands, hostOf(face)));
  try {
    const identify = identifyUsers(desk);
    const server = await serveTracking({
      host: textFlag(call, "host") ?? defaultHost,
      port: numberFlag(call, "port") ?? defaultPort,
      protocols: withAbout(
        [mlflowProtocol(desk, mlflowVersion), wandbProtocol(desk), tunewiseProtocol(desk)],
        version(),
        () => metrics.text(desk),
      ),
      watcher: metrics,
      identify,
      onFailure: (error, { method, path }) => {
        face.complain(plain(`${method} ${path}`).slice(0, 200));
        complain(error);
      },
    });
    const asks = await identify.hasUsers();
    if (face.json) face.document({ url: server.url, users: asks });
    else face.result(`tracking at ${server.url}`);
    face.talk(
      asks
        ? "everybody is asked for a name with a password, or for a token; nothing is encrypted without a proxy"
        : "there are no users: programs of this machine may do everything",
    );
    face.talk(
      `next: MLFLOW_TRACKING_URI=${server.url} python train.py   or   WANDB_BASE_URL=${server.url} ...`,
    );
    await untilEnd(face, untilEnded);
    await server.close(graceSeconds);
    return DONE;
  } finally {
    await endSettling();
    await desk.close();
  }
}

/** Between two looks at a command's meter. */
const lookMs = 200;
/** A command without a meter by then was never started. */
const startMs = 60_000;

/** Until the process is asked to stop, or the command has ended whose meter lies in a folder. */
async function untilEnd({ world: { signal, cwd } }: Face, folder: string | null): Promise<void> {
  const meterFolder = folder === null ? null : resolve(cwd, folder);
  await new Promise<void>((stop) => {
    if (signal.aborted) return stop();
    signal.addEventListener("abort", () => stop(), { once: true });
    if (meterFolder === null) return;
    let looks = 0;
    const timer = setInterval(() => {
      const meter = readMeter(meterFolder);
      looks++;
      if (meter ? meter.status !== "ended" : looks * lookMs < startMs) return;
      clearInterval(timer);
      stop();
    }, lookMs);
    timer.unref();
  });
}
