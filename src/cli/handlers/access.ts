/** @file What commands about access have in common: where the store lies, who asks, which words an action takes. */
import { userInfo } from "node:os";
import type { AccessRequest } from "../../app/tracking/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, textFlag } from "../command.ts";

/** The store that is meant, and the account of the machine that asks. */
export function accessRequest(call: Call): AccessRequest {
  const store = textFlag(call, "store");
  return { ...(store === null ? {} : { store }), by: `cli:${accountName()}` };
}

/** Some accounts of containers have no name. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

/**
 * The words behind an action, as many as it takes.
 *
 * @param names what they are, in capitals
 * @throws {TunewiseError} `USAGE_INVALID` for one too few or too many
 */
export function actionWords(call: Call, ...names: readonly string[]): string[] {
  const [action = "", ...words] = call.words;
  const { name } = call.command;
  const pattern = ["tunewise", name, action, ...names].join(" ");
  if (words.length === names.length) return words;
  const [missing] = names.slice(words.length);
  const detail = missing ? `${missing} is missing: ${pattern}` : `There is a word too many: ${pattern}`;
  throw problem("USAGE_INVALID", { detail: `${detail}.`, command: name });
}
