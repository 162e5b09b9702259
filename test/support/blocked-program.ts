/** @file Installs the command line's signal handlers, then blocks forever. */
import { watchInterrupt } from "../../packages/tunewise/src/cli/interrupt.ts";
import { oneShotSignals } from "../../packages/tunewise/src/cli/one-shot-signal.ts";

watchInterrupt(process, () => undefined, oneShotSignals(process.platform, process.arch));
process.stdout.write("blocked\n", () => {
  for (;;) if (Number.isNaN(performance.now())) break;
});
