/**
 * @file For tests: a server for S3-compatible buckets on a loopback port, if `TUNEWISE_MOTO_PYTHON` names an
 * interpreter with moto.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import type { Environment } from "@tunewise/tracker";
import { afterAll, beforeAll } from "vitest";

/** An interpreter with `moto[server]`, or undefined. */
export const motoPython: string | undefined = process.env["TUNEWISE_MOTO_PYTHON"];

/** A server that runs during the tests of a file. */
export interface BucketServer {
  endpoint(): string;
  /** Endpoint and credentials for its buckets. */
  environment(): Environment;
  /** Creates an empty bucket and returns its URL. */
  makeBucket(): Promise<string>;
}

/** Starts a server before the tests of this file and stops it after them; does nothing without moto. */
export function bucketServer(settings: Environment = {}): BucketServer {
  let [child, endpoint] = [undefined as ChildProcess | undefined, ""];
  beforeAll(async () => {
    if (!motoPython) return;
    const port = await freePort();
    endpoint = `http://127.0.0.1:${port}`;
    const about = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
    child = spawn(motoPython, about, { stdio: "ignore", env: { ...process.env, ...settings } });
    for (let attempt = 0; attempt < 300; attempt++) {
      if (await fetch(endpoint).catch(() => null)) return;
      await new Promise((wait) => setTimeout(wait, 100));
    }
    throw new Error("moto did not start");
  });
  afterAll(() => {
    child?.kill("SIGKILL");
  });
  return {
    endpoint: () => endpoint,
    environment: () => ({
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "secret-of-tests",
    }),
    makeBucket: async () => {
      const name = `bucket-${randomBytes(6).toString("hex")}`;
      const made = await fetch(`${endpoint}/${name}`, { method: "PUT" });
      if (!made.ok) throw new Error(`no bucket: ${made.status}`);
      return `s3://${name}`;
    },
  };
}

/** A free port. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
