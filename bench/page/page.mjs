/** @file Opens the page in the system's Chromium, and measures its main thread. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Usual paths of Chromium; `TUNEWISE_CHROMIUM` may name another. */
const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Opens a browser page of 1440 x 900, with functions for its CPU time and heap. */
export async function openBenchPage() {
  const executablePath = process.env["TUNEWISE_CHROMIUM"] ?? known.find((path) => existsSync(path));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  /** CPU milliseconds of the main thread since the page was opened. */
  const processorMs = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "TaskDuration").value;
  };
  /** Bytes of the heap in use after garbage collection. */
  const heapBytes = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  return { page, processorMs, heapBytes, version: browser.version(), close: () => browser.close() };
}

/** The value below which a share of the values lies. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
