/** @file The environment of downloads: cache folder, network, token. */
/** Progress of a download. */
export interface DownloadProgress {
  readonly file: string;
  readonly doneBytes: number;
  /** `null` if the server did not state a size. */
  readonly totalBytes: number | null;
}

/** The environment of model and data set sources; injected so that tests can provide their own. */
export interface SourceContext {
  /** Folder of the model cache. */
  readonly cacheFolder: string;
  /** The network; `null` disables it. */
  readonly fetch: typeof fetch | null;
  /** Hub address without a trailing slash: `HF_ENDPOINT` or the default. */
  readonly endpoint: string;
  /** `HF_TOKEN`; sent to `endpoint` only, never displayed. */
  readonly token: string | null;
  /**
   * Runs a program, such as `pip download`, and returns its exit code and output; `null` disables it. The program is
   * ended after `maxSeconds`, if given.
   */
  readonly execute:
    | ((
        program: string,
        parameters: readonly string[],
        maxSeconds?: number,
      ) => Promise<{ code: number; output: string }>)
    | null;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}
