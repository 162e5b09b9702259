/** @file Repeats work, one pass after the other, until it is stopped. */
import { setTimeout as sleep } from "node:timers/promises";

/** Starts the repetition. It logs a failed pass and tries again at the next one. */
export function every(ms: number, name: string, turn: () => Promise<void>): { end(): Promise<void> } {
  let isOver = false;
  const running = (async () => {
    while (!isOver) {
      await turn().catch((error: unknown) => {
        if (!isOver) console.error(`${name}: ${String(error)}`);
      });
      await sleep(ms);
    }
  })();
  return {
    end: () => {
      isOver = true;
      return running;
    },
  };
}
