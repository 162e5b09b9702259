/**
 * @file Loads a recipe with the hourly price of this machine. If the recipe has none, the user is asked once in a
 * terminal, and the answer applies to this machine from then on.
 */
import {
  type LoadedRecipe,
  loadRecipe,
  type MachinePrice,
  type RecipeOverrides,
  readMachinePrice,
  recordMachinePrice,
} from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { readHourlyRate } from "../budget-text.ts";
import { type Call, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";

/**
 * Loads a recipe. Its price is the file's, otherwise this machine's. For a run on another machine, only the file's
 * applies.
 *
 * @throws {TunewiseError} the errors of `loadRecipe`; `USAGE_INTERRUPTED` when the question is cancelled
 */
export async function loadPricedRecipe(
  path: string,
  runtime: Runtime,
  overrides: RecipeOverrides,
  call: Call,
  console: Console,
): Promise<LoadedRecipe> {
  if (![null, "here"].includes(textFlag(call, "on"))) return loadRecipe(path, runtime, overrides);
  const known = await readMachinePrice(runtime);
  const loaded = await loadRecipe(path, runtime, priced(overrides, known));
  const isAsked = console.canAsk && !isOn(call, "yes") && !console.io.env["CI"];
  if (loaded.isPriced || !isAsked) return loaded;
  const said = await recordMachinePrice(await askPrice(call.command.name), runtime);
  return loadRecipe(path, runtime, priced(overrides, said));
}

function priced(overrides: RecipeOverrides, price: MachinePrice | null): RecipeOverrides {
  if (price === null) return overrides;
  const source = `as said for this machine on ${price.saidOn}`;
  return { ...overrides, usualPrice: { usdPerHour: price.usdPerHour, source } };
}

const nothing = "nothing";

/** Asks for the price in dollars per hour; "nothing" is 0. */
async function askPrice(command: string): Promise<number> {
  const { askText } = await import("../prompts.ts");
  const answer = await askText(
    {
      message:
        "What does an hour of this machine cost, in dollars? Asked once; tunewise doctor --rate changes it.",
      fallback: nothing,
      objection: objectionTo,
    },
    command,
  );
  return priceOf(answer);
}

/** @throws {TunewiseError} `USAGE_VALUE_INVALID` */
function priceOf(answer: string): number {
  if (answer.trim().toLowerCase() === nothing) return 0;
  return readHourlyRate("the price", answer);
}

function objectionTo(answer: string): string | null {
  try {
    priceOf(answer);
    return null;
  } catch (error) {
    if (TunewiseError.is(error)) return "a price such as 2.49, or nothing";
    throw error;
  }
}
