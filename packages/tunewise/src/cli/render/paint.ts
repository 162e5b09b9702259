/** @file Colors of output. The only file that imports `picocolors`. */
import pico from "picocolors";

/** Functions that color a text or return it unchanged. Color never conveys meaning by itself. */
export interface Paint {
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Colors switched on or off. */
export function paint(on: boolean): Paint {
  return pico.createColors(on);
}

/**
 * Whether a stream should get colors.
 *
 * @source no-color.org: any text in `NO_COLOR` means none; force-color.org: any in `FORCE_COLOR` but 0 means always
 */
export function wantsColor(
  env: Readonly<Record<string, string | undefined>>,
  stream: { readonly isTTY?: boolean },
): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return stream.isTTY === true && env.TERM !== "dumb";
}

/** First character of a color code. */
export const ESCAPE = "\u001b";

const CODES = new RegExp(`${ESCAPE}\\[[0-9;]{0,10}m`, "g");

/** The text without its colors. */
export function withoutColors(text: string): string {
  return text.replace(CODES, "");
}
