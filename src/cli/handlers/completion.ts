/** @file `tunewise completion SHELL`: a script made from the table of commands. */
import type { Call } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";

/** The generator of each shell, imported on use. */
const generators: Readonly<Record<string, () => Promise<() => string>>> = {
  bash: async () => (await import("../completion/bash.ts")).bashCompletion,
  zsh: async () => (await import("../completion/zsh.ts")).zshCompletion,
  fish: async () => (await import("../completion/fish.ts")).fishCompletion,
  powershell: async () => (await import("../completion/powershell.ts")).powershellCompletion,
};

/** Prints the script of the shell named first, which parsing has checked. */
export async function handle(call: Call, console: Console): Promise<number> {
  const shell = call.words[0] ?? "bash";
  const generate = await generators[shell]?.();
  if (generate === undefined) throw new Error(`Internal: no completion for ${shell}`);
  if (console.json) console.document({ shell, script: generate() });
  else console.result(generate());
  return DONE;
}
