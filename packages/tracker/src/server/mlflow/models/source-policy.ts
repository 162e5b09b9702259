/**
 * @file Policy for sources of versions outside this server. Such a source is a link: the server passes it to clients
 * unchanged, and never opens it.
 */
import { problem } from "../../../problem/index.ts";

/**
 * The default: object stores and model hubs, which a client opens with its own credentials. Excludes local paths, and
 * plain HTTP, which could reach into a client's network.
 */
export const defaultLinks: readonly string[] = [
  ...["s3:", "gs:", "abfs:", "abfss:", "wasbs:", "azureml:", "dbfs:", "hdfs:", "viewfs:", "r2:", "oss:"],
  ...["hf:", "huggingface:", "https:"],
];

/** Schemes that are never links: this server's own, and those of the reader's disk or of inline data. */
const never: ReadonlySet<string> = new Set(["file:", "runs:", "models:", "mlflow-artifacts:", "data:"]);

const maxPrefixes = 100;

/**
 * Parses a policy: schemes and address prefixes, separated by commas, or `none`.
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

/** Whether an address may be recorded as a link. Checks only its text, without opening it. */
export function isLink(links: readonly string[], address: string): boolean {
  if (never.has(schemeOf(address)) || !isPlain(address)) return false;
  return links.some((prefix) => {
    if (/^[a-z][a-z0-9+.-]*:$/i.test(prefix)) return schemeOf(address) === prefix.toLowerCase();
    return address === prefix || address.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
  });
}

/** The scheme of an address with its colon, in lower case; empty without one. */
export function schemeOf(address: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.exec(address)?.[0].toLowerCase() ?? "";
}

/** Whether an address is unambiguous and has no password or signature, which everyone could read in the registry. */
function isPlain(address: string): boolean {
  if (/[\p{Cc}\s\\?#%]/u.test(address) || /^[^/]*\/\/[^/]*@/.test(address)) {
    // Azure puts a container before the @, not a password.
    const isContainer = /^(?:abfss?|wasbs?):\/\/[\w-]+@[\w.-]+(?:\/[^\p{Cc}\s\\?#%]*)?$/iu.test(address);
    if (!isContainer) return false;
  }
  return !address.split("/").some((part) => part === "." || part === "..");
}
