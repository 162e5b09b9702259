/**
 * @file What downloading needs from outside: the cache folder, the network, a token.
 */
/** Progress of a download. */
export interface DownloadProgress {
  readonly file: string;
  readonly doneBytes: number;
  /** `null` where the server did not say. */
  readonly totalBytes: number | null;
}

/** What the sources of models and data sets need from outside; injected, so that tests can pass their own. */
export interface SourceContext {
  /** Folder of the model cache. */
  readonly cacheFolder: string;
  /** The network; `null` forbids it. */
  readonly fetch: typeof fetch | null;
  /** Hub address without a trailing slash: `HF_ENDPOINT` or the default. */
  readonly endpoint: string;
  /** `HF_TOKEN`; sent to `endpoint` only, never shown. */
  readonly token: string | null;
  /** Runs a program and gives its exit code and output; `null` forbids it. Used for `pip download`. */
  readonly execute:
    | ((program: string, parameters: readonly string[]) => Promise<{ code: number; output: string }>)
    | null;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}
