/** @file The trainer: runs optimizer steps over batches, with a state that resumes bit-exactly. */
import type { EncodedRow } from "@tunewise/core/rows";
import { optimizers } from "@tunewise/core/run";
import { checkValues, readInto, trainedPrefix } from "../adapters/restore.ts";
import type { TrainedAdapter } from "../adapters/tuned.ts";
import { type Batch, layOut } from "../batch/batch.ts";
import { StepPlan } from "../batch/steps.ts";
import type { Adapter, StepOutcome, Trainer, TrainPlan } from "../engine.ts";
import { type MomentStore, momentsInFile, momentsInMemory } from "../optimizers/moment-store.ts";
import { startMoments, type UpdateStep, update } from "../optimizers/optimizer.ts";
import { learningRateAt } from "../optimizers/schedule.ts";
import { Buffers } from "../pass/buffers.ts";
import type { LoadedModel } from "../pass/loaded-model.ts";
import { createPenalty } from "../pass/penalty.ts";
import {
  emptyGradients,
  type Gradients,
  type TrainedParts,
  type TrainPass,
  trainPass,
} from "../pass/train-pass.ts";
import type { Penalty } from "../penalties/settings.ts";
import { problem } from "../problem/index.ts";
import { collectGarbage } from "../runtime/collect.ts";
import { openSafetensors, type WritableEntry, writeTensorFile } from "../weights/index.ts";
import { chooseActivationPolicy } from "./activation-policy.ts";
import { DropoutMasks } from "./dropout.ts";

/** A trained tensor with its moments. */
interface Trained {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  /** Whether weight decay applies; not to norms and biases of full fine-tuning. */
  readonly decays: boolean;
}

/**
 * Creates a trainer at step 0.
 *
 * @throws {TunewiseError} `ENGINE_NOTHING_LABELLED`, `ENGINE_ROW_TOO_LONG`, `MODEL_FILE_WRITE_FAILED`
 */
export async function createTrainer(
  model: LoadedModel,
  adapter: TrainedAdapter,
  rows: readonly EncodedRow[],
  plan: TrainPlan,
): Promise<Trainer> {
  checkRows(rows, model.architecture.contextLength);
  const lengths = adapter.tensors().map(({ data }) => data.length);
  const moments = plan.momentsPath
    ? await momentsInFile(plan, lengths, plan.momentsPath)
    : momentsInMemory(plan, lengths);
  try {
    const penalty = plan.penalty && (await createPenalty(model, adapter, plan.penalty));
    return new AdapterTrainer(model, adapter, rows, plan, moments, penalty);
  } catch (error) {
    await moments.close();
    throw error;
  }
}

class AdapterTrainer implements Trainer {
  step = 0;
  rateScale = 1;
  private readonly model: LoadedModel;
  private readonly adapter: TrainedAdapter;
  private readonly rows: readonly EncodedRow[];
  private readonly plan: TrainPlan;
  private readonly trained: readonly Trained[];
  private readonly moments: MomentStore;
  private readonly penalty: Penalty | null;
  private readonly gradients: Gradients;
  private readonly buffers = new Buffers();
  private readonly dropout: DropoutMasks | null;
  /** Tokens of the first epoch's largest batch. */
  private readonly maxTokens: number;
  private readonly stepPlan: StepPlan;
  private hasStarted = false;
  private isReleased = false;

  constructor(
    model: LoadedModel,
    adapter: TrainedAdapter,
    rows: readonly EncodedRow[],
    plan: TrainPlan,
    moments: MomentStore,
    penalty: Penalty | null,
  ) {
    this.model = model;
    this.adapter = adapter;
    this.rows = rows;
    this.plan = plan;
    this.moments = moments;
    this.penalty = penalty;
    this.gradients = emptyGradients(adapter);
    const gradients = gradientByValues(adapter, this.gradients);
    this.trained = adapter.tensors().map(({ name, shape, data }) => ({
      name,
      shape,
      values: data,
      gradient: gradients.get(data) as Float32Array,
      decays: adapter.kind === "lora" || shape.length > 1,
    }));
    this.dropout = dropoutOf(model, adapter, plan);
    this.stepPlan = new StepPlan(rows, plan);
    this.maxTokens = this.stepPlan.firstEpoch.reduce(
      (most, batch) => Math.max(most, tokensOf(batch, rows)),
      0,
    );
  }

  get steps(): number {
    return this.stepPlan.steps;
  }

  get stepsPerEpoch(): number {
    return this.stepPlan.stepsPerEpoch;
  }

  async next(): Promise<StepOutcome> {
    if (!this.hasStarted) await this.makeRoom();
    const { plan } = this;
    const step = this.step + 1;
    const batches = this.stepPlan.batchesOf(step);
    let sum = 0;
    let labelledTokens = 0;
    let tokens = 0;
    for (const [at, indices] of batches.entries()) {
      const batch = layOut(
        indices.map((index) => this.rows[index] as EncodedRow),
        this.model.architecture,
        this.dropout === null,
        this.model.flatFrom,
      );
      this.dropout?.draw(step, at);
      this.buffers.room = Math.max(1, this.maxTokens / batch.ids.length);
      const terms = await trainPass(this.passFor(batch), batch, this.gradients, at === 0);
      for (const term of terms) sum += term;
      labelledTokens += batch.labels.length;
      tokens += batch.rowTokens;
    }
    const penalty = (await this.penalty?.add(this.gradients, Math.max(1, labelledTokens))) ?? 0;
    const mean = 1 / Math.max(1, labelledTokens);
    const loss = sum * mean;
    const gradientNorm = this.gradientNorm() * mean;
    const learningRate = this.rateScale * learningRateAt(plan, step, this.steps);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      const rate = Number((learningRate / 5 || plan.learningRate / 5).toPrecision(2));
      throw problem("ENGINE_LOSS_NOT_FINITE", { step, loss, last: this.step, rate });
    }
    const clip = plan.maxGradNorm > 0 ? Math.min(1, plan.maxGradNorm / (gradientNorm + 1e-6)) : 1;
    const updateRatio = await this.update({ step, learningRate, gradientScale: mean * clip });
    this.step = step;
    return { step, loss, penalty, learningRate, gradientNorm, updateRatio, tokens, labelledTokens };
  }

  /** Frees programs and arrays of earlier evaluations, which would add to training's peak memory. */
  private async makeRoom(): Promise<void> {
    this.hasStarted = true;
    await this.model.programs.closeEvaluation();
    collectGarbage();
  }

  /** Updates all trained tensors; returns the norm of the update divided by the norm of the values. */
  private async update(step: UpdateStep): Promise<number> {
    let [sum, changed] = [0, 0];
    for (const [index, { values, gradient, decays }] of this.trained.entries()) {
      const settings = decays ? this.plan : { ...this.plan, weightDecay: 0 };
      await this.moments.change(index, (piece, from) => {
        const part = (whole: Float32Array): Float32Array => whole.subarray(from, from + piece.first.length);
        const squares = update(settings, part(values), part(gradient), piece, step);
        sum += squares.values;
        changed += squares.changes;
      });
    }
    return Math.sqrt(changed / Math.max(sum, Number.MIN_VALUE));
  }

  async save(path: string): Promise<void> {
    const kinds = [
      trainedPrefix,
      "moment1/",
      ...(optimizers[this.plan.optimizer].moments === 2 ? ["moment2/"] : []),
    ];
    const entries = this.trained.flatMap(({ name, shape }) =>
      kinds.map((kind): WritableEntry => ({ name: kind + name, type: "F32", shape })),
    );
    await writeTensorFile(path, entries, this.states(), {
      step: String(this.step),
      rate_scale: String(this.rateScale),
    });
  }

  private async *states(): AsyncGenerator<Uint8Array> {
    const bytes = (data: Float32Array): Uint8Array =>
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (const [index, { values }] of this.trained.entries()) {
      yield bytes(values);
      for await (const { first } of this.moments.pieces(index)) yield bytes(first);
      for await (const { second } of this.moments.pieces(index)) if (second.length > 0) yield bytes(second);
    }
  }

  async restore(path: string): Promise<void> {
    const files = await openSafetensors(path);
    try {
      // checks everything before reading, so that a checkpoint of another training run changes nothing
      for (const { name, values } of this.trained) checkValues(files, trainedPrefix + name, values.length);
      for (const [index, { name, values }] of this.trained.entries()) {
        await readInto(files, trainedPrefix + name, values);
        const { first, second } = startMoments(this.plan, values.length);
        await readInto(files, `moment1/${name}`, first);
        if (second.length > 0) await readInto(files, `moment2/${name}`, second);
        await this.moments.change(index, (piece, from) => {
          piece.first.set(first.subarray(from, from + piece.first.length));
          piece.second.set(second.subarray(from, from + piece.second.length));
        });
      }
      this.step = Number(files.metadata.get("step"));
      this.rateScale = Number(files.metadata.get("rate_scale") ?? 1);
    } finally {
      await files.close();
    }
  }

  async restart(start: Adapter): Promise<void> {
    for (const [index, { data }] of start.tensors().entries()) {
      this.trained[index]?.values.set(data);
      await this.moments.change(index, ({ first, second }) => {
        first.fill(0);
        second.fill(0);
      });
    }
    this.step = 0;
    this.rateScale = 1;
  }

  async release(): Promise<void> {
    if (this.isReleased) return;
    this.isReleased = true;
    this.buffers.clear();
    await this.moments.close();
    await this.penalty?.close();
    await this.model.programs.closeTraining();
    collectGarbage();
  }

  private passFor(batch: Batch): TrainPass {
    const { model, adapter: tuned, buffers, plan, dropout } = this;
    const activationPolicy = chooseActivationPolicy(plan.recompute, model.architecture, batch);
    return {
      model,
      tuned,
      buffers,
      loss: plan.loss,
      activationPolicy,
      ...(dropout ? { masks: (layer: number, tokens: number) => dropout.layer(layer, tokens) } : {}),
    };
  }

  /**
   * Global L2 norm of the unscaled gradients, which are sums over labels.
   *
   * @source Pascanu et al. 2012 (arXiv 1211.5063), section 3.2, as torch.nn.utils.clip_grad_norm_
   */
  private gradientNorm(): number {
    let sum = 0;
    for (const { gradient } of this.trained) {
      for (let at = 0; at < gradient.length; at++) sum += (gradient[at] as number) ** 2;
    }
    return Math.sqrt(sum);
  }
}

/** Maps each trained array to its gradient. */
function gradientByValues(
  { layers, root }: TrainedParts,
  gradients: Gradients,
): ReadonlyMap<Float32Array, Float32Array> {
  const pairs = [...layers, root].flatMap((weights, at) =>
    Object.entries(weights).map(([name, values]): [Float32Array, Float32Array] => {
      const own: Readonly<Record<string, Float32Array>> = gradients.layers[at] ?? gradients.root;
      return [values, own[name] as Float32Array];
    }),
  );
  return new Map(pairs);
}

function dropoutOf(model: LoadedModel, adapter: TrainedAdapter, plan: TrainPlan): DropoutMasks | null {
  if (adapter.kind === "full" || adapter.settings.dropout === 0) return null;
  return new DropoutMasks(model.architecture, adapter.settings, plan.seed);
}

/** Tokens of a batch, plus one for padding. */
function tokensOf(batch: readonly number[], rows: readonly EncodedRow[]): number {
  return batch.reduce((sum, index) => sum + (rows[index]?.ids.length ?? 0), 1);
}

function checkRows(rows: readonly EncodedRow[], limit: number): void {
  if (!rows.some((row) => row.labelled.includes(1))) {
    throw problem("ENGINE_NOTHING_LABELLED", { rows: rows.length });
  }
  const longest = Math.max(...rows.map((row) => row.ids.length));
  if (longest > limit) throw problem("ENGINE_ROW_TOO_LONG", { found: longest, limit });
}
