/** @file Execute a run for a use case: report events and carry out commands; know tensors, never money. */

export { findState } from "./embedded/checkpoints.ts";
export { embeddedExecutor } from "./embedded/embedded.ts";
export { sweptRate } from "./embedded/training.ts";
export { answerRows, answersByExample, rowsToEvaluate } from "./measure/answer-rows.ts";
export { selectCheckpoint } from "./measure/select-checkpoint.ts";
export { stepAt, type TrainingSchedule, trainingSchedule } from "./measure/training-schedule.ts";
export {
  executedSpec,
  isLeased,
  isWorking,
  leaseOf,
  type ProcessExecutor,
  processExecutor,
  workerEnd,
} from "./process/process.ts";
export { work } from "./process/worker.ts";
export { inspectCluster } from "./ray/cluster.ts";
export { type ClusterJob, type ClusterUse, clusterUse, stopClusterJob } from "./ray/cluster-use.ts";
export { driveCheck } from "./ray/drive-check.ts";
export { clusterShell, isRayAddress } from "./ray/machine.ts";
export { leaseEndOf } from "./remote/contact.ts";
export { inspectHost, type RemoteMachine, recallRun } from "./remote/remote.ts";
export { runRemote, sshHost } from "./ssh/transport.ts";
export { type Card, type Cards, cardsText, findCards } from "./torch/cards.ts";
export {
  installationFile,
  placementOn,
  pythonOf,
  workerEnvironment,
  workerLock,
  workerPython,
} from "./torch/python.ts";
export { torchExecutor } from "./torch/torch.ts";
export { traceSteps } from "./torch/trace.ts";
export { type WorkerHere, workerHere } from "./torch/worker-here.ts";
