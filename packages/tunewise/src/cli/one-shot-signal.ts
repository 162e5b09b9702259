/**
 * @file One-shot signals: the system removes their listener on delivery, so that the next signal ends the process even
 * during a call that never returns. Node cannot request that, so the C library is called.
 */
import { endianness } from "node:os";
import koffi from "koffi";
import type { StopSignal } from "./interrupt.ts";

/** @source POSIX signal.h */
const numbers: Readonly<Record<StopSignal, number>> = { SIGINT: 2, SIGTERM: 15 };

/**
 * Offset of the flags in `struct sigaction`, and the two that are used.
 *
 * @source Linux: glibc and musl bits/sigaction.h on 64 bits, handler 8 bytes, mask 128; macOS: sys/signal.h, mask 4
 */
const layouts: Readonly<
  Record<string, { readonly flagsAt: number; readonly resetHand: number; readonly restart: number }>
> = {
  linux: { flagsAt: 136, resetHand: 0x80000000, restart: 0x10000000 },
  darwin: { flagsAt: 12, resetHand: 0x4, restart: 0x2 },
};
/** Buffer size, larger than any of these structures. */
const structBytes = 512;

/** Functions of the C library for signals. */
interface SignalCalls {
  sigaction(signal: number, set: Buffer | null, old: Buffer | null): number;
}

/** Makes the system remove the listener of a signal on delivery. */
export type OneShot = (signal: StopSignal) => void;

/**
 * Returns the implementation for this system. On an unsupported system it does nothing, and a second signal only ends
 * the process once its event loop is free.
 */
export function oneShotSignals(platform: string, architecture: string): OneShot {
  const layout = layouts[platform];
  const isKnown = layout !== undefined && ["x64", "arm64"].includes(architecture) && endianness() === "LE";
  if (!isKnown) return () => undefined;
  const calls = signalCalls();
  if (calls === null) return () => undefined;
  const armed = new Map<StopSignal, Buffer>();
  return (signal) => {
    const action = armed.get(signal) ?? readAction(calls, signal, layout);
    if (action === null) return;
    armed.set(signal, action);
    calls.sigaction(numbers[signal], action, null);
  };
}

function signalCalls(): SignalCalls | null {
  try {
    const sigaction = koffi.load(null).func("int sigaction(int, void *, void *)");
    return { sigaction: (...words) => sigaction(...words) as number };
  } catch {
    return null;
  }
}

/** The installed listener with the flag added; `null` if Node did not install it. */
function readAction(
  { sigaction }: SignalCalls,
  signal: StopSignal,
  { flagsAt, resetHand, restart }: (typeof layouts)[string],
): Buffer | null {
  const action = Buffer.alloc(structBytes);
  if (sigaction(numbers[signal], null, action) !== 0) return null;
  const flags = action.readUInt32LE(flagsAt);
  if (action.readBigUInt64LE(0) < 2n || (flags & restart) === 0) return null;
  action.writeUInt32LE((flags | resetHand) >>> 0, flagsAt);
  return action;
}
