/** @file What another machine answers. It is not trusted: each reply is read under a schema. */
import { z } from "zod";

/** What can be asked, and what it is answered with. */
export interface Replies {
  readonly hello: {
    /** Version of its Python, and the packages of the worker that this lacks. */
    readonly python: string;
    readonly missing: readonly string[];
    /** Folder of everything that is kept there. */
    readonly cache: string;
    readonly freeBytes: number;
    readonly cores: number;
    readonly device: "cpu" | "cuda" | "mps";
    /** What `nvidia-smi` prints for its cards; empty without it. */
    readonly cards: string;
  };
  readonly status: {
    /** Whether there is an execution, at work or ended. */
    readonly exists: boolean;
    readonly isWorking: boolean;
    /** How its worker ended, in words. */
    readonly how: string;
    readonly checkpoint: { readonly step: number; readonly sessions: number } | null;
  };
  /** Of each file, whether it is there, or how many of its bytes. */
  readonly missing: { readonly have: readonly { readonly isWhole: boolean; readonly bytes: number }[] };
  /** Hash of a file whose content was another one. */
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
    /** Whether the worker is still waited for; another reply follows. */
    readonly waiting?: boolean;
  };
}

/** How long a reply may take after the last sign of life, and how many bytes it may have. */
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

/** A file of a run's folder there. */
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
    ...{ python: z.string(), missing: z.array(z.string()), cache: z.string().regex(/^\//), freeBytes: size },
    ...{ cores: z.int().min(1), device: z.enum(["cpu", "cuda", "mps"]) },
    cards: z.string().max(20_000),
  }),
  status: z.object({
    ...{ exists: z.boolean(), isWorking: z.boolean(), how: z.string() },
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
