/**
 * @file Where files lie in the store of artifacts, and addresses for them: these clients send and fetch files without
 * saying who they are, so the address itself is the permission. It names one file, one direction and an end, and is
 * signed.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { artifactKey, keepServerSecret, wandbFileRoot } from "@tunewise/tracker";
import type { TrackingContext } from "../../../app/tracking/index.ts";

/** What an address allows. */
export type LinkMode = "put" | "get";

/** Makes and checks addresses. */
export interface FileLinks {
  /** The path of an address, for a key of the artifact store. */
  readonly make: (mode: LinkMode, key: string) => Promise<string>;
  readonly isValid: (mode: LinkMode, key: string, until: string, mark: string) => Promise<boolean>;
}

/** A large upload may wait for others before it. */
const validMs = 24 * 3_600_000;

/** Links signed by a secret that all servers of the store share. */
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

/** The key of a run's file, or `null` where its name may not be one. Clients may ask for `./a` that they saved as `a`. */
export function runFileKey(run: number, name: string): string | null {
  return artifactKey(`${wandbFileRoot(run)}/${name.replace(/^(?:\.\/)+/, "")}`);
}

/** The key of a content of a project's artifacts: versions share what did not change. */
export function contentKey(project: number, md5: string): string {
  return `wandb/content/${project}/${md5}`;
}

/** The MD5 that a key demands of what is put there, or `null`. */
export function demandedMd5(key: string): string | null {
  return /^wandb\/content\/\d+\/([0-9a-f]{32})$/.exec(key)?.[1] ?? null;
}

/** The key of an artifact's manifest, or `null` where its name may not be one. */
export function manifestKey(artifact: number, name: string): string | null {
  return artifactKey(`wandb/manifests/${artifact}/${name}`);
}
