/** @file `tunewise worker install`: the Python environment that trains on PyTorch. */

export { type Cards, cardsText, workerHere, workerPython } from "../../executors/index.ts";
export {
  type InstallationPlan,
  inspectWorker,
  installWorker,
  planInstallation,
  readInstallation,
} from "./install-worker.ts";
