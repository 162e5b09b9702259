import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { stopClusterJob } from "./cluster-use.ts";

const environment = { RAY_AUTH_TOKEN: "token" };
let server: Server;
let stops = 0;
afterEach(() => new Promise((closed) => server.close(closed)));

/** Starts a dashboard whose job has these states in turn and stays in the last. `null` means no such job. */
async function withStates(states: (string | null)[]): Promise<string> {
  stops = 0;
  server = createServer(({ method }, response) => {
    if (method === "POST") stops++;
    const status = method === "POST" ? "" : states.length > 1 ? states.shift() : states[0];
    response.statusCode = status === null ? 404 : 200;
    response.end(JSON.stringify({ submission_id: "tunewise-a-1", status }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return `ray+http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ["twice in a row", ["RUNNING", "STOPPED", "STOPPED"], 2],
  ["twice, not once and then otherwise", ["STOPPED", "PENDING", "STOPPED", "STOPPED"], 3],
  ["by not knowing it any more", [null], 1],
])("a job has ended when the cluster says so %s", async (_, states, pauses) => {
  const address = await withStates(states);
  let waited = 0;
  await stopClusterJob(address, "tunewise-a-1", { environment }, async () => ++waited);
  expect([stops, waited]).toEqual([1, pauses]);
});

test("one that does not end is an error", async () => {
  const address = await withStates(["RUNNING"]);
  const stopping = stopClusterJob(address, "tunewise-a-1", { environment }, async () => undefined);
  await expect(stopping).rejects.toMatchObject({
    code: "RAY_JOB_NOT_STOPPED",
    params: { status: "RUNNING" },
    fix: `tunewise runs sweep --on ${address} --delete`,
  });
});
