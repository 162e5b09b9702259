/**
 * @file What a client says that a version is made from.
 */

/** What a client says about a version to be made. */
export interface AskedSource {
  readonly source: string;
  /** Id of a run. */
  readonly run: string | null;
  /** Id of a logged model. */
  readonly model: string | null;
}
