/** @file Downloads a file with limits on size, idle time and total time. */

/** Timeouts of a download. */
export interface FetchPatience {
  /** Maximum time without receiving data. */
  readonly stallMilliseconds: number;
  /** Maximum total time. */
  readonly totalMilliseconds: number;
}

/** Default timeouts: half a minute idle, five minutes in total. */
export const fetchPatience: FetchPatience = { stallMilliseconds: 30_000, totalMilliseconds: 300_000 };

/** A file to download, and its limits. */
export interface FetchOrder {
  readonly address: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly patience: FetchPatience;
  readonly onProgress: (doneBytes: number, totalBytes: number | null) => void;
}

/** Maximum number of redirects. The lists' addresses have at most one. */
const maxRedirects = 5;

/**
 * Downloads a file into memory.
 *
 * @throws the abort reason of the signal, or an error with a short message
 */
export async function fetchBounded(ask: typeof fetch, order: FetchOrder): Promise<Uint8Array> {
  const { address, signal, patience } = order;
  signal.throwIfAborted();
  const watch = new AbortController();
  const tooSlow = (milliseconds: number, what: string): NodeJS.Timeout =>
    setTimeout(() => watch.abort(new Error(`${what} ${milliseconds / 1000} s`)), milliseconds);
  const stall = tooSlow(patience.stallMilliseconds, "nothing came for");
  const total = tooSlow(patience.totalMilliseconds, "it took more than");
  try {
    const response = await follow(ask, address, AbortSignal.any([signal, watch.signal]));
    return await readBody(response, order, () => stall.refresh());
  } catch (error) {
    signal.throwIfAborted();
    throw watch.signal.aborted ? watch.signal.reason : plainError(error);
  } finally {
    clearTimeout(stall);
    clearTimeout(total);
    watch.abort(new Error("closed"));
  }
}

/** Follows redirects manually, to refuse a downgrade from https. */
async function follow(ask: typeof fetch, address: string, signal: AbortSignal): Promise<Response> {
  let url = new URL(address);
  for (let i = 0; i <= maxRedirects; i++) {
    const response = await ask(url, { redirect: "manual", signal });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) {
      if (response.ok) return response;
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status}`);
    }
    await response.body?.cancel();
    const next = new URL(location, url);
    const isWeaker = url.protocol === "https:" && next.protocol !== "https:";
    if (isWeaker || !/^https?:$/.test(next.protocol)) throw new Error(`it redirects to ${next.protocol}//`);
    url = next;
  }
  throw new Error(`it redirects more than ${maxRedirects} times`);
}

async function readBody(response: Response, order: FetchOrder, onBytes: () => void): Promise<Uint8Array> {
  const { maxBytes, onProgress } = order;
  const stated = Number(response.headers.get("content-length") ?? Number.NaN);
  const totalBytes = stated >= 0 && !response.headers.has("content-encoding") ? stated : null;
  if (totalBytes !== null && totalBytes > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
  const chunks: Uint8Array[] = [];
  let doneBytes = 0;
  for await (const chunk of response.body ?? []) {
    onBytes();
    doneBytes += chunk.byteLength;
    if (doneBytes > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
    chunks.push(chunk);
    onProgress(doneBytes, totalBytes);
  }
  return Buffer.concat(chunks);
}

/** Extracts the network error from the cause. */
function plainError(error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException).code;
  const text = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  return new Error(code === undefined || text.includes(code) ? text || String(code) : `${text} (${code})`, {
    cause: error,
  });
}
