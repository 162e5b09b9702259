/**
 * @file A password from the person at the terminal or from the environment; the command line never holds one.
 */
import { problem } from "../../problem/index.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { askPassword } from "../prompts.ts";

/**
 * The password that is meant; `null` for none.
 *
 * @throws {TunewiseError} `PASSWORD_MISSING`; `USAGE_INVALID` where two answers to the question differ
 */
export async function passwordOf(call: Call, console: Console): Promise<string | null> {
  const name = textFlag(call, "password-env");
  const command = call.command.name;
  if (isOn(call, "no-password")) {
    if (name === null) return null;
    const detail = "--no-password and --password-env do not go together.";
    throw problem("USAGE_INVALID", { detail, command });
  }
  if (name !== null) {
    const value = console.io.env[name] ?? "";
    if (value !== "") return value;
    throw problem("PASSWORD_MISSING", { detail: `The environment variable ${name} is not set` });
  }
  if (!console.canAsk)
    throw problem("PASSWORD_MISSING", { detail: "There is no terminal to ask for a password" });
  const first = await askPassword("password", command);
  if ((await askPassword("the same again", command)) === first) return first;
  throw problem("USAGE_INVALID", { detail: "The two passwords differ.", command });
}
