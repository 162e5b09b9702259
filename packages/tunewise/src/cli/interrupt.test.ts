import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { interruptCause } from "../runtime/index.ts";
import { isHangUp, noInterrupt, watchInterrupt } from "./interrupt.ts";

function watch(): {
  source: EventEmitter;
  interrupt: ReturnType<typeof watchInterrupt>;
  said: string[];
  /** Signals set to one-shot delivery. */
  shots: string[];
} {
  const source = new EventEmitter();
  const said: string[] = [];
  const shots: string[] = [];
  const interrupt = watchInterrupt(
    source,
    (text) => void said.push(text),
    (signal) => void shots.push(signal),
  );
  return { source, interrupt, said, shots };
}

const listeners = (source: EventEmitter): number[] =>
  ["SIGINT", "SIGTERM"].map((signal) => source.listenerCount(signal));

describe("Ctrl-C", () => {
  it("once asks to stop, and leaves whatever comes next to the system, which ends the process", () => {
    const { source, interrupt, said } = watch();
    expect(interrupt.signal.aborted).toBe(false);
    source.emit("SIGINT");
    expect(interrupt.signal.aborted).toBe(true);
    expect(interruptCause(interrupt.signal)).toBe("person");
    expect(said).toEqual(["stopping as soon as the work so far is saved; Ctrl-C again stops now"]);
    expect(listeners(source)).toEqual([0, 0]);
  });

  it("and SIGTERM each have a listener for one delivery, so that a blocked process ends at the second", () => {
    const { source, shots, interrupt } = watch();
    expect(shots).toEqual(["SIGINT", "SIGTERM"]);
    source.emit("SIGTERM");
    expect(interrupt.signal.aborted).toBe(true);
    expect(interruptCause(interrupt.signal)).toBe("machine");
    expect(listeners(source)).toEqual([0, 0]);
  });

  it("goes to a command that takes it over, each time anew; SIGTERM does not", () => {
    const { source, interrupt, shots } = watch();
    let taken = 0;
    const giveBack = interrupt.takeOver(() => void taken++);
    source.emit("SIGINT");
    source.emit("SIGINT");
    expect([taken, interrupt.signal.aborted]).toEqual([2, false]);
    expect(shots.slice(2)).toEqual(["SIGINT", "SIGINT"]);
    source.emit("SIGTERM");
    expect([taken, interrupt.signal.aborted]).toEqual([2, true]);
    giveBack();
    giveBack();
    source.emit("SIGINT");
    expect(taken).toBe(2);
  });

  it("is left to the system, which ends the process at once, until there is something to save", () => {
    const source = new EventEmitter();
    let ended = 0;
    const none = () => undefined;
    const interrupt = watchInterrupt(source, none, none, () => void ended++);
    expect([...listeners(source), source.listenerCount("SIGHUP")]).toEqual([0, 0, 0]);
    interrupt.hangUp();
    expect([ended, interrupt.signal.aborted]).toEqual([1, false]);
    interrupt.beginSaving();
    interrupt.beginSaving();
    expect(listeners(source)).toEqual([1, 1]);
    source.emit("SIGINT");
    expect([ended, interrupt.signal.aborted]).toEqual([1, true]);
  });

  it("is left alone after release", () => {
    const { source, interrupt } = watch();
    interrupt.release();
    expect([...listeners(source), source.listenerCount("SIGHUP")]).toEqual([0, 0, 0]);
  });
});

describe("a closed terminal", () => {
  it("asks to stop without a word, however often it is said", () => {
    const { source, interrupt, said } = watch();
    source.emit("SIGHUP");
    source.emit("SIGHUP");
    interrupt.hangUp();
    expect([interrupt.signal.aborted, said]).toEqual([true, []]);
    expect([isHangUp(interrupt.signal), isHangUp(AbortSignal.abort())]).toEqual([true, false]);
  });

  it("with SIGTERM after it, as at a logout, leaves the time to save; another one ends", () => {
    const { source } = watch();
    source.emit("SIGHUP");
    expect(listeners(source)).toEqual([1, 1]);
    source.emit("SIGTERM");
    expect(listeners(source)).toEqual([0, 0]);
  });

  it("ends what has nothing to save where only a stream's other end is gone", () => {
    let ended = 0;
    noInterrupt(() => void ended++).hangUp();
    expect(ended).toBe(1);
  });
});
