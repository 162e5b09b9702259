/**
 * @file Sources of versions that lie outside of this server: which of them may be recorded. Such a source is a link:
 * the server hands it to clients as it is, and never opens it.
 */
import { problem } from "../../../../problem/index.ts";

/**
 * The default: stores of objects and hubs of models, which a client opens with rights of its own. Paths of a machine's
 * own disk and plain HTTP, which reaches into a client's network, are left out.
 */
export const defaultLinks: readonly string[] = [
  ...["s3:", "gs:", "abfs:", "abfss:", "wasbs:", "azureml:", "dbfs:", "hdfs:", "viewfs:", "r2:", "oss:"],
  ...["hf:", "huggingface:", "https:"],
];

/** Schemes that mean this server's own, or a disk of whoever reads them. */
const never: ReadonlySet<string> = new Set(["file:", "runs:", "models:", "mlflow-artifacts:", "data:"]);

const maxPrefixes = 100;

/**
 * Reads a policy: schemes and prefixes of addresses with commas between them, `none` for none.
 *
 * @throws {TunewiseError} `MODEL_SOURCES_INVALID`
 */
export function readLinks(text: string): readonly string[] {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 1 && parts[0] === "none") return [];
  const prefixes = parts.map((part) => part.replace(/^([a-z][a-z0-9+.-]*):\/{0,2}$/i, "$1:"));
  const wrong = prefixes.find((part) => !/^[a-z][a-z0-9+.-]*:/i.test(part) || never.has(schemeOf(part)));
  if (wrong !== undefined || prefixes.length === 0 || prefixes.length > maxPrefixes) {
    throw problem("MODEL_SOURCES_INVALID", { found: wrong ?? text.slice(0, 100) });
  }
  return prefixes;
}

/** Whether an address may be recorded as a link: by its characters alone; nothing is opened. */
export function isLink(links: readonly string[], address: string): boolean {
  if (never.has(schemeOf(address)) || !isPlain(address)) return false;
  return links.some((prefix) => {
    if (/^[a-z][a-z0-9+.-]*:$/i.test(prefix)) return schemeOf(address) === prefix.toLowerCase();
    return address === prefix || address.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
  });
}

/** The scheme of an address with its colon, in small letters; empty without one. */
export function schemeOf(address: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.exec(address)?.[0].toLowerCase() ?? "";
}

/** One reading alone, and neither a password nor a signature, which everybody could read in the registry. */
function isPlain(address: string): boolean {
  if (/[\p{Cc}\s\\?#%]/u.test(address) || /^[^/]*\/\/[^/]*@/.test(address)) {
    // Azure names a container before the @, and no password.
    const isContainer = /^(?:abfss?|wasbs?):\/\/[\w-]+@[\w.-]+(?:\/[^\p{Cc}\s\\?#%]*)?$/iu.test(address);
    if (!isContainer) return false;
  }
  return !address.split("/").some((part) => part === "." || part === "..");
}
