/**
 * @file Tests the maximum charge for a lost machine: 20 deaths of nodes, 20 losses of the network and 20 of controller
 * and worker together, at seeded random instants on a simulated clock.
 */
import { mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { mulberry32 } from "@tunewise/core/math";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { problem } from "../../problem/index.ts";
import { workerEnd } from "../process/process.ts";
import { executionFolder } from "../process/protocol.ts";
import { Box } from "./box.ts";
import { RemoteConnection } from "./connection.ts";
import { Contact, leaseEndOf } from "./contact.ts";
import { bringFiles } from "./files.ts";
import type { Machine, RemoteProcess } from "./machine.ts";

const root = temporaryFolder();
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval", "Date", "performance"],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A carrier that sends heartbeats as long as its machine lives. */
function carrierOf(
  isAlive: () => boolean,
  beatSeconds: number,
): RemoteProcess & { readonly die: () => void } {
  const stdout = new PassThrough();
  let end: (how: { code: number; stderr: string }) => void = () => undefined;
  const ended = new Promise<{ code: number; stderr: string }>((resolve) => {
    end = resolve;
  });
  const beating = setInterval(() => isAlive() && stdout.write('{"kind":"alive"}\n'), 1000 * beatSeconds);
  const die = (): void => {
    clearInterval(beating);
    stdout.end();
    end({ code: 255, stderr: "" });
  };
  return { stdin: new PassThrough().resume(), stdout, ended, kill: die, die };
}

interface Loss {
  readonly name: string;
  readonly leaseSeconds: number;
  readonly atSeconds: number;
  /** Outcome of reconnecting. */
  readonly bridge: () => Promise<RemoteProcess | null>;
  /** Whether the carrier ends with the machine; otherwise it falls silent. */
  readonly isCut: boolean;
}

/** Runs until the machine counts as lost. Returns the time charged, and when the loss was known. */
async function lose({
  name,
  leaseSeconds,
  atSeconds,
  bridge,
  isCut,
}: Loss): Promise<{ charged: number; known: number; code: string }> {
  const folder = join(root, name);
  mkdirSync(executionFolder(folder).path, { recursive: true });
  const elapsedSeconds = (): number => performance.now() / 1000;
  const start = elapsedSeconds();
  let isAlive = true;
  const carrier = carrierOf(() => isAlive, Math.min(5, leaseSeconds / 4));
  const contact = new Contact({
    run: name,
    folder,
    address: "ray+http://head:8265",
    leaseSeconds,
    elapsedSeconds,
    controller: "c",
  });
  const box = { bridge, ask: async () => ({}) } as unknown as Box;
  const connection = new RemoteConnection(box, carrier, contact);
  let failure: unknown = null;
  let known = 0;
  connection.open({ onMessage: () => undefined, onReplaced: () => undefined, onClose: () => undefined });
  connection.closed.catch((error: unknown) => {
    failure = error;
    known = elapsedSeconds() - start;
  });
  await vi.advanceTimersByTimeAsync(1000 * atSeconds);
  isAlive = false;
  if (isCut) carrier.die();
  for (let waited = 0; failure === null && waited < 10 * leaseSeconds + 60; waited++)
    await vi.advanceTimersByTimeAsync(1000);
  carrier.die();
  contact.close();
  const charged = (leaseEndOf(failure) ?? Number.POSITIVE_INFINITY) - start;
  return { charged, known, code: (failure as { code?: string } | null)?.code ?? "" };
}

describe("what is charged", () => {
  const random = mulberry32(35);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const never = (): Promise<never> => new Promise(() => undefined);
  const refused = async (): Promise<never> => {
    await new Promise((resolve) => setTimeout(resolve, 1000 * between(0, 40)));
    throw problem("RAY_UNREACHABLE", { address: "ray+http://head:8265", reason: "connect ECONNREFUSED" });
  };
  const losses = Array.from({ length: 20 }, (_, at) => ({
    name: `${at}`,
    leaseSeconds: between(4, 600),
    atSeconds: between(0, 300),
  }));

  test.each(losses)("a node dies, and the next agent waits for a node: $name", async (loss) => {
    const { charged, known, code } = await lose({
      ...loss,
      name: `node-${loss.name}`,
      isCut: true,
      bridge: never,
    });
    expect(code).toBe("MACHINE_LOST");
    expect(charged).toBeLessThanOrEqual(loss.atSeconds + loss.leaseSeconds);
    expect(known).toBeLessThanOrEqual(loss.atSeconds + loss.leaseSeconds + 3);
  });

  test.each(losses)("the network is lost, and nothing closes the connection: $name", async (loss) => {
    const { charged, code } = await lose({
      ...loss,
      name: `net-${loss.name}`,
      isCut: false,
      bridge: refused,
    });
    expect(code).toBe("MACHINE_LOST");
    expect(charged).toBeLessThanOrEqual(loss.atSeconds + loss.leaseSeconds);
  });

  test.each(losses)("controller and worker are killed: $name", async ({ name, leaseSeconds, atSeconds }) => {
    const folder = join(root, `both-${name}`);
    const files = executionFolder(folder);
    mkdirSync(files.path, { recursive: true });
    const host = { address: "ray+http://head:8265", leaseSeconds, onLeaseEnd: null, eventsAhead: 0 };
    const placement = {
      kind: "torch",
      device: "cpu",
      dtype: "float32",
      recompute: "none",
      processes: 1,
      host,
    };
    writeFileSync(files.spec, JSON.stringify({ ...spec, run: `both-${name}`, folder, placement }));
    // the last recorded contact, at most one heartbeat before the kill
    const heard = Math.max(0, atSeconds - between(0, 5));
    writeFileSync(files.contact, "");
    utimesSync(files.contact, heard, heard);
    const later = new Date(1000 * (atSeconds + between(0, 5000)));
    const processes = { pid: 1, host: "here", startOf: async () => null, endGroup: () => undefined };
    const end = await workerEnd(folder, { processes, now: () => later });
    const charged = (end?.getTime() ?? Number.POSITIVE_INFINITY) / 1000;
    expect(charged).toBeLessThanOrEqual(atSeconds + leaseSeconds);
    expect(charged).toBeLessThanOrEqual(later.getTime() / 1000);
  });
});

const spec = {
  v: 1,
  until: null,
  sweep: null,
  limits: { seconds: null },
  data: { fingerprint: "f" },
  recipe: { configuration: "{}", folder: "/", sha256: "0".repeat(64) },
  model: { source: "m", revision: "r" },
};

test("files are not waited for from a machine that is lost", async () => {
  const folder = join(root, "files");
  mkdirSync(executionFolder(folder).path, { recursive: true });
  const contact = new Contact({
    run: "f",
    folder,
    address: "ssh://box",
    leaseSeconds: 20,
    controller: "c",
    elapsedSeconds: () => performance.now() / 1000,
  });
  const machine = {
    begin: () => carrierOf(() => false, 5),
    unreachable: () => problem("RAY_UNREACHABLE", { address: "ray+http://head:8265", reason: "silent" }),
  } as unknown as Machine;
  const box = new Box(machine, "f", "none", { signal: contact.signal });
  const start = performance.now();
  let known = Number.POSITIVE_INFINITY;
  const asked = bringFiles(box, folder, ["checkpoints"]).catch((error: unknown) => {
    known = (performance.now() - start) / 1000;
    return error;
  });
  for (let passed = 0; passed < 30; passed++) await vi.advanceTimersByTimeAsync(1000);
  expect(await asked).toMatchObject({ code: "MACHINE_LOST" });
  expect(known).toBeLessThanOrEqual(23);
});

test("a process that was suspended has not been silent meanwhile", async () => {
  const folder = join(root, "suspended");
  mkdirSync(executionFolder(folder).path, { recursive: true });
  let now = 0;
  const contact = new Contact({
    run: "s",
    folder,
    address: "ssh://box",
    leaseSeconds: 60,
    elapsedSeconds: () => now,
    controller: "c",
  });
  now += 3600; // advances the clock without running timers
  await vi.advanceTimersByTimeAsync(1000);
  expect(contact.silentSeconds).toBeLessThanOrEqual(2);
  contact.hear();
  expect(contact.silentSeconds).toBe(0);
  contact.close();
});

test("a sign of life is noted for whoever looks after this process", async () => {
  const folder = join(root, "noted");
  mkdirSync(executionFolder(folder).path, { recursive: true });
  const contact = new Contact({
    run: "n",
    folder,
    address: "ssh://box",
    leaseSeconds: 60,
    elapsedSeconds: () => 0,
    controller: "c",
  });
  contact.hear();
  contact.close();
  vi.useRealTimers();
  await vi.waitFor(() => expect(statSync(executionFolder(folder).contact).size).toBe(0));
});
