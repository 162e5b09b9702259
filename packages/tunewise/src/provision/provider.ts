/** @file The interface of machine providers. An error never means that a machine is gone. */
import type { Bytes, Seconds, Usd } from "@tunewise/core/quantity";

/** Existing storage, and its mount path in machines. */
export interface Volume {
  /** Name of a volume claim at the provider. */
  readonly claim: string;
  readonly path: string;
}

/** Requirements of a machine. */
export interface MachineNeeds {
  /** GPU model, such as `H100`; `null`: any. */
  readonly gpu: string | null;
  /** GPUs in each machine; 0: none. */
  readonly gpuCount: number;
  /** Number of machines, all of the same kind. */
  readonly machines: number;
  readonly gpuMemoryBytes: Bytes | null;
  readonly memoryBytes: Bytes;
  readonly diskBytes: Bytes;
  readonly isSpotAllowed: boolean;
  /** Container image; `null`: the provider's default. */
  readonly image: string | null;
  /** Shared storage; `null`: only the machine's own disk. */
  readonly volume: Volume | null;
  /** Max. hourly price; `null`: any price. */
  readonly maxUsdPerHour: Usd | null;
}

/** A machine that can be rented, and its price. */
export interface Offer {
  /** Provider's cloud, region and type, such as `aws us-east-1 g5.xlarge`. */
  readonly id: string;
  readonly backend: string;
  readonly region: string;
  readonly instance: string;
  readonly gpu: { readonly name: string; readonly count: number; readonly memoryBytes: Bytes } | null;
  readonly cores: number;
  readonly memoryBytes: Bytes;
  readonly diskBytes: Bytes;
  readonly isSpot: boolean;
  readonly isAvailable: boolean;
  /** Hourly price of all machines; `null`: the provider does not state it. */
  readonly usdPerHour: Usd | null;
  /** Whether the price includes the disk. */
  readonly isDiskIncluded: boolean;
}

/** A machine to create. Every limit is explicit, since providers have no default limits. */
export interface MachineRequest {
  readonly name: string;
  readonly offer: Offer;
  /** The provider must not select a more expensive machine. */
  readonly maxUsdPerHour: Usd;
  /** The provider ends the machine this long after its start, whatever else happens. */
  readonly maxSeconds: Seconds;
  /** Max. time from creation until its program runs. */
  readonly startingSeconds: Seconds;
  /** Max. time for its program to end after a request to stop. */
  readonly stopSeconds: Seconds;
  /** Public key with access, in the format of `authorized_keys`. */
  readonly sshPublicKey: string;
  /** Shell command that the machine runs; the machine ends with it. */
  readonly command: string;
  readonly needs: MachineNeeds;
}

/** Where `ssh` reaches a machine. */
export interface SshPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Jump host, as `user@host:port`; `null`: none. */
  readonly proxy: string | null;
}

/** How a machine is reached: by `ssh`, or as a Ray cluster through its dashboard. */
export type Way = ({ readonly kind: "ssh" } & SshPlace) | { readonly kind: "ray"; readonly address: string };

/** A machine that exists at the provider. */
export interface RentedMachine {
  readonly name: string;
  /** `ending`: it was asked to end but still exists, and may still cost money. */
  readonly state: "starting" | "running" | "ending";
  /** How to reach it; `null`: not reachable yet. */
  readonly way: Way | null;
  /** Hourly price; `null`: not known yet. */
  readonly usdPerHour: Usd | null;
  /** Creation time by the provider's clock, in milliseconds since 1970; `null`: not stated. */
  readonly createdMs: number | null;
  /** The provider's own description of its state, with the reason. */
  readonly detail: string;
}

/** Guarantees of a provider. */
export interface Guarantee {
  /** Name of what ends machines, such as `the dstack server at http://10.0.0.2:3000`. */
  readonly keeper: string;
  /** Whether a machine ends, and stops costing money, when its program ends. */
  readonly endsWithProgram: boolean;
  /** Whether the provider itself ends a machine after its `maxSeconds`. */
  readonly endsInTime: boolean;
  /** Whether the keeper runs on this machine and would fail with it. */
  readonly isKeptHere: boolean;
  /** Max. time from a machine's creation until its program runs; the provider gives up after that. */
  readonly startingSeconds: Seconds;
  /** Max. time from the end of a machine's program, or a request to delete it, until it stops costing money. */
  readonly endingSeconds: Seconds;
  /** Time after which the provider reports a machine as ended although ending it keeps failing; `null`: never. */
  readonly givesUpSeconds: Seconds | null;
}

/** A provider of machines. */
export interface Provider {
  /** Address as on the command line, without secrets. */
  readonly address: string;
  readonly guarantee: Guarantee;
  /** Available offers, the cheapest first. */
  offers(needs: MachineNeeds): Promise<readonly Offer[]>;
  /** Creates a machine, unless one of that name exists. If it fails, the machine may exist nevertheless. */
  create(request: MachineRequest): Promise<void>;
  /** The machine of a name; `null` only if the provider states that it does not exist and costs nothing. */
  find(name: string): Promise<RentedMachine | null>;
  /** Every machine whose name starts with the tag. */
  list(): Promise<readonly RentedMachine[]>;
  /** Requests the end of a machine. It is gone once `find` returns `null`. */
  delete(name: string): Promise<void>;
}
