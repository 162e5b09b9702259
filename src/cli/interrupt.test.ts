import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { isHangUp, watchInterrupt } from "./interrupt.ts";

function watch(): {
  source: EventEmitter;
  interrupt: ReturnType<typeof watchInterrupt>;
  said: string[];
  ended: number[];
} {
  const source = new EventEmitter();
  const said: string[] = [];
  const ended: number[] = [];
  const interrupt = watchInterrupt(
    source,
    (text) => void said.push(text),
    (code) => void ended.push(code),
  );
  return { source, interrupt, said, ended };
}

describe("Ctrl-C", () => {
  it("once asks to stop", () => {
    const { source, interrupt, said, ended } = watch();
    expect(interrupt.signal.aborted).toBe(false);
    source.emit("SIGINT");
    expect(interrupt.signal.aborted).toBe(true);
    expect(said).toEqual(["stopping after the work at hand; Ctrl-C again stops now"]);
    expect(ended).toEqual([]);
  });

  const second = [["SIGINT"], ["SIGTERM"]];
  it.each(second)("twice ends with 130, also by %s", (signal) => {
    const { source, ended } = watch();
    source.emit("SIGTERM");
    source.emit(signal);
    expect(ended).toEqual([130]);
  });

  it("goes to a command that takes it over, SIGTERM does not", () => {
    const { source, interrupt } = watch();
    let taken = 0;
    const giveBack = interrupt.takeOver(() => void taken++);
    source.emit("SIGINT");
    source.emit("SIGINT");
    expect([taken, interrupt.signal.aborted]).toEqual([2, false]);
    source.emit("SIGTERM");
    expect([taken, interrupt.signal.aborted]).toEqual([2, true]);
    giveBack();
    giveBack();
    source.emit("SIGINT");
    expect(taken).toBe(2);
  });

  it("is left alone after release", () => {
    const { source, interrupt } = watch();
    interrupt.release();
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    expect(signals.map((signal) => source.listenerCount(signal))).toEqual([0, 0, 0]);
  });
});

describe("a closed terminal", () => {
  it("asks to stop without a word, however often it is said", () => {
    const { source, interrupt, said, ended } = watch();
    source.emit("SIGHUP");
    source.emit("SIGHUP");
    interrupt.hangUp();
    expect([interrupt.signal.aborted, said, ended]).toEqual([true, [], []]);
    expect([isHangUp(interrupt.signal), isHangUp(AbortSignal.abort())]).toEqual([true, false]);
  });

  it("with SIGTERM after it, as at a logout, leaves the time to save; another one ends", () => {
    const { source, ended } = watch();
    source.emit("SIGHUP");
    source.emit("SIGTERM");
    expect(ended).toEqual([]);
    source.emit("SIGTERM");
    expect(ended).toEqual([130]);
  });

  it("is the same where only a stream's other end is gone", () => {
    const { interrupt, ended } = watch();
    interrupt.hangUp();
    expect([interrupt.signal.aborted, ended]).toEqual([true, []]);
  });
});
