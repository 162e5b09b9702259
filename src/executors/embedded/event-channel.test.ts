/** @file One event at a time, whoever is slower, and nobody left waiting. */
import { describe, expect, onTestFinished, test } from "vitest";
import { EventChannel } from "./event-channel.ts";

describe("a channel of events", () => {
  test("lets the writer continue once the reader asks for the next event", async () => {
    const channel = new EventChannel<number>();
    const log: string[] = [];
    const writer = (async () => {
      for (const number of [1, 2, 3]) {
        await channel.put(number);
        log.push(`continued after ${number}`);
      }
      channel.close();
    })();
    for await (const number of channel) {
      await new Promise((later) => setTimeout(later, 2));
      log.push(`handled ${number}`);
    }
    await writer;
    const expected = [1, 2, 3].flatMap((number) => [`handled ${number}`, `continued after ${number}`]);
    expect(log).toEqual(expected);
  });

  test("delivers what was put before it was closed", async () => {
    const channel = new EventChannel<string>();
    void channel.put("a");
    void channel.put("b");
    channel.close();
    const seen: string[] = [];
    for await (const event of channel) seen.push(event);
    expect(seen).toEqual(["a", "b"]);
  });

  test("ends the writer when the reader fails, at the event it failed on and at all that wait", async () => {
    const channel = new EventChannel<number>();
    const puts = [channel.put(1), channel.put(2)];
    const settled = Promise.allSettled(puts);
    const reading = (async () => {
      for await (const number of channel) throw new Error(`cannot handle ${number}`);
    })();
    await expect(reading).rejects.toThrow("cannot handle 1");
    expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(channel.put(3)).rejects.toThrow("nobody reads");
  });

  test("an event that the writer does not wait for is no unhandled rejection when the reader leaves", async () => {
    const channel = new EventChannel<number>();
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): number => unhandled.push(reason);
    process.on("unhandledRejection", listen);
    onTestFinished(() => void process.off("unhandledRejection", listen));
    void channel.put(1);
    void channel.put(2);
    for await (const number of channel) if (number === 1) break;
    void channel.put(3);
    await new Promise((later) => setTimeout(later, 20));
    expect(unhandled).toEqual([]);
  });

  test("ends for the reader when the writer closes it while it is waited for", async () => {
    const channel = new EventChannel<number>();
    const reading = (async () => {
      const seen: number[] = [];
      for await (const number of channel) seen.push(number);
      return seen;
    })();
    await new Promise((later) => setTimeout(later, 2));
    channel.close();
    expect(await reading).toEqual([]);
  });
});
