/**
 * @file Selects where a wrapped command is registered, and where its clients log.
 *
 *     --server URL   ─► registered and tracked there
 *     --server none  ─► registered in the store; its clients log wherever they are configured to
 *     nothing        ─► registered in the store, tracked by its own server that ends with the command
 */

import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isAddress, type LaunchRegistry, openTrackingContext, storeLaunchRegistry } from "@tunewise/tracker";
import { remoteLaunchRegistry, resultMetrics } from "../../app/tracking/index.ts";
import { packageProgram } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { runtimeOf } from "../handlers/context.ts";

/** Registry and tracking server of a command. */
export interface Tracker {
  readonly registry: LaunchRegistry;
  readonly apiKey: string | null;
  /** Returns the address for the command's clients, `null` for none. Starts a server if needed. */
  readonly serve: (folder: string) => Promise<string | null>;
  /** Description of the location for messages. */
  readonly place: string;
}

/** Opens the tracker that the flags select. @throws {TunewiseError} the errors of `openDatabase` */
export async function openTracker(call: Call, console: Console, output: string): Promise<Tracker> {
  const { io } = console;
  const server = textFlag(call, "server");
  const apiKey = io.env[textFlag(call, "api-key-env") ?? "TUNEWISE_API_KEY"] ?? null;
  if (server !== null && server !== "none") {
    return {
      registry: remoteLaunchRegistry(server, apiKey),
      apiKey,
      serve: async () => server,
      place: server,
    };
  }
  const word = textFlag(call, "store") ?? output;
  const folder = resolve(io.cwd, isAddress(word) ? output : word);
  await mkdir(folder, { recursive: true });
  const store = isAddress(word) ? word : join(folder, "tunewise.db");
  const context = await openTrackingContext(
    { store, artifacts: join(folder, "artifacts") },
    runtimeOf(console),
    { resultMetrics },
  );
  const registry: LaunchRegistry = { ...storeLaunchRegistry(context), close: () => context.close() };
  const serve = async (meterFolder: string): Promise<string | null> =>
    server === "none"
      ? null
      : startOwnServer({
          store: isAddress(word) ? word : folder,
          meterFolder,
          cwd: io.cwd,
          env: io.env,
        });
  return { registry, apiKey: null, serve, place: isAddress(word) ? "the store" : folder };
}

/** Inputs of starting a server. */
interface OwnServer {
  /** A folder, or the address of a database. */
  readonly store: string;
  /** Folder of the command's meter. */
  readonly meterFolder: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Time limit for the server to report its address. */
const patienceMs = 30_000;
const maxSaid = 10_000;

/** Starts the server and returns its address. @throws {TunewiseError} `EXEC_SERVER_FAILED` */
export async function startOwnServer({ store, meterFolder, cwd, env }: OwnServer): Promise<string> {
  const words = ["serve", "--port", "0", "--store", store, "--until-ended", meterFolder, "--json"];
  const child = spawn(process.execPath, [...process.execArgv, packageProgram("main"), ...words], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const url = await new Promise<string | null>((found) => {
    const late = setTimeout(() => found(null), patienceMs);
    const end = (result: string | null): void => {
      clearTimeout(late);
      found(result);
    };
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString("utf8")).slice(-maxSaid);
      const address = /"url": "(http:[^"]+)"/.exec(said)?.[1];
      if (address !== undefined) end(address);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", () => end(null));
    child.once("error", () => end(null));
  });
  if (url === null) {
    child.kill();
    throw problem("EXEC_SERVER_FAILED", { said: said.trim().split("\n").at(-1) ?? "it printed nothing" });
  }
  // the server outlives this process
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  return url;
}
