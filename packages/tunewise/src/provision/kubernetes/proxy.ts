/**
 * @file Reaches the API server of a context through the installed `kubectl proxy`, so that accounts, certificates and
 * their renewal are those of the user's own configuration. It listens on a socket in a private folder.
 */
import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { promisify } from "node:util";
import { problem } from "../../problem/index.ts";
import type { KubernetesAddress } from "./address.ts";

/** Environment of the `kubectl` process. */
export type KubectlEnvironment = Readonly<Record<string, string | undefined>>;

/** How long `kubectl` may take to start. */
const startMs = 30_000;
const maxMessageCharacters = 4000;
/**
 * Stops `kubectl` when its input closes, so that it ends with this process, however that ends; `$0` is the socket's
 * folder.
 */
const untilInputEnds =
  'exec 3<&0; kubectl "$@" </dev/null & p=$!; (read -r _ <&3; kill "$p" 2>/dev/null) & q=$!; ' +
  'wait "$p"; c=$?; kill "$q" 2>/dev/null; rm -rf "$0"; exit "$c"';

/**
 * The address of a context's API server in the configuration.
 *
 * @throws {TunewiseError} `PROVIDER_UNREACHABLE` if `kubectl` or the context is missing
 */
export async function serverOf(
  { text, context }: KubernetesAddress,
  environment: KubectlEnvironment,
): Promise<string> {
  const form = "jsonpath={.clusters[0].cluster.server}";
  const words = ["--context", context, "config", "view", "--minify", "-o", form];
  try {
    const { stdout } = await promisify(execFile)("kubectl", words, { env: environment, timeout: startMs });
    return stdout.trim();
  } catch (error) {
    const { code, stderr = "", message } = error as Error & { code?: string; stderr?: string };
    const missing = "kubectl is not installed here";
    const reason = code === "ENOENT" ? missing : stderr.trim().split("\n").at(-1) || message;
    throw problem("PROVIDER_UNREACHABLE", { address: text, reason }, { cause: error });
  }
}

/** Sockets by configuration and context, shared within this process. */
const sockets = new Map<string, Promise<string>>();

/**
 * Returns the socket of a context's API server, and starts `kubectl` if it is not running.
 *
 * @throws {Error} the message of `kubectl`
 */
export function proxySocket(context: string, environment: KubectlEnvironment): Promise<string> {
  const key = JSON.stringify([context, environment["KUBECONFIG"], environment["HOME"]]);
  const known = sockets.get(key);
  if (known !== undefined) return known;
  const forget = (): void => void sockets.delete(key);
  const started = startProxy(context, environment, forget);
  sockets.set(key, started);
  started.catch(forget);
  return started;
}

async function startProxy(
  context: string,
  environment: KubectlEnvironment,
  onEnd: () => void,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tunewise-kubectl-"));
  const socket = join(folder, "api");
  const words = ["--context", context, "proxy", "--unix-socket", socket];
  const child = spawn("sh", ["-c", untilInputEnds, folder, ...words], {
    env: { ...environment },
    stdio: "pipe",
    detached: true, // Ctrl-C in the terminal must only reach the controller
  });
  child.once("exit", onEnd);
  try {
    await untilServing(child);
  } catch (error) {
    child.stdin.end();
    throw error;
  }
  // the child must not keep this process alive
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as Socket).unref();
  return socket;
}

function untilServing(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<void> {
  let said = "";
  child.stdin.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("kubectl proxy does not start")), startMs);
    const hear = (text: string): void => {
      said = `${said}${text}`.slice(-maxMessageCharacters);
      if (!said.includes("Starting to serve")) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(late);
      reject(new Error(said.trim().split("\n").at(-1) || `kubectl proxy ended with code ${code}`));
    });
  });
}
