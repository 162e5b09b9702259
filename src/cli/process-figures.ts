/**
 * @file How this process fares: processor, memory, and how late its event loop is.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ProcessFigures } from "../server/index.ts";

/** Between looks at the clock; a delay is what comes on top. */
const resolutionMilliseconds = 20;

/** Begins to watch; each call gives the delays since the one before. */
export function watchProcess(): () => ProcessFigures {
  const delays = monitorEventLoopDelay({ resolution: resolutionMilliseconds });
  delays.enable();
  const startSeconds = Date.now() / 1000 - process.uptime();
  const late = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - resolutionMilliseconds / 1000) : 0;
  return () => {
    const { user, system } = process.cpuUsage();
    const loopDelay = {
      p50: late(delays.percentile(50)),
      p99: late(delays.percentile(99)),
      max: late(delays.max),
    };
    delays.reset();
    const residentBytes = process.memoryUsage.rss();
    return { cpuSeconds: (user + system) / 1e6, residentBytes, startSeconds, loopDelay };
  };
}
