/**
 * @file Guards that examine a run's curves after each step and each evaluation. Used by the training loop, and to
 * replay recorded curves.
 */

import { mean } from "@tunewise/core/math";
import { type Curves, type LossName, losses as lossTable, type ScheduleName } from "@tunewise/core/run";
import { learningRateAt } from "@tunewise/engine";
import {
  checkDivergence,
  checkFutility,
  checkGradients,
  checkLeakage,
  checkOverfitting,
  checkPlateau,
  checkProgress,
  type EvaluationPoint,
  type Evidence,
  type LossHistory,
  type LossToBeat,
  updateHistory,
} from "../../guard/index.ts";

/** Maximum number of earlier losses that a guard receives. */
const maxHistory = 100;

/** Facts about a run that are known before its first step. */
export interface CurveFacts {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly warmupSteps: number;
  /** Training loss. Only values of a likelihood are judged; others may rise while a model learns, as those of `dft`. */
  readonly loss: LossName;
  /** Peak learning rate of the schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly maxGradNorm: number;
  /** Vocabulary size of the model. */
  readonly vocabulary: number;
  readonly target: LossToBeat | null;
}

/** Measured values of a step. */
export interface StepFigures {
  readonly step: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly updateRatio: number;
}

/**
 * A run's curves, and the guards that examine them. The time per step does not depend on the number of earlier steps.
 */
export class CurveGuards {
  private readonly facts: CurveFacts;
  private readonly rateAreas: readonly number[];
  private train: (readonly [number, number])[] = [];
  private losses: number[] = [];
  private past: LossHistory | null = null;
  private validation: (readonly [number, number])[] = [];
  private lowestValidation: number | null = null;
  private evaluations: EvaluationPoint[] = [];
  /** Gradient norms of this session's steps. */
  private norms: number[] = [];
  private ratios: number[] = [];
  private rateShares: number[] = [];

  constructor(facts: CurveFacts, curves: Curves) {
    this.facts = facts;
    this.rateAreas = rateAreasOf(facts);
    this.restore(curves);
  }

  /** Losses so far, as stored in checkpoints. */
  get curves(): Curves {
    return { train: this.train, validation: this.validation };
  }

  /** Returns to the curves of an earlier step. */
  rollBack(step: number): void {
    const upTo = (points: Curves["train"]): Curves["train"] => points.filter(([at]) => at <= step);
    this.restore({ train: upTo(this.train), validation: upTo(this.validation) });
  }

  private restore({ train, validation }: Curves): void {
    this.train = [...train];
    this.losses = train.map(([, loss]) => loss);
    this.past = null;
    for (let count = 1; count <= train.length; count++)
      this.past = updateHistory(this.past, this.losses, count);
    [this.norms, this.ratios, this.rateShares] = [[], [], []];
    [this.validation, this.evaluations] = [[], []];
    this.lowestValidation = null;
    for (const [step, loss] of validation) this.look(step, loss);
  }

  /** Adds a step. Returns the guards' findings, most severe first. */
  afterStep({ step, loss, gradientNorm, updateRatio }: StepFigures): Evidence[] {
    const { learningRate: learningRatePeak, warmupSteps, steps, maxGradNorm, vocabulary } = this.facts;
    const { losses, past, norms, ratios, rateShares, rateAreas } = this;
    const { isLikelihood } = lossTable[this.facts.loss];
    const isJudged = isLikelihood || !Number.isFinite(loss) || !Number.isFinite(gradientNorm);
    const state = {
      step,
      loss,
      gradientNorm,
      history: past,
      learningRatePeak,
      warmupSteps,
      vocabulary,
      losses: losses.slice(-maxHistory),
    };
    const divergence = isJudged ? checkDivergence(state) : null;
    // A step with a non-finite loss is skipped, so the weights are unchanged.
    if (!Number.isFinite(loss)) return divergence ? [divergence] : [];
    this.train.push([step, loss]);
    losses.push(loss);
    norms.push(gradientNorm);
    ratios.push(updateRatio);
    rateShares.push((rateAreas[step] ?? 0) - (rateAreas[step - 1] ?? 0));
    this.past = updateHistory(past, losses, losses.length);
    // The norms of earlier sessions are not available, including those of the warm-up.
    const warmupSeen = Math.max(0, warmupSteps - (step - norms.length));
    const { lowestValidation } = this;
    const progress = { losses, steps, warmupSteps, learningRatePeak, lowestValidation };
    return [
      divergence,
      isLikelihood ? checkProgress(progress) : null,
      checkGradients({ norms, ratios, rateShares, maxGradNorm, learningRatePeak, warmupSteps: warmupSeen }),
    ].filter((evidence) => evidence !== null);
  }

  /** Adds an evaluation on the validation rows. Returns the guards' findings, most severe first. */
  afterEvaluation(step: number, loss: number): Evidence[] {
    const { steps, warmupSteps, target, stepsPerEpoch } = this.facts;
    this.look(step, loss);
    const { evaluations, losses, rateAreas } = this;
    return [
      checkOverfitting({ evaluations, patience: 3 }),
      checkFutility({ evaluations, rateAreas, warmupSteps, target }),
      checkPlateau({ evaluations, steps }),
      checkLeakage({ evaluations, stepsPerEpoch, losses }),
    ].filter((evidence) => evidence !== null);
  }

  private look(step: number, validationLoss: number): void {
    const from = this.validation.at(-1)?.[0] ?? 0;
    const since = this.losses.slice(from, step);
    this.validation.push([step, validationLoss]);
    if (Number.isFinite(validationLoss))
      this.lowestValidation = Math.min(validationLoss, this.lowestValidation ?? validationLoss);
    const trainLoss = lossTable[this.facts.loss].isLikelihood ? mean(since) : Number.NaN;
    this.evaluations.push({ step, validationLoss, trainLoss });
  }
}

/**
 * Cumulative sums of the learning rates by step, as fractions of the peak rate. A rate lowered by a roll-back counts in
 * full, so the forecast is then too optimistic.
 */
function rateAreasOf({ schedule, steps, warmupSteps: warmup }: CurveFacts): number[] {
  const areas = [0];
  for (let step = 1; step <= steps; step++) {
    areas.push(
      (areas[step - 1] as number) + learningRateAt({ schedule, learningRate: 1, warmup }, step, steps),
    );
  }
  return areas;
}
