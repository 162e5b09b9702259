/**
 * @file Where a wrapped command is noted down, and where what it logs goes.
 *
 *     --server URL   ─► noted down and tracked there
 *     --server none  ─► noted down in the store; its clients log where they always did
 *     nothing        ─► noted down in the store, tracked by a server of its own that ends with the command
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type LaunchRegistry,
  openTrackingContext,
  remoteLaunchRegistry,
  storeLaunchRegistry,
} from "../../app/tracking/index.ts";
import { isAddress } from "../../track/index.ts";
import { type Call, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { hostOf } from "../handlers/surroundings.ts";
import { startOwnServer } from "./own-server.ts";

/** What tracks a command. */
export interface Tracker {
  readonly registrar: LaunchRegistry;
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
      registrar: remoteLaunchRegistry(server, apiKey),
      apiKey,
      serve: async () => server,
      place: server,
    };
  }
  const word = textFlag(call, "store") ?? output;
  const folder = resolve(io.cwd, isAddress(word) ? output : word);
  await mkdir(folder, { recursive: true });
  const store = isAddress(word) ? word : join(folder, "tunewise.db");
  const desk = await openTrackingContext({ store, artifacts: join(folder, "artifacts") }, hostOf(console));
  const registrar: LaunchRegistry = { ...storeLaunchRegistry(desk), close: () => desk.close() };
  const serve = async (meterFolder: string): Promise<string | null> =>
    server === "none"
      ? null
      : startOwnServer({
          store: isAddress(word) ? word : folder,
          meterFolder,
          cwd: io.cwd,
          env: io.env,
        });
  return { registrar, apiKey: null, serve, place: isAddress(word) ? "the store" : folder };
}
