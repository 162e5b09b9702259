/** @file Progress of a run in three dresses: one redrawn line in a terminal, plain lines elsewhere, JSON lines. */

import type { EventBody } from "../../run/index.ts";
import type { Console } from "../console.ts";
import { ESCAPE } from "./paint.ts";
import { advance, noProgress, type ProgressState } from "./progress-state.ts";
import { type Caps, eventText, progressText } from "./progress-text.ts";
import { harmlessText } from "./terminal.ts";

/** Shows events as they come. `close` leaves the terminal tidy; call it also after an error. */
export interface Progress {
  show(event: EventBody): void;
  close(): void;
}

/** Milliseconds between plain lines where nothing else happens. */
const PLAIN_EVERY = 30_000;
/** Milliseconds between redraws: more is not read, and costs time on slow terminals. */
const REDRAW_EVERY = 100;

/** The dress that suits the console: `--json`, then `--quiet`, then terminal or not. Only JSON goes to stdout. */
export function createProgress(console: Console, caps: Caps): Progress {
  if (console.json) return jsonProgress(console);
  if (console.quiet) return quietProgress(console);
  const { isTTY } = console.io.stderr;
  return isTTY && console.io.env.TERM !== "dumb"
    ? terminalProgress(console, caps)
    : plainProgress(console, caps);
}

/** Each event as one line of JSON on stdout. */
function jsonProgress(console: Console): Progress {
  return {
    show: (event) => console.event({ ...event }),
    close: () => undefined,
  };
}

/** Only what needs a look: guards and findings. */
function quietProgress(console: Console): Progress {
  return {
    show: (event) => {
      if (event.kind !== "guard-tripped" && event.kind !== "finding") return;
      const text = eventText(event);
      if (text !== null) console.error(text);
    },
    close: () => undefined,
  };
}

/** A line at every event that is worth one, and otherwise every 30 seconds. */
function plainProgress(console: Console, caps: Caps): Progress {
  let state: ProgressState = noProgress;
  let lastLine = Number.NEGATIVE_INFINITY;
  return {
    show: (event) => {
      const now = console.io.now();
      state = advance(state, event, now);
      const text = eventText(event);
      if (text !== null) console.info(text);
      else if (now - lastLine < PLAIN_EVERY) return;
      else console.info(progressText(state, caps, Number.POSITIVE_INFINITY));
      lastLine = now;
    },
    close: () => undefined,
  };
}

/** Clears the line the cursor is on. @source ECMA-48, EL (erase in line) */
const CLEAR = `\r${ESCAPE}[2K`;

/** One line drawn again and again below the lines of events. */
function terminalProgress(console: Console, caps: Caps): Progress {
  const { stderr, now } = console.io;
  let state: ProgressState = noProgress;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = false;
  const clear = (): void => {
    if (drawn) stderr.write(CLEAR);
    drawn = false;
  };
  return {
    show: (event) => {
      const at = now();
      state = advance(state, event, at);
      const text = eventText(event);
      if (text !== null) {
        clear();
        console.info(text);
      }
      const last = state.phase === null && state.step === state.steps;
      if (event.kind === "run-end" || (text === null && !last && at - drawnAt < REDRAW_EVERY)) return;
      stderr.write(CLEAR + harmlessText(progressText(state, caps, (stderr.columns ?? 80) - 1)));
      drawn = true;
      drawnAt = at;
    },
    close: clear,
  };
}
