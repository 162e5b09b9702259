/**
 * @file Starts both kinds of server as separate processes, on free ports and new folders.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ours = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** A folder that `remove` takes away. */
export async function freshFolder(name) {
  const path = await mkdtemp(join(tmpdir(), `tunewise-bench-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A currently free port. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Node arguments that run the sources without a build. */
const fromSource = [
  "--import",
  new URL("../../node_modules/tsx/dist/loader.mjs", import.meta.url).href,
  fileURLToPath(new URL("../../packages/tunewise/src/cli/main.ts", import.meta.url)),
];

/** `tunewise serve` over a store: a folder or `postgres://...`. @param isSource whether to run the unbuilt sources */
export async function startOurs(store, { port, artifacts, isSource = false } = {}) {
  const chosen = port ?? (await freePort());
  const words = [...(isSource ? fromSource : [ours]), "serve", "--port", String(chosen), "--store", store];
  if (artifacts) words.push("--artifacts", artifacts);
  return started("tunewise", process.execPath, words, chosen, {});
}

/** `mlflow server` over a SQLite file in a folder, with the default number of workers. */
export async function startMlflow(python, folder) {
  const port = await freePort();
  const store = `sqlite:///${join(folder, "mlflow.db")}`;
  const words = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port)];
  words.push("--backend-store-uri", store, "--artifacts-destination", join(folder, "artifacts"));
  const environment = { MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true", GIT_PYTHON_REFRESH: "quiet" };
  return started("mlflow", python, words, port, environment);
}

async function started(name, program, words, port, environment) {
  const start = performance.now();
  const child = spawn(program, words, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // its own process group, so that workers end with it
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said = (said + chunk).slice(-4000);
    });
  }
  const ended = new Promise((done) => child.once("exit", done));
  const url = `http://127.0.0.1:${port}`;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || performance.now() - start > 120_000) {
      throw new Error(`${name} did not start: ${said}`);
    }
    await wait(5);
  }
  const kill = async (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // it is gone already
    }
    await ended;
  };
  return {
    name,
    url,
    port,
    startSeconds: (performance.now() - start) / 1000,
    residentBytes: () => residentBytes(child.pid),
    stop: () => kill("SIGTERM"),
    kill: () => kill("SIGKILL"),
    said: () => said,
  };
}

/** Whether `/health` currently answers with 200. */
function isHealthy(url) {
  return new Promise((done) => {
    const asked = get(`${url}/health`, { agent: false, timeout: 1000 }, (response) => {
      response.resume();
      done(response.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => done(false));
  });
}

/** Resident memory of a process and its descendants, from Linux's /proc. */
async function residentBytes(root) {
  const processes = new Map();
  for (const name of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const text = await readFile(`/proc/${name}/status`, "utf8").catch(() => "");
    const parent = Number(/^PPid:\s+(\d+)/m.exec(text)?.[1]);
    processes.set(Number(name), { parent, bytes: Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024 });
  }
  const isBelow = (id) => id === root || (processes.has(id) && isBelow(processes.get(id).parent));
  return [...processes].reduce((sum, [id, { bytes }]) => sum + (isBelow(id) ? bytes : 0), 0);
}
