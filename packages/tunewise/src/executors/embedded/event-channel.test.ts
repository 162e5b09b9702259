/** @file Tests that events pass one at a time, at the pace of the slower side, and that neither side hangs. */
import { describe, expect, onTestFinished, test } from "vitest";
import { EventChannel } from "./event-channel.ts";

interface Counted {
  readonly kind: "step" | "phase";
  readonly step: number;
}

const step = (number: number): Counted => ({ kind: "step", step: number });
const pause = (): Promise<void> => new Promise((later) => setTimeout(later, 2));

describe("a channel of events", () => {
  test("lets the writer continue once the reader asks for the next event", async () => {
    const channel = new EventChannel<Counted>();
    const log: string[] = [];
    const writer = (async () => {
      for (const number of [1, 2, 3]) {
        await channel.put(step(number));
        log.push(`continued after ${number}`);
      }
      channel.close();
    })();
    for await (const event of channel.read()) {
      await pause();
      log.push(`handled ${event.step}`);
    }
    await writer;
    const expected = [1, 2, 3].flatMap((number) => [`handled ${number}`, `continued after ${number}`]);
    expect(log).toEqual(expected);
  });

  test("delivers what was put before it was closed, numbered from 1", async () => {
    const channel = new EventChannel<Counted>();
    void channel.put(step(7));
    void channel.put(step(8));
    channel.close();
    const seen: unknown[] = [];
    for await (const event of channel.read()) seen.push(event);
    expect(seen).toEqual([
      { ...step(7), seq: 1 },
      { ...step(8), seq: 2 },
    ]);
  });

  test("ends the writer when the reader fails, at the event it failed on and at all that wait", async () => {
    const channel = new EventChannel<Counted>();
    const puts = [channel.put(step(1)), channel.put(step(2))];
    const settled = Promise.allSettled(puts);
    const reading = (async () => {
      for await (const event of channel.read()) throw new Error(`cannot handle ${event.step}`);
    })();
    await expect(reading).rejects.toThrow("cannot handle 1");
    expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(channel.put(step(3))).rejects.toThrow("nobody reads");
  });

  test("an event that the writer does not wait for is no unhandled rejection when the reader leaves", async () => {
    const channel = new EventChannel<Counted>();
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): number => unhandled.push(reason);
    process.on("unhandledRejection", listen);
    onTestFinished(() => void process.off("unhandledRejection", listen));
    void channel.put(step(1));
    void channel.put(step(2));
    for await (const event of channel.read()) if (event.step === 1) break;
    void channel.put(step(3));
    await new Promise((later) => setTimeout(later, 20));
    expect(unhandled).toEqual([]);
  });

  test("ends for the reader when the writer closes it while it is waited for", async () => {
    const channel = new EventChannel<Counted>();
    const reading = (async () => {
      const seen: number[] = [];
      for await (const event of channel.read()) seen.push(event.step);
      return seen;
    })();
    await pause();
    channel.close();
    expect(await reading).toEqual([]);
  });

  test("detached, the writer goes on alone, and the next reader gets what came after its last event", async () => {
    const channel = new EventChannel<Counted>();
    const writer = (async () => {
      for (const number of [1, 2, 3, 4]) {
        void channel.put({ kind: "phase", step: number });
        await channel.put(step(number));
      }
      channel.close();
    })();
    let last = 0;
    for await (const event of channel.read()) {
      last = event.seq;
      if (event.kind === "step" && event.step === 2) channel.detach();
    }
    await writer;
    const later: Counted[] = [];
    for await (const event of channel.read(last)) later.push(event);
    expect(later).toMatchObject([step(3), step(4)]);
  });
});
