/** @file Replies of another machine. They are not trusted, so each is validated against a schema. */
import { z } from "zod";

/** Replies by request. */
export interface Replies {
  readonly hello: {
    /** Version of its Python, and the worker's packages that are missing there. */
    readonly python: string;
    readonly missing: readonly string[];
    /** Folder of all cached files there. */
    readonly cache: string;
    readonly freeBytes: number;
    readonly cores: number;
    readonly device: "cpu" | "cuda" | "mps";
    /** Output of `nvidia-smi`; empty without it. */
    readonly cards: string;
  };
  readonly status: {
    /** Whether there is an execution, running or ended. */
    readonly exists: boolean;
    readonly isWorking: boolean;
    /** Text on how its worker ended. */
    readonly how: string;
    readonly checkpoint: { readonly step: number; readonly sessions: number } | null;
  };
  /** For each file, whether it is complete there, or how many bytes of it are. */
  readonly missing: { readonly have: readonly { readonly isWhole: boolean; readonly bytes: number }[] };
  /** Hash of a file whose content did not match; `null` if all did. */
  readonly receive: { readonly spoiled: string | null };
  readonly build: object;
  readonly listing: { readonly files: readonly ListedFile[] };
  readonly send: { readonly bytes: number };
  readonly start: { readonly started: boolean };
  readonly end: object;
  readonly release: object;
  readonly bridge: {
    readonly connected: boolean;
    readonly protocol?: number;
    /** Whether the worker is not ready yet; another reply follows. */
    readonly waiting?: boolean;
  };
}

/** Maximum time of a reply after the last sign of life, and its maximum size. */
export const replyLimits: {
  readonly [Act in keyof Replies]: { readonly seconds: number; readonly bytes: number };
} = {
  hello: { seconds: 60, bytes: 1 << 16 },
  status: { seconds: 60, bytes: 1 << 16 },
  missing: { seconds: 120, bytes: 1 << 22 },
  receive: { seconds: 900, bytes: 1 << 16 },
  build: { seconds: 300, bytes: 1 << 16 },
  listing: { seconds: 900, bytes: 1 << 26 },
  send: { seconds: 120, bytes: 1 << 16 },
  start: { seconds: 180, bytes: 1 << 16 },
  end: { seconds: 60, bytes: 1 << 16 },
  release: { seconds: 60, bytes: 1 << 16 },
  bridge: { seconds: 120, bytes: 1 << 16 },
};

/** A file of a run's folder on the other machine. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

const size = z.number().min(0);
const count = z.int().min(0);

/** Schemas of the replies. */
export const replySchemas: { readonly [Act in keyof Replies]: z.ZodType<Replies[Act]> } = {
  hello: z.object({
    python: z.string(),
    missing: z.array(z.string()),
    cache: z.string().regex(/^\//),
    freeBytes: size,
    cores: z.int().min(1),
    device: z.enum(["cpu", "cuda", "mps"]),
    cards: z.string().max(20_000),
  }),
  status: z.object({
    exists: z.boolean(),
    isWorking: z.boolean(),
    how: z.string(),
    checkpoint: z.object({ step: count, sessions: count }).nullable(),
  }),
  missing: z.object({ have: z.array(z.object({ isWhole: z.boolean(), bytes: size })) }),
  receive: z.object({ spoiled: z.string().nullable() }),
  build: z.object({}),
  listing: z.object({
    files: z.array(z.object({ path: z.string(), bytes: size, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
  }),
  send: z.object({ bytes: size }),
  start: z.object({ started: z.boolean() }),
  end: z.object({}),
  release: z.object({}),
  bridge: z.object({
    connected: z.boolean(),
    protocol: z.number().exactOptional(),
    waiting: z.boolean().exactOptional(),
  }),
};
