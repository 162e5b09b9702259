/** @file Tests registering a command with a remote server, whose refusals become the same problems locally. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type LaunchRequest, setBudget } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { tunewiseServer } from "../../../../../../test/support/tunewise-server.ts";
import { remoteLaunchRegistry } from "../../../app/tracking/index.ts";

const request: LaunchRequest = {
  id: "20261125-1-python-ab12",
  command: "python train.py",
  host: "node7",
  project: "tickets",
  person: "ada",
  fingerprint: "a".repeat(64),
  family: "b".repeat(64),
  forced: null,
  price: { microUsdPerHour: 2_490_000, source: "--rate 2.49/h" },
  capMicroUsd: 20_000_000,
  outer: null,
};

test("a server lets in, refuses and stops as a store does", async () => {
  const { context, url } = await tunewiseServer();
  const registrar = remoteLaunchRegistry(`${url}/`, null);
  expect(await registrar.begin(request)).toEqual({ similar: null, warning: null, launchedBy: null });
  await expect(registrar.begin({ ...request, id: "b" })).rejects.toMatchObject({
    code: "RUN_DUPLICATE",
    params: { id: request.id, result: "it is still running", price: "$0.00" },
  });
  await expect(registrar.begin({ ...request, forced: "why not" })).rejects.toMatchObject({
    code: "TRACKER_REFUSED",
    params: { status: 409 },
  });
  expect(await registrar.report(request.id, { microUsd: 5, meteredMs: 10, ended: "completed" })).toBeNull();
  await context.write((transaction) =>
    setBudget(transaction, { project: null, period: "total", microUsd: 5 }),
  );
  const other = { ...request, id: "c", fingerprint: "c".repeat(64) };
  await expect(registrar.begin(other)).rejects.toMatchObject({
    code: "SHARED_BUDGET_SPENT",
    params: { sentence: expect.stringContaining("of all projects together in all are spent") },
  });
});

test("no server, or another program, is said", async () => {
  const other = createServer((_, response) => response.writeHead(401).end('{"detail":"who are you?"}'));
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
  const { port } = other.address() as AddressInfo;
  await expect(
    remoteLaunchRegistry(`http://127.0.0.1:${port}`, "secret").begin(request),
  ).rejects.toMatchObject({
    code: "TRACKER_REFUSED",
    params: { status: 401 },
  });
  await new Promise((done) => other.close(done));
  const gone = remoteLaunchRegistry(`http://127.0.0.1:${port}`, null);
  await expect(gone.begin(request)).rejects.toMatchObject({ code: "TRACKER_UNREACHABLE" });
});
