/** @file `tunewise serve`: tracks runs of MLflow and W&B clients and shows them on a page, until Ctrl-C. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import {
  createAlertSender,
  createRefusalLog,
  isAddress,
  type MachinePrice,
  openTrackingContext,
  startSettling,
  webhookVariable,
} from "@tunewise/tracker";
import {
  createServerMetrics,
  identifyUsers,
  type ProcessFigures,
  proxiedPlaces,
  readLinks,
  serveTracking,
  withAbout,
} from "@tunewise/tracker/server";
import { claimProjects, type ServedRecipes, serveRecipes } from "../../app/dashboard/index.ts";
import { resultMetrics, settleLaunches } from "../../app/tracking/index.ts";
import { packageProgram, packageVersion } from "../../catalog/index.ts";
import { readMeter, readRate } from "../../launch/index.ts";
import { problem } from "../../problem/index.ts";
import { trackingProtocols } from "../../server/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { errorText } from "../render/problem.ts";
import { plain } from "../render/terminal.ts";
import { runtimeOf } from "./context.ts";
import { ownProgram } from "./own-program.ts";
import { trackingPlaces } from "./store-place.ts";

const defaultHost = "127.0.0.1";
/** MLflow's default port. */
const defaultPort = 5000;

/** Grace period of running uploads after Ctrl-C, in seconds. */
const graceSeconds = 10;

/** Serves until the process is interrupted. */
export async function handle(call: Call, console: Console): Promise<number> {
  const price = priceFrom(textFlag(call, "rate"));
  const artifacts = placesFrom(textFlag(call, "model-sources"));
  const metrics = createServerMetrics({
    versions: { tunewise: packageVersion(), node: process.versions.node },
    readProcess: watchProcess(),
  });
  const publicUrl = publicUrlOf(textFlag(call, "public-url"));
  const places = trackingPlaces(call, console);
  // a store at an address records runs of many folders
  const output = isAddress(places.store) ? null : places.folder;
  const recipes = recipesOf(call, console, output);
  await mkdir(places.folder, { recursive: true });
  const report = reporter(console);
  const alerts = createAlertSender(console.io.env[webhookVariable], { fetch, report });
  const context = await openTrackingContext(places, runtimeOf(console), {
    price,
    resultMetrics,
    onCommit: metrics.committed,
    onAlert: alerts.send,
  });
  const refusals = createRefusalLog(context);
  const untilEnded = textFlag(call, "until-ended");
  // reads meters of commands on this machine, whose front processes may have ended
  const commands =
    untilEnded === null ? join(places.folder, "exec") : dirname(resolve(console.io.cwd, untilEnded));
  const endSettling = startSettling(context, report, () =>
    settleLaunches(context, commands, runtimeOf(console)),
  );
  try {
    await claimProjects(context, recipes);
    const identify = identifyUsers(context);
    const server = await serveTracking({
      host: textFlag(call, "host") ?? defaultHost,
      port: numberFlag(call, "port") ?? defaultPort,
      protocols: withAbout(
        trackingProtocols(context, identify, { output, recipes, publicUrl, artifacts }),
        packageVersion(),
        () => metrics.text(context),
      ),
      watcher: metrics,
      onRefused: refusals.note,
      identify,
      onFailure: (error, { method, path }) => {
        console.error(plain(`${method} ${path}`).slice(0, 200));
        report(error);
      },
    });
    const asks = await identify.hasUsers();
    console.output({ url: server.url, users: asks }, () => `tracking at ${server.url}`);
    console.info(
      asks
        ? "everybody is asked for a name with a password, or for a token; nothing is encrypted without a proxy"
        : "there are no users: programs of this machine may do everything",
    );
    console.info(
      `next: open ${server.url} in a browser   or   MLFLOW_TRACKING_URI=${server.url} python train.py   or   ` +
        `WANDB_BASE_URL=${server.url} ...`,
    );
    await untilEnd(console, untilEnded);
    await server.close(graceSeconds);
    return DONE;
  } finally {
    await endSettling();
    await refusals.close();
    await alerts.close();
    await context.close();
  }
}

/** Locations of artifacts, with the accepted external sources of models; `null` selects the default ones. */
function placesFrom(sources: string | null): typeof proxiedPlaces {
  return sources === null ? proxiedPlaces : { ...proxiedPlaces, links: readLinks(sources) };
}

/** @throws {TunewiseError} `EXEC_RATE_INVALID` */
function priceFrom(rate: string | null): MachinePrice | undefined {
  return rate === null ? undefined : { microUsdPerHour: readRate(rate), source: `serve --rate ${rate}` };
}

/** @throws {TunewiseError} `USAGE_VALUE_INVALID` */
function publicUrlOf(text: string | null): URL | null {
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && ["http:", "https:"].includes(url.protocol)) return url;
  throw problem("USAGE_VALUE_INVALID", {
    name: "--public-url",
    expected: "an address that begins with https:// or http://",
    found: JSON.stringify(text.slice(0, 80)),
    fix: "tunewise serve --public-url https://tracking.example",
  });
}

const defaultRecipe = "tunewise.yaml";

/**
 * The recipes that the page may plan, check and start. A server that ends with a command serves none.
 *
 * @throws {TunewiseError} `RECIPE_NOT_FOUND`
 */
function recipesOf(call: Call, console: Console, output: string | null): ServedRecipes {
  const { cwd, env } = console.io;
  const named = textFlag(call, "recipe");
  const words = named === "none" ? [] : (named ?? defaultRecipe).split(",").map((word) => word.trim());
  const paths = words.map((word) => resolve(cwd, word)).filter((path) => named !== null || existsSync(path));
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw problem("RECIPE_NOT_FOUND", { path: missing });
  const runtime = runtimeOf(console);
  return serveRecipes({
    output,
    runtime,
    paths: textFlag(call, "until-ended") === null ? paths : [],
    start: ownProgram([...runtime.node, packageProgram("main")], env),
  });
}

/** Reports failures without ending the server. */
function reporter(console: Console): (error: unknown) => void {
  const about = { command: "serve", version: packageVersion() };
  return (error) => console.error(errorText(error, console.paintStderr, about));
}

/** Interval between polls of a command's meter. */
const lookMs = 200;
/** Time limit for a command's meter to appear; afterwards the command counts as never started. */
const startMs = 60_000;

/** Waits until the process is interrupted, or until the command with its meter in the folder has ended. */
async function untilEnd({ io: { signal, cwd } }: Console, folder: string | null): Promise<void> {
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

/** Sampling interval of event loop delays. */
const resolutionMilliseconds = 20;

/** Starts monitoring; each call returns the delays since the previous one. */
function watchProcess(): () => ProcessFigures {
  const delays = monitorEventLoopDelay({ resolution: resolutionMilliseconds });
  delays.enable();
  const startSeconds = Date.now() / 1000 - process.uptime();
  const late = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - resolutionMilliseconds / 1000) : 0;
  return () => {
    const { user, system } = process.cpuUsage();
    const loopDelay = {
      p50: late(delays.percentile(50)),
      p99: late(delays.percentile(99)),
      max: late(delays.max),
    };
    delays.reset();
    const residentBytes = process.memoryUsage.rss();
    return { cpuSeconds: (user + system) / 1e6, residentBytes, startSeconds, loopDelay };
  };
}
