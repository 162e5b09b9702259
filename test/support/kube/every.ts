/** @file Work that is done again and again, one turn after the other, until it is stopped. */
import { setTimeout as sleep } from "node:timers/promises";

/** Starts it. A turn that fails is told, and the next one tries again. */
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
