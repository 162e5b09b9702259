/**
 * @file Machines of a real dstack server with dstack's own REST API, database and state machine. Only its cloud is
 * simulated: `cloud.py` provides machines that are an `sshd` and processes on this computer.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bytes, seconds, type Usd, usd } from "@tunewise/core/quantity";
import { processTable } from "@tunewise/tracker";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  leaseCommand,
  type ReadyMachine,
  type Receipt,
  type RentalRequest,
  rentalKey,
  rentalWorld,
  sweepMachines,
  termsOf,
  withRentedMachine,
} from "../../packages/tunewise/src/app/rented/index.ts";
import { runRemote, sshHost } from "../../packages/tunewise/src/executors/index.ts";
import {
  dstackProvider,
  type MachineNeeds,
  type Offer,
  type Provider,
} from "../../packages/tunewise/src/provision/index.ts";
import { createRuntime, type Runtime } from "../../packages/tunewise/src/runtime/index.ts";
import { sshd } from "../support/ssh-server.ts";

const python = process.env["TUNEWISE_DSTACK_PYTHON"];
const folder = mkdtempSync(join(tmpdir(), "tunewise-dstack-"));
const output = join(folder, "runs");
const token = "a-token-of-a-test";
const needs: MachineNeeds = {
  gpu: "L40S",
  gpuCount: 1,
  gpuMemoryBytes: null,
  machines: 1,
  image: "python:3.12",
  volume: null,
  memoryBytes: bytes(8e9),
  diskBytes: bytes(50e9),
  isSpotAllowed: false,
  maxUsdPerHour: null,
};

let server: ChildProcess;
let address = "";
let provider: Provider;
let offer: Offer;
let runtime: Runtime;

beforeAll(async () => {
  if (!python || !sshd) return;
  const port = await freePort();
  address = `dstack://127.0.0.1:${port}/main`;
  const program = [join(import.meta.dirname, "cloud.py"), join(folder, "cloud"), String(port), token];
  // the server ends when its standard input closes, even if this process is killed
  server = spawn(python, program, { stdio: ["pipe", "ignore", "ignore"] });
  const environment = { ...process.env, DSTACK_TOKEN: token };
  runtime = { ...createRuntime(folder, new AbortController().signal, "0.0.0"), environment };
  provider = await dstackProvider(address, { environment, fetch });
  offer = await untilUp();
}, 180_000);

afterAll(async () => {
  server?.stdin?.end();
  if (server) await new Promise((resolve) => server.once("close", resolve));
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

afterEach(() => writeFileSync(join(folder, "cloud", "faults.json"), "{}"));

async function untilUp(): Promise<Offer> {
  for (let i = 0; ; i++) {
    const offers = await provider.offers(needs).catch((error: unknown) => {
      if (i === 120) throw error;
      return [];
    });
    if (offers[0]) return offers[0];
    await sleep(1000);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const one = createServer().listen(0, "127.0.0.1", () => {
      const { port } = one.address() as { port: number };
      one.close(() => resolve(port));
    });
  });
}

/** The simulated cloud's log of its machines. */
function bill(): { readonly name: string; readonly what: string; readonly ms: number }[] {
  const text = readFileSync(join(folder, "cloud", "machines.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function request(run: string): Promise<RentalRequest> {
  return {
    run,
    offer,
    needs,
    capUsd: usd(5),
    approvedUsd: usd(6),
    diskUsdPerHour: usd(0),
    leaseSeconds: seconds(900),
    spentUsd: 0 as Usd,
    sshPublicKey: await rentalKey(output, runtime),
  };
}

/** Creates a machine directly, without the rental, with deadlines of a few seconds. */
async function createBriefly(name: string, leaseSeconds: number, maxSeconds: number): Promise<void> {
  const terms = { ...(await request(name)), address, spentUsd: 0 as Usd };
  const brief = { ...termsOf(terms, provider.guarantee), machineLeaseSeconds: seconds(leaseSeconds) };
  await provider.create({
    name,
    offer,
    needs,
    maxUsdPerHour: usd(2),
    maxSeconds: seconds(maxSeconds),
    stopSeconds: seconds(10),
    sshPublicKey: await rentalKey(output, runtime),
    startingSeconds: seconds(1200),
    command: leaseCommand({ ...brief, maxSeconds: seconds(3600) }),
  });
}

/** Seconds from the start of a machine's program until the machine is no longer billed. */
async function untilGone(name: string): Promise<number> {
  let startedMs = 0;
  for (;;) {
    const found = await provider.find(name);
    if (found === null && startedMs > 0) return (Date.now() - startedMs) / 1000;
    if (found?.state === "running" && startedMs === 0) startedMs = Date.now();
    await sleep(500);
  }
}

describe.skipIf(!python || !sshd)("a dstack server", () => {
  it("offers machines with prices, and refuses who it does not know", async () => {
    expect(offer).toMatchObject({ id: "vastai us-east 17.L40S", usdPerHour: usd(1.86), isSpot: false });
    const spot = await provider.offers({ ...needs, isSpotAllowed: true, maxUsdPerHour: usd(1) });
    expect(spot.map(({ id, usdPerHour }) => [id, usdPerHour])).toEqual([
      ["vastai us-east 18.L40S spot", usd(0.93)],
    ]);
    const access = { environment: { DSTACK_TOKEN: "another" }, fetch };
    await expect((await dstackProvider(address, access)).offers(needs)).rejects.toMatchObject({
      code: "PROVIDER_DENIED",
      message: expect.not.stringContaining("another"),
    });
    const other = await dstackProvider(address.replace("/main", "/none"), {
      environment: runtime.environment,
      fetch,
    });
    await expect(other.find("tunewise-0-1")).rejects.toMatchObject({ code: "PROVIDER_REFUSED" });
    expect(await provider.find("tunewise-0-1")).toBeNull();
    await provider.delete("tunewise-0-1");
  });

  it("rents a machine for a run, which is gone after it", async () => {
    const world = rentalWorld(provider, output, runtime);
    const receipts: Receipt[] = [];
    const work = async ({ name, way }: ReadyMachine): Promise<string> => {
      expect(way).toMatchObject({ host: "127.0.0.1", user: "root", proxy: null });
      expect(await provider.list()).toMatchObject([{ name, state: "running", usdPerHour: usd(1.86) }]);
      const TUNEWISE_SSH_CONFIG = join(output, "rented", `${name}.ssh`);
      const host = sshHost(`ssh://${name}`, {
        environment: { ...process.env, TUNEWISE_SSH_CONFIG },
        processes: processTable(process),
      });
      return (await runRemote(host, ["sh", "-c", "echo $0 at work", "there"])).stdout;
    };
    const keep = (receipt: Receipt): void => void receipts.push(receipt);
    expect(await withRentedMachine(await request("a"), world, work, keep)).toBe("there at work\n");
    const [receipt] = receipts;
    if (receipt === undefined) throw new Error("no receipt");
    const [created, ended] = bill();
    expect([created?.what, ended?.what]).toEqual(["created", "ended"]);
    expect(ended?.ms).toBeLessThanOrEqual(receipt.absentMs[0]);
    const paidUsd = (1.86e6 * ((ended?.ms ?? 0) - (created?.ms ?? 0))) / 3_600_000;
    expect(receipt.spentMicroUsd).toBeGreaterThanOrEqual(paidUsd);
    expect(await provider.list()).toEqual([]);
  });

  it("ends a machine whose lease nobody renews, within the time that is reckoned with", async () => {
    await createBriefly("tunewise-lease-1", 10, 3600);
    const tookSeconds = await untilGone("tunewise-lease-1");
    expect(tookSeconds).toBeGreaterThan(8);
    expect(tookSeconds).toBeLessThan(10 + provider.guarantee.endingSeconds);
    expect(bill().at(-1)?.what).toBe("ended");
    await provider.delete("tunewise-lease-1");
  });

  it("ends a machine at its own deadline, though the lease is renewed", async () => {
    await createBriefly("tunewise-deadline-1", 3000, 12);
    expect(await untilGone("tunewise-deadline-1")).toBeLessThan(12 + provider.guarantee.endingSeconds);
    await provider.delete("tunewise-deadline-1");
  });

  it("finds what nobody looks after, and ends it through errors of its cloud", async () => {
    await createBriefly("tunewise-orphan-1", 3000, 3600);
    while ((await provider.find("tunewise-orphan-1"))?.usdPerHour !== usd(1.86)) await sleep(500);
    writeFileSync(join(folder, "cloud", "faults.json"), '{"terminate": 1}');
    const world = rentalWorld(provider, output, runtime);
    const swept = await sweepMachines(world, () => true);
    expect(swept).toMatchObject([{ name: "tunewise-orphan-1", standing: "unknown", usdPerHour: usd(1.86) }]);
    expect(
      bill()
        .slice(-2)
        .map(({ what }) => what),
    ).toEqual(["termination failed", "ended"]);
    expect(await sweepMachines(world, () => false)).toEqual([]);
  });
});
