import { describe, expect, it } from "vitest";
import { fakeIo } from "../../../../../test/journey/fake-io.ts";
import { watchChat } from "./stop.ts";

function watch(terminal: boolean): {
  press: () => void;
  terminate: () => void;
  stop: ReturnType<typeof watchChat>;
  leaves: () => number;
} {
  const controller = new AbortController();
  let press = (): void => undefined;
  let leaves = 0;
  const { io } = fakeIo({ terminal });
  const takeOver = (listener: () => void): (() => void) => {
    press = listener;
    return () => {
      press = () => undefined;
    };
  };
  const stop = watchChat({ ...io, signal: controller.signal, takeOver }, () => void leaves++);
  return { press: () => press(), terminate: () => controller.abort(), stop, leaves: () => leaves };
}

/** An answer that lasts until it is stopped. */
const endless = (signal: AbortSignal): Promise<string> =>
  new Promise((end) => signal.addEventListener("abort", () => end("stopped")));

describe("Ctrl-C in a chat", () => {
  it("stops the answer, then leaves", async () => {
    const { press, stop, leaves } = watch(true);
    const answer = stop.during(endless);
    press();
    expect([await answer, stop.left]).toEqual(["stopped", false]);
    press();
    expect([stop.left, leaves()]).toEqual([true, 1]);
  });

  it("leaves at once where lines come out of a pipe", async () => {
    const { press, stop } = watch(false);
    const answer = stop.during(endless);
    press();
    expect([await answer, stop.left]).toEqual(["stopped", true]);
  });

  it("may come as a key", () => {
    const { stop, leaves } = watch(true);
    stop.interrupt();
    stop.interrupt();
    expect(leaves()).toBe(1);
  });

  it("is given back", () => {
    const { press, terminate, stop, leaves } = watch(true);
    stop.release();
    press();
    terminate();
    expect(leaves()).toBe(0);
  });
});

it("SIGTERM leaves, whatever is being said", async () => {
  const { terminate, stop, leaves } = watch(true);
  const answer = stop.during(endless);
  terminate();
  expect([await answer, stop.left, leaves()]).toEqual(["stopped", true, 1]);
});
