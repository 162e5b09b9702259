/** @file The page in the system's Chromium over a server of its own, and what its main thread does. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Where systems have Chromium; `TUNEWISE_CHROMIUM` may name another. */
const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A browser's page of 1440 x 900, and its processor time, heap and frames. */
export async function openBenchPage() {
  const executablePath = process.env["TUNEWISE_CHROMIUM"] ?? known.find((path) => existsSync(path));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  /** Milliseconds of the main thread's processor since the page was opened. */
  const processorMs = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "TaskDuration").value;
  };
  /** Bytes of the heap that are in use after garbage was collected. */
  const heapBytes = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  return { page, processorMs, heapBytes, version: browser.version(), close: () => browser.close() };
}

/** The value that a share of the values does not exceed. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
