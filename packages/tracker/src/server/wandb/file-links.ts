/**
 * @file Keys of files in the artifact store, and signed addresses for them. W&B clients transfer files without
 * credentials, so the address itself is the permission: it is signed for one file, one direction and a period.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { TrackingContext } from "../../index.ts";
import { artifactKey, keepServerSecret, wandbFileRoot } from "../../index.ts";

/** Direction that an address allows. */
export type LinkMode = "put" | "get";

/** Creates and checks addresses. */
export interface FileLinks {
  /** Creates the path of an address for a key of the artifact store. */
  readonly make: (mode: LinkMode, key: string) => Promise<string>;
  readonly isValid: (mode: LinkMode, key: string, until: string, mark: string) => Promise<boolean>;
}

/** Validity of an address; long, since an upload may have to wait for large ones before it. */
const validMs = 24 * 3_600_000;

/** Creates links signed with a secret that all servers of the store share. */
export function createFileLinks(context: TrackingContext): FileLinks {
  let secret: Promise<string> | null = null;
  const readSecret = (): Promise<string> => {
    secret ??= context
      .write((transaction) => keepServerSecret(transaction, "wandb-files", randomBytes(32).toString("hex")))
      .catch((error: unknown) => {
        secret = null;
        throw error;
      });
    return secret;
  };
  const sign = async (mode: LinkMode, key: string, until: string): Promise<string> =>
    createHmac("sha256", await readSecret())
      .update(`${mode}\n${until}\n${key}`)
      .digest("base64url");
  return {
    make: async (mode, key) => {
      const until = String(context.now() + validMs);
      const path = key.split("/").map(encodeURIComponent).join("/");
      return `/wandb-files/${await sign(mode, key, until)}/${until}/${path}`;
    },
    isValid: async (mode, key, until, mark) => {
      const [expected, given] = [Buffer.from(await sign(mode, key, until)), Buffer.from(mark)];
      return (
        expected.length === given.length && timingSafeEqual(expected, given) && context.now() < Number(until)
      );
    },
  };
}

/** The key of a run's file; `null` for an invalid name. Clients may request `./a` for a file saved as `a`. */
export function runFileKey(run: number, name: string): string | null {
  return artifactKey(`${wandbFileRoot(run)}/${name.replace(/^(?:\.\/)+/, "")}`);
}

/** The key of a project's artifact content by its hash, so that versions share unchanged files. */
export function contentKey(project: number, md5: string): string {
  return `wandb/content/${project}/${md5}`;
}

/** The MD5 that content under a key must have, or `null`. */
export function demandedMd5(key: string): string | null {
  return /^wandb\/content\/\d+\/([0-9a-f]{32})$/.exec(key)?.[1] ?? null;
}

/** The key of an artifact's manifest; `null` for an invalid name. */
export function manifestKey(artifact: number, name: string): string | null {
  return artifactKey(`wandb/manifests/${artifact}/${name}`);
}
