/**
 * @file Runs commands on another machine with the system's `ssh`, so that the user's own configuration of keys, hosts
 * and proxies applies. Never prompts for a password.
 */

import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { shellWord } from "@tunewise/core/format";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  failedExitCode,
  type Machine,
  noPythonExitCode,
  type RemoteProcess,
  runProgram,
} from "../remote/machine.ts";
import { workerLock } from "../torch/python.ts";
import { parseSshAddress, type SshAddress, sshLine } from "./address.ts";

/** Maximum bytes read from a command's output, quoted from its standard error, and accepted as standard error. */
const [maxOutputBytes, quotedMessageBytes, maxMessageBytes] = [64 << 20, 1 << 16, 1 << 20];
/** Time limit of a command on another machine. */
const commandMs = 120_000;
/** Shell script that finds Python: the one given, or that of the worker's environment in the cache folder there. */
const findPython =
  'p="$1"; [ -n "$p" ] || p="${TUNEWISE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tunewise}/worker/$3/bin/python"; ' +
  `command -v "$p" >/dev/null 2>&1 || { echo "$p"; exit ${noPythonExitCode}; }; exec "$p" -c "$2"`;

/** A machine that runs commands. */
export interface SshHost {
  readonly address: SshAddress;
  readonly environment: Runtime["environment"];
  readonly processes: Pick<Runtime["processes"], "endGroup">;
}

/** The part of the runtime environment that reaching a machine needs. */
type SshNeeds = Pick<Runtime, "environment"> & { readonly processes: SshHost["processes"] };

/** How a command on another machine ended. */
export interface RemoteOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Returns the machine at an address.
 *
 * @throws {TunewiseError} `SSH_ADDRESS_INVALID`
 */
export function sshHost(address: string, { environment, processes }: SshNeeds): SshHost {
  return { address: parseSshAddress(address), environment, processes };
}

/**
 * Returns the machine at an address, for executions. `TUNEWISE_REMOTE_PYTHON` names its Python.
 *
 * @throws {TunewiseError} `SSH_ADDRESS_INVALID`
 */
export function sshMachine(address: string, runtime: SshNeeds): Machine {
  const host = sshHost(address, runtime);
  const python = runtime.environment["TUNEWISE_REMOTE_PYTHON"] ?? "";
  const open = new Set<RemoteProcess>();
  return {
    address: host.address.text,
    begin: (environment) => {
      const started = spawnRemote(host, [
        "sh",
        "-c",
        findPython,
        "tunewise",
        python,
        runProgram,
        environment,
      ]);
      open.add(started);
      const over = (): void => void open.delete(started);
      started.ended.then(over, over);
      return started;
    },
    requireReached: (code, stderr) => requireReached(host, code, stderr),
    unreachable: (reason) => unreachable(host, reason),
    close: () => {
      for (const one of open) one.kill();
    },
    installLine: (environment) => {
      const folder = `~/.cache/tunewise/worker/${environment}`;
      const made = `python3 -m venv ${folder} && ${folder}/bin/pip install -r /dev/stdin`;
      return `${sshLine(host.address)} '${made}' < ${shellWord(workerLock())}`;
    },
  };
}

/**
 * Runs a command on a machine and returns its output.
 *
 * @param command program and arguments; each is quoted, so it arrives unchanged
 * @throws {TunewiseError} `SSH_MISSING`, `SSH_UNREACHABLE`, `SSH_DENIED`, `SSH_HOST_KEY_CHANGED`,
 *   `SSH_HOST_KEY_UNKNOWN`
 */
export async function runRemote(
  host: SshHost,
  command: readonly string[],
  stdin: string | Buffer | Readable = "",
): Promise<RemoteOutcome> {
  const child = spawnRemote(host, command);
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    child.kill();
  }, commandMs);
  const source = stdin instanceof Readable ? stdin : Readable.from([stdin]);
  const sent = pipeline(source, child.stdin).catch(() => undefined); // a command may end without reading its input
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of child.stdout as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxOutputBytes) child.kill();
    else parts.push(part);
  }
  await sent;
  const { code, stderr } = await child.ended.finally(() => clearTimeout(limit));
  if (isLate) throw unreachable(host, `the command did not end within ${commandMs / 1000} seconds`);
  requireReached(host, code, stderr);
  return { code, stdout: Buffer.concat(parts).toString("utf8"), stderr };
}

/** Starts a command on a machine. */
export function spawnRemote(host: SshHost, command: readonly string[]): RemoteProcess {
  const { address, environment, processes } = host;
  const configuration = environment["TUNEWISE_SSH_CONFIG"];
  const options = [
    // for machines rented for a run, whose address, key and route are not in the user's configuration
    ...(configuration ? ["-F", configuration] : []),
    ...["-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=5"],
    ...["-o", "ServerAliveCountMax=3", "-o", "ClearAllForwardings=yes", "-o", "RequestTTY=no"],
    // a master connection started here would end with this program and break connections that share it
    ...["-o", "ControlMaster=no", "-x", "-a"],
    ...(address.port === null ? [] : ["-p", String(address.port)]),
    ...(address.user === null ? [] : ["-l", address.user]),
  ];
  const child = spawn("ssh", [...options, "--", address.host, command.map(shellWord).join(" ")], {
    env: { ...environment },
    stdio: "pipe",
    detached: true, // Ctrl-C in the terminal reaches only the controller
  });
  // ends the whole process group, including programs such as `ProxyCommand`
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      processes.endGroup(child.pid);
  };
  let [stderr, messageBytes] = ["", 0];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = `${stderr}${text}`.slice(-quotedMessageBytes);
    messageBytes += text.length;
    if (messageBytes > maxMessageBytes) kill();
  });
  child.stdin.on("error", () => undefined); // the process has ended, which its exit code reports
  const ended = new Promise<{ code: number; stderr: string }>((resolve, reject) => {
    child.once("error", (cause) => reject(problem("SSH_MISSING", { reason: cause.message }, { cause })));
    child.once("close", (code, signal) =>
      resolve({
        code: code ?? failedExitCode,
        stderr: signal === null ? stderr : `${stderr}\nssh was terminated by ${signal}`,
      }),
    );
  });
  ended.catch(() => undefined); // callers await `ended` and see the error
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    kill,
    ended,
  };
}

/**
 * Throws the reason if `ssh` did not run a command.
 *
 * @throws {TunewiseError} `SSH_UNREACHABLE`, `SSH_DENIED`, `SSH_HOST_KEY_CHANGED`, `SSH_HOST_KEY_UNKNOWN`
 */
export function requireReached(machine: SshHost, code: number, stderr: string): void {
  if (code !== failedExitCode) return;
  const { address } = machine;
  const { text, host, port } = address;
  const line = sshLine(address);
  const reason = lastLine(stderr);
  if (stderr.includes("REMOTE HOST IDENTIFICATION HAS CHANGED")) {
    const name = port === null || port === 22 ? host : `[${host}]:${port}`;
    throw problem("SSH_HOST_KEY_CHANGED", { address: text, name });
  }
  if (stderr.includes("Host key verification failed"))
    throw problem("SSH_HOST_KEY_UNKNOWN", { address: text, line });
  if (/permission denied|too many authentication failures/i.test(stderr))
    throw problem("SSH_DENIED", { address: text, reason, line: line.replace(/^ssh/, "ssh-copy-id") });
  throw unreachable(machine, reason);
}

function unreachable({ address }: SshHost, reason: string): Error {
  return problem("SSH_UNREACHABLE", { address: address.text, reason, line: sshLine(address) });
}

function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1)?.slice(0, 300) || "the connection was lost";
}
