/**
 * @file Training: steps over batches, with a state that can be saved and gone on from to the bit.
 */
import type { EncodedRow } from "../../dataset/index.ts";
import { problem } from "../../problem/index.ts";
import type { LoraAdapter } from "../adapters/lora.ts";
import { type Batch, layOut } from "../batch/batch.ts";
import { epochBatches } from "../batch/batches.ts";
import type { StepOutcome, Trainer, TrainerState, TrainPlan } from "../engine.ts";
import type { AdapterTensor } from "../files/types.ts";
import { type Moments, startMoments, update } from "../optimizers/optimizer.ts";
import { learningRateAt } from "../optimizers/schedule.ts";
import { Buffers } from "../pass/buffers.ts";
import type { LoadedModel } from "../pass/loaded-model.ts";
import { type TrainPass, trainPass } from "../pass/train-pass.ts";
import { collectGarbage } from "../runtime/collect.ts";
import { DropoutMasks } from "./dropout.ts";
import { chooseKeeping } from "./keeping.ts";

/** One tensor of the adapter with all that belongs to it. */
interface Trained {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly moments: Moments;
}

/**
 * A trainer at step 0.
 *
 * @throws {TunewiseError} `ENGINE_NOTHING_LABELLED`, `ENGINE_ROW_TOO_LONG`
 */
export function createTrainer(
  model: LoadedModel,
  adapter: LoraAdapter,
  rows: readonly EncodedRow[],
  plan: TrainPlan,
): Trainer {
  checkRows(rows, model.architecture.contextLength);
  return new LoraTrainer(model, adapter, rows, plan);
}

class LoraTrainer implements Trainer {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  step = 0;
  private readonly model: LoadedModel;
  private readonly adapter: LoraAdapter;
  private readonly rows: readonly EncodedRow[];
  private readonly plan: TrainPlan;
  private readonly trained: readonly Trained[];
  private readonly buffers = new Buffers();
  private readonly dropout: DropoutMasks | null;
  /** Tokens of the first epoch's largest batch. */
  private readonly tokensMost: number;
  private epoch: { readonly number: number; readonly batches: readonly (readonly number[])[] };

  constructor(model: LoadedModel, adapter: LoraAdapter, rows: readonly EncodedRow[], plan: TrainPlan) {
    this.model = model;
    this.adapter = adapter;
    this.rows = rows;
    this.plan = plan;
    this.trained = adapter.tensors().map(({ name, shape, data }) => ({
      name,
      shape,
      values: data as Float32Array,
      gradient: new Float32Array(data.length),
      moments: startMoments(plan, data.length),
    }));
    this.dropout = adapter.shape.dropout ? new DropoutMasks(model.architecture, adapter, plan.seed) : null;
    this.epoch = { number: 0, batches: epochBatches(rows, plan, 0) };
    this.stepsPerEpoch = Math.ceil(this.epoch.batches.length / plan.accumulation);
    this.tokensMost = this.epoch.batches.reduce((most, batch) => Math.max(most, tokensOf(batch, rows)), 0);
    this.steps = plan.steps ?? Math.max(1, Math.round(this.stepsPerEpoch * plan.epochs));
  }

  async next(): Promise<StepOutcome> {
    const { plan } = this;
    const step = this.step + 1;
    const batches = this.batchesOf(step);
    let nll = 0;
    let labelledTokens = 0;
    let tokens = 0;
    for (const [at, indices] of batches.entries()) {
      const batch = layOut(
        indices.map((index) => this.rows[index] as EncodedRow),
        this.model.architecture,
        this.dropout === null,
      );
      this.dropout?.draw(step, at);
      this.buffers.room = Math.max(1, this.tokensMost / batch.ids.length);
      const losses = await trainPass(this.passFor(batch), batch, this.gradientsByLayer(), at === 0);
      for (const loss of losses) nll += loss;
      labelledTokens += losses.length;
      tokens += batch.rowTokens;
    }
    const mean = 1 / Math.max(1, labelledTokens);
    const loss = nll * mean;
    const gradientNorm = this.gradientNorm() * mean;
    const learningRate = learningRateAt(plan, step, this.steps);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      const rate = Number((learningRate / 5 || plan.learningRate / 5).toPrecision(2));
      throw problem("ENGINE_LOSS_NOT_FINITE", { step, loss, last: this.step, rate });
    }
    const clip = plan.clipNorm > 0 ? Math.min(1, plan.clipNorm / (gradientNorm + 1e-6)) : 1;
    for (const { values, gradient, moments } of this.trained) {
      update(plan, values, gradient, moments, { step, learningRate, gradientScale: mean * clip });
    }
    this.step = step;
    return { step, loss, learningRate, gradientNorm, tokens, labelledTokens };
  }

  state(): TrainerState {
    const tensors = (kind: string, part: (one: Trained) => Float32Array): AdapterTensor[] =>
      this.trained
        .filter((one) => part(one).length > 0)
        .map((one) => ({ name: `${kind}/${one.name}`, shape: one.shape, data: part(one) }));
    return {
      step: this.step,
      tensors: [
        ...tensors("adapter", ({ values }) => values),
        ...tensors("moment1", ({ moments }) => moments.first),
        ...tensors("moment2", ({ moments }) => moments.second),
      ],
    };
  }

  restore(state: TrainerState): void {
    const byName = new Map(state.tensors.map((tensor) => [tensor.name, tensor.data]));
    const put = (name: string, into: Float32Array): void => {
      const data = into.length === 0 ? into : byName.get(name);
      if (data?.length !== into.length) {
        const found = data ? `${data.length} values` : "no such tensor";
        throw problem("MODEL_WEIGHT_MISMATCH", { name, found, expected: `${into.length} values` });
      }
      into.set(data);
    };
    for (const { name, values, moments } of this.trained) {
      put(`adapter/${name}`, values);
      put(`moment1/${name}`, moments.first);
      put(`moment2/${name}`, moments.second);
    }
    this.step = state.step;
  }

  async release(): Promise<void> {
    this.buffers.clear();
    await this.model.programs.closeTraining();
    collectGarbage();
  }

  /** Batches of a step, in order: the data's order follows from seed and step alone, so a resumed run needs no more. */
  private batchesOf(step: number): readonly (readonly number[])[] {
    const number = Math.floor((step - 1) / this.stepsPerEpoch);
    if (this.epoch.number !== number) {
      this.epoch = { number, batches: epochBatches(this.rows, this.plan, number) };
    }
    const from = ((step - 1) % this.stepsPerEpoch) * this.plan.accumulation;
    return this.epoch.batches.slice(from, from + this.plan.accumulation);
  }

  private passFor(batch: Batch): TrainPass {
    const { model, adapter, buffers, plan, dropout } = this;
    const keeping = chooseKeeping(plan.recompute, model.architecture, batch);
    return {
      model,
      adapter,
      buffers,
      keeping,
      ...(dropout ? { masks: (layer: number, tokens: number) => dropout.layer(layer, tokens) } : {}),
    };
  }

  private gradientsByLayer(): Record<string, Float32Array>[] {
    let at = 0;
    return this.adapter.layers.map((ports) =>
      Object.fromEntries(
        Object.keys(ports).map((port) => [port, (this.trained[at++] as Trained).gradient] as const),
      ),
    );
  }

  /**
   * L2 norm over all gradients as they stand, summed over labels.
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

/** Tokens of a batch, with one for the filler. */
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
