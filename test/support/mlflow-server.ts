/** @file For tests: MLflow's own server, from the package of a Python environment. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** A free port. Another process may take it before it is used; the server's start then fails. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Starts the server on a SQLite file in a folder until the test ends, then kills it with its child processes. */
export async function mlflowServer(python: string, folder: string): Promise<string> {
  const port = await freePort();
  const args = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"];
  const store = [
    "--backend-store-uri",
    `sqlite:///${folder}/server.db`,
    "--artifacts-destination",
    join(folder, "served"),
  ];
  // MLflow 3.17 starts eight processes for jobs that no test uses.
  const env = { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" };
  const child = spawn(python, [...args, ...store], { cwd: folder, env, detached: true, stdio: "ignore" });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    const ended = once(child, "close");
    process.kill(-child.pid, "SIGKILL");
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 240; tries++) {
    const isUp = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return url;
    await setTimeout(500);
  }
  throw new Error("MLflow's server did not come up");
}
