/**
 * @file An in-memory cloud that rents machines, with a clock of its own and faults, modeled on a dstack server. Tests
 * compare cost guarantees with what it bills.
 */

import { bytes, seconds, type Usd, usd } from "@tunewise/core/quantity";
import type {
  RentalRecords,
  RentalRequest,
  RentalWorld,
} from "../../packages/tunewise/src/app/rented/index.ts";
import { type RentalEntry, recordOf } from "../../packages/tunewise/src/app/rented/records.ts";
import { problem } from "../../packages/tunewise/src/problem/index.ts";
import type {
  Guarantee,
  MachineRequest,
  Offer,
  Provider,
  RentedMachine,
} from "../../packages/tunewise/src/provision/index.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Faults of a cloud. Probabilities are per call or per machine. */
export interface CloudFaults {
  /** Share of `create` calls whose response is lost although the machine is created, up to a minute later. */
  readonly lostCreations: number;
  /** Share of `delete` calls that fail. 1: all. */
  readonly failedDeletions: number;
  /** Share of calls of any kind that fail. */
  readonly failedCalls: number;
  /** Share of machines that run another program, so that no lease is counted. */
  readonly strangePrograms: number;
  /** Price at creation as a share of the offered price. */
  readonly priceChange: number;
  /** Mean hours until a spot machine is preempted; 0: never. */
  readonly spotHours: number;
  /** Start and end of periods in which neither provider nor machines are reachable, in milliseconds of the clock. */
  readonly outages: readonly (readonly [number, number])[];
}

/** No faults. */
export const noFaults: CloudFaults = {
  lostCreations: 0,
  failedDeletions: 0,
  failedCalls: 0,
  strangePrograms: 0,
  priceChange: 1,
  spotHours: 0,
  outages: [],
};

/** A machine and its true state. */
export interface CloudMachine {
  readonly name: string;
  readonly usdPerHour: Usd;
  readonly createdMs: number;
  /** Whether the machine's program counts the lease. */
  readonly hasLease: boolean;
  programMs: number | null;
  heardMs: number;
  isEnding: boolean;
  endedMs: number | null;
}

/** Settings of a cloud. */
export interface CloudOptions {
  readonly time: VirtualTime;
  readonly random: () => number;
  readonly faults: CloudFaults;
  readonly guarantee: Guarantee;
  /** Maximum time from creation to program start; at most the guaranteed one. */
  readonly startingSeconds?: number;
}

/** The simulated provider. */
export class RentedCloud implements Provider {
  readonly address = "dstack://127.0.0.1:3000/main";
  readonly guarantee: Guarantee;
  readonly machines: CloudMachine[] = [];
  readonly #options: CloudOptions;

  constructor(options: CloudOptions) {
    this.#options = options;
    this.guarantee = options.guarantee;
  }

  async offers(): Promise<readonly Offer[]> {
    await this.#call();
    return [anOffer];
  }

  async create(request: MachineRequest): Promise<void> {
    const { time, random, faults } = this.#options;
    await this.#call();
    const price = Math.round((request.offer.usdPerHour ?? 0) * faults.priceChange) as Usd;
    if (price > request.maxUsdPerHour)
      throw problem("PROVIDER_REFUSED", { address: this.address, what: "create it", reason: "no offers" });
    if (random() >= faults.lostCreations) return this.#begin(request, price);
    time.at(time.nowMs + 60_000 * random() * Math.round(random()), () => this.#begin(request, price));
    throw this.#unreachable("the answer was lost");
  }

  async find(name: string): Promise<RentedMachine | null> {
    await this.#call();
    const found = this.#there(name);
    return found === undefined ? null : this.#shown(found);
  }

  async list(): Promise<readonly RentedMachine[]> {
    await this.#call();
    return this.machines.filter(({ endedMs }) => endedMs === null).map((machine) => this.#shown(machine));
  }

  async delete(name: string): Promise<void> {
    const { random, faults } = this.#options;
    await this.#call();
    if (random() < faults.failedDeletions)
      throw problem("PROVIDER_REFUSED", { address: this.address, what: "end it", reason: "500" });
    const found = this.#there(name);
    if (found !== undefined) this.#end(found);
  }

  /** Renews the lease of a machine. */
  async renew(name: string): Promise<void> {
    const machine = await this.#reached(name);
    machine.heardMs = this.#options.time.nowMs;
  }

  async leaseFault(name: string): Promise<string | null> {
    return (await this.#reached(name)).hasLease ? null : "No such file or directory";
  }

  /** Whether a machine runs its program. */
  isUp(name: string): boolean {
    return this.#there(name)?.programMs != null;
  }

  /** The total cost of all machines so far. */
  get paidUsd(): number {
    const now = this.#options.time.nowMs;
    const hours = ({ createdMs, endedMs }: CloudMachine): number =>
      ((endedMs ?? now) - createdMs) / 3_600_000;
    return this.machines.reduce((sum, machine) => sum + machine.usdPerHour * hours(machine), 0);
  }

  #there(name: string): CloudMachine | undefined {
    return this.machines.find((machine) => machine.name === name && machine.endedMs === null);
  }

  #begin({ name, maxSeconds, command }: MachineRequest, usdPerHour: Usd): void {
    const { time, random, faults, guarantee, startingSeconds } = this.#options;
    if (this.#there(name) !== undefined) return;
    const createdMs = time.nowMs;
    const machine: CloudMachine = {
      name,
      usdPerHour,
      createdMs,
      programMs: null,
      heardMs: createdMs,
      isEnding: false,
      endedMs: null,
      hasLease: random() >= faults.strangePrograms,
    };
    this.machines.push(machine);
    if (faults.spotHours > 0)
      time.at(createdMs - 3_600_000 * faults.spotHours * Math.log(random()), () => {
        machine.endedMs ??= time.nowMs;
      });
    const startMs = 1000 * (startingSeconds ?? guarantee.startingSeconds) * random();
    time.at(createdMs + startMs, () => {
      if (machine.isEnding || machine.endedMs !== null) return;
      [machine.programMs, machine.heardMs] = [time.nowMs, time.nowMs];
      const leaseSeconds = Number(/heard\)\) -ge (\d+)/.exec(command)?.[1]);
      if (machine.hasLease && guarantee.endsWithProgram) this.#count(machine, 1000 * leaseSeconds);
      if (guarantee.endsInTime) time.at(time.nowMs + 1000 * maxSeconds, () => this.#end(machine));
    });
  }

  /** Simulates the machine's own program, which counts the lease. */
  #count(machine: CloudMachine, leaseMs: number): void {
    const { time } = this.#options;
    const overMs = machine.heardMs + leaseMs;
    time.at(overMs, () => {
      if (machine.heardMs + leaseMs > time.nowMs) this.#count(machine, leaseMs);
      else this.#end(machine);
    });
  }

  #end(machine: CloudMachine): void {
    const { time, random, guarantee } = this.#options;
    if (machine.isEnding) return;
    machine.isEnding = true;
    time.at(time.nowMs + 1000 * guarantee.endingSeconds * random(), () => {
      machine.endedMs ??= time.nowMs;
    });
  }

  #shown({ name, isEnding, programMs, usdPerHour, createdMs }: CloudMachine): RentedMachine {
    const state = isEnding ? "ending" : programMs === null ? "starting" : "running";
    const kind = "ssh" as const;
    const way = programMs === null ? null : { kind, host: name, port: 22, user: "root", proxy: null };
    return {
      name,
      state,
      way,
      usdPerHour,
      createdMs,
      detail: state === "ending" ? "terminating" : state,
    };
  }

  async #reached(name: string): Promise<CloudMachine> {
    await this.#call();
    const machine = this.#there(name);
    if (machine?.programMs == null) throw this.#unreachable("connection refused");
    return machine;
  }

  /** Simulates the duration of a call, and its failure. */
  async #call(): Promise<void> {
    const { time, random, faults } = this.#options;
    const isLong = random() < 0.02;
    await time.sleep(isLong ? 15_000 : 50 + 1_000 * random());
    const isOut = faults.outages.some(([from, until]) => from <= time.nowMs && time.nowMs < until);
    if (isLong || isOut || random() < faults.failedCalls) throw this.#unreachable("no answer");
  }

  #unreachable(reason: string): Error {
    return problem("PROVIDER_UNREACHABLE", { address: this.address, reason });
  }
}

/** The only offer of the cloud. */
export const anOffer: Offer = {
  id: "aws us-east-1 g6e.xlarge",
  backend: "aws",
  region: "us-east-1",
  instance: "g6e.xlarge",
  gpu: { name: "L40S", count: 1, memoryBytes: bytes(48e9) },
  cores: 4,
  memoryBytes: bytes(32e9),
  diskBytes: bytes(100e9),
  isSpot: false,
  isAvailable: true,
  usdPerHour: usd(2),
  isDiskIncluded: false,
};

/** A request that accepts any machine. */
export const aRequest: RentalRequest = {
  run: "support-1",
  offer: anOffer,
  capUsd: usd(5),
  approvedUsd: usd(6),
  diskUsdPerHour: usd(0),
  needs: {
    gpu: null,
    gpuCount: 1,
    gpuMemoryBytes: null,
    memoryBytes: bytes(1),
    diskBytes: bytes(1),
    machines: 1,
    image: null,
    volume: null,
    isSpotAllowed: true,
    maxUsdPerHour: null,
  },
  leaseSeconds: seconds(900),
  sshPublicKey: "ssh-ed25519 AAAA",
  spentUsd: 0 as Usd,
};

/** A guarantee in which every mechanism works. */
export const wholeGuarantee: Guarantee = {
  keeper: "the dstack server at 10.0.0.2:3000",
  endsWithProgram: true,
  endsInTime: true,
  isKeptHere: false,
  startingSeconds: seconds(600),
  endingSeconds: seconds(120),
  givesUpSeconds: seconds(900),
};

/** In-memory records that outlive the controller. */
export function recordsInMemory(): RentalRecords & { readonly lines: Map<string, RentalEntry[]> } {
  const lines = new Map<string, RentalEntry[]>();
  return {
    lines,
    all: async () => [...lines.values()].flatMap((entries) => recordOf(entries) ?? []),
    add: async (name, entry) => {
      lines.set(name, [...(lines.get(name) ?? []), entry]);
    },
  };
}

/** A controller that is killed at one of its awaits: from then on no awaited promise resolves. */
export class Mortal {
  /** Number of awaits so far. */
  count = 0;
  readonly #killAt: number;
  readonly #isDone: () => boolean;

  /** @param isDone whether the call in progress still takes effect although its result is lost */
  constructor(killAt: number = Number.POSITIVE_INFINITY, isDone: () => boolean = () => false) {
    this.#killAt = killAt;
    this.#isDone = isDone;
  }

  get isDead(): boolean {
    return this.count >= this.#killAt;
  }

  async await<Value>(work: () => Promise<Value>): Promise<Value> {
    const never = new Promise<Value>(() => undefined);
    if (this.isDead) return never;
    this.count++;
    if (this.isDead && !this.#isDone()) return never;
    try {
      const value = await work();
      return this.isDead ? never : value;
    } catch (error) {
      if (this.isDead) return never;
      throw error;
    }
  }
}

/** The interfaces of a controller that may be killed. */
export function worldOf(
  cloud: RentedCloud,
  records: RentalRecords,
  time: VirtualTime,
  life: Mortal = new Mortal(),
): RentalWorld & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    provider: {
      address: cloud.address,
      guarantee: cloud.guarantee,
      offers: () => life.await(() => cloud.offers()),
      create: (request) => life.await(() => cloud.create(request)),
      find: (name) => life.await(() => cloud.find(name)),
      list: () => life.await(() => cloud.list()),
      delete: (name) => life.await(() => cloud.delete(name)),
    },
    records: {
      all: () => life.await(() => records.all()),
      add: (name, entry) => life.await(() => records.add(name, entry)),
    },
    nowMs: () => time.nowMs,
    sleep: (ms) => life.await(() => time.sleep(ms)),
    reach: (name) => ({
      leaseFault: () => life.await(() => cloud.leaseFault(name)),
      renew: () => life.await(() => cloud.renew(name)),
    }),
    signal: new AbortController().signal,
    say: (text) => void said.push(text),
  };
}
