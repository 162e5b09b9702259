/**
 * @file A tracking server for one command: a process of its own, so that it outlives whoever started the command, and
 * ends with the command's meter.
 */

import { spawn } from "node:child_process";
import { packageProgram } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";

/** What to start it with. */
interface OwnServer {
  /** A folder, or the address of a database. */
  readonly store: string;
  /** Of the command's meter. */
  readonly meterFolder: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A server that has not said its address by then will not. */
const patienceMs = 30_000;
const saidMost = 10_000;

/** Starts the server and gives its address. @throws {TunewiseError} `EXEC_SERVER_FAILED` */
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
      said = (said + chunk.toString("utf8")).slice(-saidMost);
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
  // It goes on without this process, which may end before it.
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  return url;
}
