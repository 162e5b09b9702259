/** @file What a provider of machines must be able to do. An error is never an answer: it does not say "gone". */
import type { Bytes, Seconds, Usd } from "@tunewise/core/quantity";

/** Storage that is there already, and where machines see it. */
export interface Volume {
  /** Name of a claim, as the provider knows it. */
  readonly claim: string;
  readonly path: string;
}

/** What a machine must have. */
export interface MachineNeeds {
  /** Such as `H100`; `null`: any. */
  readonly gpu: string | null;
  /** In each machine; 0: none. */
  readonly gpuCount: number;
  /** How many machines, all of the same kind. */
  readonly machines: number;
  readonly gpuMemoryBytes: Bytes | null;
  readonly memoryBytes: Bytes;
  readonly diskBytes: Bytes;
  readonly isSpotAllowed: boolean;
  /** Container image; `null`: the provider's own. */
  readonly image: string | null;
  /** `null`: no storage but the machine's own. */
  readonly volume: Volume | null;
  /** Most that an hour may cost; `null`: any price. */
  readonly maxUsdPerHour: Usd | null;
}

/** A machine that could be had, and for how much. */
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
  /** Price of an hour of all machines; `null`: the provider does not say. */
  readonly usdPerHour: Usd | null;
  /** Whether that is all that is paid for. */
  readonly isDiskIncluded: boolean;
}

/** A machine to create. Every limit is given, since a provider's own defaults are none. */
export interface MachineRequest {
  readonly name: string;
  readonly offer: Offer;
  /** The provider takes no machine that costs more. */
  readonly maxUsdPerHour: Usd;
  /** The provider ends the machine so long after it has started, whatever else happens. */
  readonly maxSeconds: Seconds;
  /** How long it may take from its creation until its program runs. */
  readonly startingSeconds: Seconds;
  /** How long its program may take to end after it was asked to. */
  readonly stopSeconds: Seconds;
  /** Public key that is let in, as in `authorized_keys`. */
  readonly sshPublicKey: string;
  /** The program of the machine, for a shell: the machine ends with it. */
  readonly command: string;
  readonly needs: MachineNeeds;
}

/** Where `ssh` reaches a machine. */
export interface SshPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Machine that the way leads through, as `user@host:port`; `null`: none. */
  readonly proxy: string | null;
}

/** How a machine is reached: by `ssh`, or as a Ray cluster through its dashboard. */
export type Way = ({ readonly kind: "ssh" } & SshPlace) | { readonly kind: "ray"; readonly address: string };

/** A machine that the provider has. */
export interface RentedMachine {
  readonly name: string;
  /** `ending`: asked to end, and still there: it may cost as before. */
  readonly state: "starting" | "running" | "ending";
  /** `null`: not reachable yet. */
  readonly way: Way | null;
  /** What an hour costs; `null`: not known yet. */
  readonly usdPerHour: Usd | null;
  /** When it was created by the provider's clock, in milliseconds since 1970; `null`: not said. */
  readonly createdMs: number | null;
  /** The provider's own word for its state, and why. */
  readonly detail: string;
}

/** What a provider answers for, beside what it is asked to do. */
export interface Guarantee {
  /** Who ends machines, in words, such as `the dstack server at http://10.0.0.2:3000`. */
  readonly keeper: string;
  /** Whether a machine ends, and is paid for no longer, when its program has ended. */
  readonly endsWithProgram: boolean;
  /** Whether it ends a machine after its `maxSeconds` by itself. */
  readonly endsInTime: boolean;
  /** Whether whoever ends machines lives on this computer, and dies with it. */
  readonly isKeptHere: boolean;
  /** Longest time from a machine's creation until its program runs; the provider gives up after that. */
  readonly startingSeconds: Seconds;
  /** Longest time from the end of a machine's program, or a request to delete it, until it is paid for no longer. */
  readonly endingSeconds: Seconds;
  /** After how long an end that fails is called an end all the same; `null`: never. */
  readonly givesUpSeconds: Seconds | null;
}

/** A provider of machines. */
export interface Provider {
  /** As it is written on the command line, without secrets. */
  readonly address: string;
  readonly guarantee: Guarantee;
  /** What could be had, the cheapest first. */
  offers(needs: MachineNeeds): Promise<readonly Offer[]>;
  /** Creates a machine, unless one of that name is there. When it fails, the machine may be there all the same. */
  create(request: MachineRequest): Promise<void>;
  /** The machine of a name; `null` only if the provider says that it has none, and nothing is paid for it. */
  find(name: string): Promise<RentedMachine | null>;
  /** Every machine whose name begins with our tag. */
  list(): Promise<readonly RentedMachine[]>;
  /** Asks for the end of a machine. It is gone when `find` says so. */
  delete(name: string): Promise<void>;
}
