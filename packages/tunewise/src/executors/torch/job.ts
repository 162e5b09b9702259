/** @file Writes the PyTorch worker's input files, and completes the run's specification for it. */
import { join } from "node:path";
import type { RunSpec, TorchPlacement, WorkerInputs, WorkerPenalty, WorkerSpec } from "@tunewise/core/run";
import { learningRateAt, StepPlan, untrainedAdapter } from "@tunewise/engine";
import { writeSafetensors } from "@tunewise/engine/weights";
import type { Prepared } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { adapterKeys } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { sweptRate } from "../embedded/training.ts";
import { exists, importanceKeys, importancePath } from "../measure/importance.ts";
import { stepAt, trainingSchedule } from "../measure/training-schedule.ts";
import type { ExecutionFolder } from "../process/protocol.ts";
import { writeRows, writeSteps } from "./shards.ts";

/** A run that PyTorch computes. */
export type TorchRun = RunSpec & { readonly placement: TorchPlacement };

/** Properties of the machine that computes a run. */
export interface JobMachine {
  /** Folder of the model, on that machine. */
  readonly modelFolder: string;
  readonly cores: number;
}

/**
 * Writes rows, steps and initial adapter into the folder of an execution.
 *
 * @returns the specification for the worker
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`, `RUN_FILE_WRITE_FAILED`
 */
export async function writeJob(
  folder: ExecutionFolder,
  spec: TorchRun,
  prepared: Prepared,
  { modelFolder, cores }: JobMachine,
  runtime: Runtime,
): Promise<WorkerSpec> {
  const { recipe, model } = prepared;
  const { calibrate: _, ...method } = recipe.method;
  const plan = new StepPlan(prepared.encoded.train.rows, {
    ...recipe.training,
    maxLength: recipe.data.maxLength,
  });
  const inputs = await writeInputs(folder, spec, prepared, plan);
  const penalty = await penaltyOf(spec, prepared, runtime);
  await model.weights.close(); // the worker reads the weights from here on
  return {
    ...spec,
    model: { ...spec.model, folder: modelFolder },
    threads: recipe.machine.threads ?? cores,
    method,
    training: trainingOf(spec, prepared, plan, penalty),
    inputs,
  };
}

function trainingOf(
  { sweep, until }: RunSpec,
  { recipe, encoded }: Prepared,
  plan: StepPlan,
  penalty: WorkerPenalty | null,
): WorkerSpec["training"] {
  const { training } = recipe;
  const never = { evaluation: 0, forgetting: 0, checkpoint: 0 };
  const hasValidation = encoded.validation.rows.length > 0;
  return {
    seed: training.seed,
    steps: plan.steps,
    stepsPerEpoch: plan.stepsPerEpoch,
    lastStep: until === null ? plan.steps : stepAt(until, plan.steps),
    every: sweep === null ? trainingSchedule(recipe, plan, hasValidation) : never,
    checkpointSelection: training.checkpointSelection,
    loss: training.loss,
    optimizer: training.optimizer,
    weightDecay: training.weightDecay,
    beta1: training.beta1,
    beta2: training.beta2,
    epsilon: training.epsilon,
    maxGradNorm: training.maxGradNorm,
    batching: training.batching,
    masterDtype: training.masterDtype,
    penalty,
  };
}

/** Writes the input files. Returns their names, relative to the folder. */
async function writeInputs(
  folder: ExecutionFolder,
  { sweep }: RunSpec,
  prepared: Prepared,
  plan: StepPlan,
): Promise<WorkerInputs> {
  const { recipe, encoded, reference } = prepared;
  const { train, validation } = encoded;
  const rateOf = (step: number): number =>
    sweep === null ? learningRateAt(recipe.training, step, plan.steps) : sweptRate(sweep, step, plan.steps);
  const write = async (name: string, writeTo: (path: string) => Promise<unknown>): Promise<string> => {
    const file = `${name}.safetensors`;
    await writeTo(join(folder.path, file));
    return file;
  };
  const rowsOf = (name: string, rows: Parameters<typeof writeRows>[1]): Promise<string> =>
    write(name, (path) => writeRows(path, rows));
  const adapter = initialAdapter(prepared);
  return {
    train: await rowsOf("train", train.rows),
    validation: validation.rows.length > 0 ? await rowsOf("validation", validation.rows) : null,
    reference: hasImportance(prepared) && reference ? await rowsOf("reference", reference.rows) : null,
    steps: await write("steps", (path) => writeSteps(path, plan, rateOf)),
    adapter: adapter && (await write("adapter", (path) => writeSafetensors(path, adapter, { format: "pt" }))),
  };
}

/** Whether the penalty weighs each weight by its importance on reference rows. */
function hasImportance({ recipe, reference }: Prepared): boolean {
  return recipe.regularization.method === "ewc" && reference !== null;
}

/** The penalty of the training loss; `null` if the recipe has none that the worker computes. */
async function penaltyOf(
  { placement }: TorchRun,
  prepared: Prepared,
  runtime: Runtime,
): Promise<WorkerPenalty | null> {
  const { method, lambda, estimator, fisher } = prepared.recipe.regularization;
  if (method === "l2-sp") return { kind: method, lambda };
  if (!hasImportance(prepared)) return null;
  const isKnown = await exists(torchImportancePath(prepared, placement, runtime));
  return { kind: "ewc", lambda, estimator, storage: fisher, ...importanceKeys(prepared), isKnown };
}

/** Path of the cached importance that the worker estimates in this precision. */
export function torchImportancePath(
  prepared: Prepared,
  { dtype }: TorchPlacement,
  runtime: Pick<Runtime, "sources">,
): string {
  const { method } = prepared.recipe;
  const weights = method.kind === "full" ? method.freeze : method.targets;
  return importancePath(prepared, weights, runtime, ["torch", dtype]);
}

/** The engine's initial adapter; `null` for models that the engine lacks, for which PEFT creates it. */
function initialAdapter({ recipe, model }: Prepared): ReturnType<typeof untrainedAdapter> | null {
  const { method, training } = recipe;
  if (method.kind === "full" || adapterKeys(method).length > 0) return null;
  const { rank, alpha, rslora, dropout, targets } = method;
  try {
    const request = { rank, alpha, rslora, dropout, targets, baseModel: recipe.model.source };
    return untrainedAdapter(model, { ...request, revision: model.revision }, training.seed);
  } catch (error) {
    // the worker reports what it cannot adapt
    const codes = ["MODEL_FAMILY_UNKNOWN", "MODEL_CONFIG_INVALID", "ENGINE_TARGET_UNKNOWN"];
    if (TunewiseError.is(error) && codes.includes(error.code)) return null;
    throw error;
  }
}
