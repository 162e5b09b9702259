/**
 * @file Reads jobs, models and files of a vendor. The key goes to the vendor's own host only; requests that may succeed
 * a moment later are repeated with growing pauses; nothing is kept that did not arrive completely.
 */
import { open, rm } from "node:fs/promises";
import { renameSynced, writeAll } from "@tunewise/core/files";
import { problem, TunewiseError } from "../../problem/index.ts";
import {
  readFile,
  readJobs,
  readModels,
  readVendorJob,
  type VendorFile,
  type VendorJob,
  type VendorModel,
  type VendorPage,
} from "./job.ts";

/** A vendor's API, and what a client needs to ask it. */
export interface VendorAccess {
  /** Base address, such as `https://api.openai.com/v1`. */
  readonly url: string;
  /** Headers of each request to the vendor's host, with the key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number) => Promise<void>;
  /** Milliseconds without a byte after which a connection counts as broken; default: a minute. */
  readonly stallMs?: number;
}

/** The client. All methods throw `VENDOR_UNAVAILABLE`, `VENDOR_KEY_REFUSED` or the abort reason. */
export interface VendorClient {
  /** Newest first, at most 1,000. */
  jobs(): Promise<readonly VendorJob[]>;
  /** @throws {TunewiseError} `VENDOR_JOB_NOT_FOUND` */
  job(id: string): Promise<VendorJob>;
  models(): Promise<readonly VendorModel[]>;
  /** @throws {TunewiseError} `VENDOR_FILE_GONE` */
  file(id: string): Promise<VendorFile>;
  /**
   * Writes the content to a file, which appears when it is complete.
   *
   * @throws {TunewiseError} `VENDOR_FILE_GONE`, `VENDOR_FILE_TOO_LARGE`; file system errors
   */
  download(file: VendorFile, target: string): Promise<void>;
}

const maxTries = 5;
const firstPauseMs = 500;
const maxPauseMs = 60_000;
const stallMs = 60_000;
const maxReplyBytes = 16 * 2 ** 20;
/** A gigabyte: twice what OpenAI accepts as a training file. */
const maxFileBytes = 2 ** 30;
const maxRedirects = 3;
const pageSize = 100;
const maxPages = 10;

/** A reply that a repetition may improve. */
class Passing extends Error {
  readonly waitMs: number | null;
  constructor(reason: string, waitMs: number | null = null) {
    super(reason);
    this.waitMs = waitMs;
  }
}

/**
 * Creates a client.
 *
 * @throws {TunewiseError} its methods: `VENDOR_UNAVAILABLE`, `VENDOR_KEY_REFUSED`, `VENDOR_JOB_NOT_FOUND`,
 *   `VENDOR_FILE_GONE`, `VENDOR_FILE_TOO_LARGE`
 */
export function vendorClient(access: VendorAccess): VendorClient {
  const base = access.url.replace(/\/+$/, "");
  const { host } = new URL(base);
  const missing = (code: "VENDOR_JOB_NOT_FOUND" | "VENDOR_FILE_GONE", id: string) => (): Error =>
    problem(code, { id, host });
  const unreadable = (what: string): Error =>
    problem("VENDOR_UNAVAILABLE", { host, reason: `its answer is no ${what} as OpenAI's API describes it` });
  const json = (path: string, absent: () => Error): Promise<unknown> =>
    repeated(access, host, async () => {
      const text = await textOf(access, await get(access, `${base}${path}`, absent));
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw new Passing("its answer is not JSON");
      }
    });
  const noRoute = (path: string) => (): Error =>
    problem("VENDOR_UNAVAILABLE", {
      host,
      reason: `it has no ${path}, so it is not an API of OpenAI's shape`,
    });
  const list = <Item>(path: string, read: (value: unknown) => VendorPage<Item> | null) =>
    json(path, noRoute(path.split("?")[0] ?? path)).then((value) => {
      const page = read(value);
      if (page === null) throw unreadable("list");
      return page;
    });
  return {
    jobs: async () => {
      const jobs: VendorJob[] = [];
      for (let at = 0; at < maxPages; at++) {
        const after = jobs.at(-1)?.id;
        const query = `limit=${pageSize}${after === undefined ? "" : `&after=${encodeURIComponent(after)}`}`;
        const { items, hasMore } = await list(`/fine_tuning/jobs?${query}`, readJobs);
        jobs.push(...items);
        if (!hasMore || items.length === 0) break;
      }
      return jobs;
    },
    job: async (id) => {
      const path = `/fine_tuning/jobs/${encodeURIComponent(id)}`;
      const job = readVendorJob(await json(path, missing("VENDOR_JOB_NOT_FOUND", id)));
      if (job === null) throw unreadable("job");
      return job;
    },
    models: async () => (await list("/models", readModels)).items,
    file: async (id) => {
      const file = readFile(await json(`/files/${encodeURIComponent(id)}`, missing("VENDOR_FILE_GONE", id)));
      if (file === null) throw unreadable("file");
      return file;
    },
    download: async (file, target) => {
      if ((file.bytes ?? 0) > maxFileBytes)
        throw problem("VENDOR_FILE_TOO_LARGE", { id: file.id, bytes: file.bytes ?? 0, most: maxFileBytes });
      const address = `${base}/files/${encodeURIComponent(file.id)}/content`;
      const part = `${target}.part`;
      try {
        await repeated(access, host, async () =>
          store(access, await get(access, address, missing("VENDOR_FILE_GONE", file.id)), file, part),
        );
        await renameSynced(part, target);
      } finally {
        await rm(part, { force: true });
      }
    },
  };
}

/** Repeats what may succeed a moment later. */
async function repeated<Result>(
  access: VendorAccess,
  host: string,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    access.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      access.signal.throwIfAborted();
      if (!(error instanceof Passing)) throw error;
      if (tries === maxTries)
        throw problem("VENDOR_UNAVAILABLE", { host, reason: `${error.message}, ${maxTries} times` });
      await access.sleep(Math.min(maxPauseMs, error.waitMs ?? firstPauseMs * 2 ** (tries - 1)));
    }
  }
}

/** A reply whose body is read under a deadline for each piece. */
interface Reply {
  readonly response: Response;
  /** Why nothing more comes, if that is so. */
  readonly signal: AbortSignal;
  /** Restarts the deadline. */
  progress(): void;
  close(): void;
}

/** Follows redirects itself: the key never goes to another origin, and nothing goes to a weaker protocol. */
async function get(access: VendorAccess, address: string, absent: () => Error): Promise<Reply> {
  const watch = new AbortController();
  const limit = access.stallMs ?? stallMs;
  const timer = setTimeout(() => watch.abort(new Error("stalled")), limit);
  const close = (): void => {
    clearTimeout(timer);
    watch.abort(new Error("closed"));
  };
  const { origin, host } = new URL(address);
  try {
    const signal = AbortSignal.any([access.signal, watch.signal]);
    let url = new URL(address);
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const headers = url.origin === origin ? access.headers : {};
      const response = await access.fetch(url, { headers, redirect: "manual", signal });
      const next = redirectOf(response, url);
      if (next === null) {
        if (!response.ok) throw refusalOf(response, host, absent);
        return { response, signal: watch.signal, progress: () => timer.refresh(), close };
      }
      await response.body?.cancel().catch(() => undefined);
      url = next;
    }
    throw new Passing(`it redirected more than ${maxRedirects} times`);
  } catch (error) {
    close();
    if (error instanceof TunewiseError || error instanceof Passing) throw error;
    throw new Passing(reasonOf(error, watch.signal, limit));
  }
}

function redirectOf(response: Response, from: URL): URL | null {
  const location = response.headers.get("location");
  if (response.status < 300 || response.status >= 400 || location === null) return null;
  if (!URL.canParse(location, from.href)) return null;
  const to = new URL(location, from.href);
  return to.protocol === from.protocol || to.protocol === "https:" ? to : null;
}

function refusalOf(response: Response, host: string, absent: () => Error): Error {
  const { status, headers } = response;
  if (status === 401 || status === 403) return problem("VENDOR_KEY_REFUSED", { host, status });
  if (status === 404 || status === 410) return absent();
  if (status === 408 || status === 409 || status === 429 || status >= 500)
    return new Passing(`it answered with status ${status}`, waitOf(headers));
  return problem("VENDOR_UNAVAILABLE", { host, reason: `it answered with status ${status}` });
}

/** @source RFC 9110, 10.2.3: seconds */
function waitOf(headers: Headers): number | null {
  const text = headers.get("retry-after")?.trim() ?? "";
  return /^\d{1,6}(?:\.\d{1,6})?$/.test(text) ? Number(text) * 1000 : null;
}

/** A short text without addresses or headers, which may contain keys. */
function reasonOf(error: unknown, signal: AbortSignal, limit: number): string {
  if (signal.aborted) return `nothing came for ${limit / 1000} s`;
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string" && /^\w{1,64}$/.test(code)) return `the connection failed (${code})`;
  }
  return "the connection failed";
}

/** Reads the body piece by piece. @throws Passing */
async function pieces(
  access: VendorAccess,
  reply: Reply,
  take: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  let failed: unknown = null;
  try {
    for await (const piece of reply.response.body ?? []) {
      reply.progress();
      try {
        await take(piece);
      } catch (error) {
        failed = error;
        throw error;
      }
    }
  } catch (error) {
    if (failed !== null) throw failed;
    throw new Passing(reasonOf(error, reply.signal, access.stallMs ?? stallMs));
  } finally {
    reply.close();
  }
}

async function textOf(access: VendorAccess, reply: Reply): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await pieces(access, reply, async (piece) => {
    length += piece.byteLength;
    if (length > maxReplyBytes) throw new Passing(`its answer has more than ${maxReplyBytes} bytes`);
    chunks.push(piece);
  });
  return Buffer.concat(chunks, length).toString("utf8");
}

async function store(access: VendorAccess, reply: Reply, file: VendorFile, part: string): Promise<void> {
  const handle = await open(part, "w", 0o600);
  try {
    let length = 0;
    await pieces(access, reply, async (piece) => {
      if (length + piece.byteLength > (file.bytes ?? maxFileBytes))
        throw problem("VENDOR_FILE_TOO_LARGE", {
          id: file.id,
          bytes: length + piece.byteLength,
          most: file.bytes ?? maxFileBytes,
        });
      await writeAll(handle, piece, length);
      length += piece.byteLength;
    });
    if (file.bytes !== null && length < file.bytes)
      throw new Passing(`the connection ended at byte ${length} of ${file.bytes}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
