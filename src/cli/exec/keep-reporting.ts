/**
 * @file Brings a command's meter to where it is noted down while the command goes on, and brings back the wish that it
 * stops.
 */
import { type LaunchRegistry, reportOf } from "../../app/tracking/index.ts";
import { askStop, type Machine, readMeter } from "../../launch/index.ts";

const pauseMs = 5_000;

/**
 * Reports now and then until it is told to end.
 *
 * @param onError called once, where a report fails; the meter goes on, and later reports hold what is missing
 */
export function keepReporting(
  registrar: LaunchRegistry,
  folder: string,
  machine: Machine,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let busy = Promise.resolve();
  let [hasFailed, hasAsked] = [false, false];
  const report = async (): Promise<void> => {
    const meter = readMeter(folder);
    if (!meter || meter.status === "ended") return;
    const stop = await registrar.report(meter.runId, reportOf(meter));
    if (stop === null || hasAsked) return;
    hasAsked = true;
    await askStop(folder, "request", machine);
  };
  const timer = setInterval(() => {
    busy = busy.then(report).catch((error: unknown) => {
      if (!hasFailed) onError(error);
      hasFailed = true;
    });
  }, pauseMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    return busy;
  };
}
