/**
 * @file Where a wrapped command is noted down, and where what it logs goes.
 *
 *     --server URL   ─► noted down and tracked there
 *     --server none  ─► noted down in the store; its clients log where they always did
 *     nothing        ─► noted down in the store, tracked by a server of its own that ends with the command
 */

import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isAddress } from "@tunewise/tracker";
import {
  type LaunchRegistry,
  openTrackingContext,
  remoteLaunchRegistry,
  storeLaunchRegistry,
} from "../../app/tracking/index.ts";
import { packageProgram } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { runtimeOf } from "../handlers/context.ts";

/** What tracks a command. */
export interface Tracker {
  readonly registry: LaunchRegistry;
  readonly apiKey: string | null;
  /** Address for the command's clients; `null`: none. Started when it is asked for, once the command may run. */
  readonly serve: (folder: string) => Promise<string | null>;
  /** For people. */
  readonly place: string;
}

/** The tracker that the flags name. @throws {TunewiseError} the errors of `openDatabase` */
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

/** What to start it with. */
interface OwnServer {
  /** A folder, or the address of a database. */
  readonly store: string;
  /** Of the command's meter. */
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
    ...{ cwd, env, detached: true },
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
    throw problem("EXEC_SERVER_FAILED", { said: said.trim().split("\n").at(-1) ?? "it said nothing" });
  }
  // the server outlives this process
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  return url;
}
