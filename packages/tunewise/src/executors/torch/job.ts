/** @file Writes the PyTorch worker's inputs besides the run's specification: `job.json`, shards of rows and steps. */
import { join } from "node:path";
import type { RunSpec, TorchPlacement } from "@tunewise/core/run";
import { learningRateAt, StepPlan, untrainedAdapter } from "@tunewise/engine";
import { writeSafetensors } from "@tunewise/engine/weights";
import { type CheckpointOwner, writeWholeFile } from "@tunewise/tracker";
import type { Prepared } from "../../prepare/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { adapterKeys } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { sweptRate } from "../embedded/training.ts";
import { exists, importanceKeys, importancePath } from "../measure/importance.ts";
import { stepAt, trainingSchedule } from "../measure/training-schedule.ts";
import type { ExecutionFolder } from "../process/protocol.ts";
import { writeRows, writeSteps } from "./shards.ts";

/** Properties of the machine that computes a run. */
export interface JobMachine {
  /** Folder of the model, on that machine. */
  readonly modelFolder: string;
  readonly cores: number;
}

/**
 * Writes `job.json` and its shards into the folder of an execution.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`, `RUN_FILE_WRITE_FAILED`
 */
export async function writeJob(
  folder: ExecutionFolder,
  spec: RunSpec & { readonly placement: TorchPlacement },
  prepared: Prepared,
  { modelFolder, cores }: JobMachine,
  runtime: Runtime,
): Promise<void> {
  const { recipe, encoded, model } = prepared;
  const { training, method, regularization } = recipe;
  const plan = new StepPlan(encoded.train.rows, { ...training, maxLength: recipe.data.maxLength });
  const { sweep, placement } = spec;
  const rateOf = (step: number): number =>
    sweep === null ? learningRateAt(training, step, plan.steps) : sweptRate(sweep, step, plan.steps);
  const shard = (name: string): string => `${name}.safetensors`;
  await writeRows(join(folder.path, shard("train")), encoded.train.rows);
  const hasValidation = encoded.validation.rows.length > 0;
  if (hasValidation) await writeRows(join(folder.path, shard("validation")), encoded.validation.rows);
  await writeSteps(join(folder.path, shard("steps")), plan, rateOf);
  const hasAdapter = await writeAdapter(join(folder.path, shard("adapter")), prepared);
  const { reference } = prepared;
  const isWeighted = regularization.method === "ewc" && reference !== null;
  if (isWeighted) await writeRows(join(folder.path, shard("reference")), reference.rows);
  const fisher = torchImportancePath(prepared, placement, runtime);
  const owner: CheckpointOwner = {
    run: spec.run,
    model: model.revision,
    data: prepared.dataFingerprint,
    recipe: spec.recipe.sha256,
  };
  const schedule = trainingSchedule(recipe, plan, hasValidation);
  const { seed, optimizer, weightDecay, beta1, beta2, epsilon, maxGradNorm, batching, masterDtype } =
    training;
  const job = {
    owner,
    model: {
      folder: modelFolder,
      dtype: placement.dtype,
      device: placement.device,
      attention: "sdpa",
      threads: recipe.machine.threads ?? cores,
      sharding: placement.sharding ?? "none",
    },
    method,
    training: {
      seed,
      steps: plan.steps,
      stepsPerEpoch: plan.stepsPerEpoch,
      lastStep: spec.until === null ? plan.steps : stepAt(spec.until, plan.steps),
      every: sweep === null ? schedule : { evaluation: 0, forgetting: 0, checkpoint: 0 },
      isSweep: sweep !== null,
      checkpointSelection: training.checkpointSelection,
      recompute: placement.recompute,
      optimizer,
      weightDecay,
      beta1,
      beta2,
      epsilon,
      maxGradNorm,
      batching,
      masterDtype,
      penalty: penaltyOf(prepared),
    },
    shards: {
      train: shard("train"),
      validation: hasValidation ? shard("validation") : null,
      steps: shard("steps"),
      adapter: hasAdapter ? shard("adapter") : null,
      reference: isWeighted ? shard("reference") : null,
      fisher: isWeighted && (await exists(fisher)) ? fisher : null,
    },
  };
  await model.weights.close(); // the worker reads the weights from here on
  await writeWholeFile(join(folder.path, "job.json"), `${JSON.stringify(job)}\n`);
}

/** The penalty of the training loss; `null` if the recipe has none that the worker computes. */
function penaltyOf(prepared: Prepared): object | null {
  const { method, lambda, estimator, fisher } = prepared.recipe.regularization;
  if (method === "ewc" && prepared.reference !== null) {
    return { kind: method, lambda, estimator, storage: fisher, ...importanceKeys(prepared) };
  }
  return method === "l2-sp" ? { kind: method, lambda } : null;
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

/** Writes the engine's initial adapter. Returns `false` for models that the engine lacks; PEFT then creates it. */
async function writeAdapter(path: string, { recipe, model }: Prepared): Promise<boolean> {
  const { method, training } = recipe;
  if (method.kind === "full" || adapterKeys(method).length > 0) return false;
  const { rank, alpha, rslora, dropout, targets } = method;
  try {
    const request = { rank, alpha, rslora, dropout, targets, baseModel: recipe.model.source };
    const tensors = untrainedAdapter(model, { ...request, revision: model.revision }, training.seed);
    await writeSafetensors(path, tensors, { format: "pt" });
    return true;
  } catch (error) {
    // the worker reports what it cannot adapt
    const codes = ["MODEL_FAMILY_UNKNOWN", "MODEL_CONFIG_INVALID", "ENGINE_TARGET_UNKNOWN"];
    if (TunewiseError.is(error) && codes.includes(error.code)) return false;
    throw error;
  }
}
