/** @file Controls a training: records what its execution reports, consults the guards, and sends commands back. */

import { type Seconds, seconds } from "@tunewise/core/quantity";
import type {
  ExecutionEvent,
  ForgettingPoint,
  RecordedVerdict,
  RunStatus,
  RunStop,
  TrainingState,
  Verdict,
} from "@tunewise/core/run";
import { findNotFinite, type ModelFiles } from "@tunewise/engine/weights";
import { selectCheckpoint, type TrainingSchedule, trainingSchedule } from "../../executors/index.ts";
import { checkBudget, checkForgettingSample, checkRegularization } from "../../guard/index.ts";
import { problem } from "../../problem/index.ts";
import { interruptCause } from "../../runtime/index.ts";
import { CurveGuards } from "./curve-guards.ts";
import { EvidenceJudge, type Judged, type LoopState, rateShare } from "./judge-evidence.ts";
import { capsOf, type Reported, type RunSession } from "./session.ts";
import { stopStalled } from "./stall-watch.ts";
import { stopOf } from "./stop-of.ts";

/** How training ended. */
export interface TrainingEnd {
  /**
   * One of:
   * - `completed`: all steps were done
   * - `stopped`: by a guard
   * - `interrupted`: by the user, or by the cloud that reclaims its machine
   * - `failed`: the loss is NaN or infinite
   */
  readonly status: Exclude<RunStatus, "running">;
  /** Why training ended before its last step; `null` for `completed`. */
  readonly stop: RunStop | null;
  readonly state: TrainingState;
  /** Verdicts of guards in this session and earlier ones. */
  readonly guards: readonly RecordedVerdict[];
  /** Why forgetting is not measured although the recipe requests it; `null` if it is. */
  readonly forgettingUnmeasured: string | null;
  /** Peak resident memory of the process that computed the run; `null` until its result is evaluated. */
  readonly peakMemoryBytes: number | null;
}

/**
 * Trains until the last step, a cap, an interrupt or a non-finite loss. Always leaves a checkpoint. The execution then
 * waits for an evaluation request.
 */
export async function train(session: RunSession): Promise<TrainingEnd> {
  return new Controller(session).run();
}

class Controller {
  private readonly session: RunSession;
  private readonly curveGuards: CurveGuards;
  private readonly judge: EvidenceJudge;
  /** Verdicts of this session. */
  private readonly guards: RecordedVerdict[] = [];
  private penalties: number[] = [];
  private best: TrainingState["best"];
  private forgetting: readonly ForgettingPoint[];
  private step: number;
  private savedStep: number;
  private trainSeconds: number;
  private stepSeconds = 0;
  private evaluationSeconds = 0;
  private sampleSeconds = 0;
  private saveSeconds = 1;
  private interruptedBy: "person" | "machine" | null = null;
  /** Whether the execution was asked to stop. Steps that it computed before that are still reported. */
  private isStopping = false;
  /** Time to measure the base model's forgetting prompts. The result will need the same time. */
  private forgettingSeconds = 0;
  private forgettingUnmeasured: string | null = null;

  constructor(session: RunSession) {
    const { state } = session.start;
    this.session = session;
    this.curveGuards = this.createCurveGuards();
    this.judge = new EvidenceJudge(session);
    this.best = state.best;
    this.forgetting = state.forgetting;
    this.step = state.step;
    this.savedStep = state.step;
    this.trainSeconds = state.trainSeconds;
  }

  async run(): Promise<TrainingEnd> {
    const { events, execution } = this.session;
    for (;;) {
      const next = await events.next();
      if (next.done) break;
      if (next.value.kind === "silence") {
        await this.note(stopStalled(next.value, this.step, this.session));
        continue;
      }
      const { seq: _, ...event } = next.value;
      if (event.kind === "training-end") return this.endOf(event);
      await this.handle(event);
    }
    await execution.result(); // rejects with the cause of the end
    throw new Error("Internal: an execution ended without the end of its training");
  }

  private endOf({ status, state }: Reported<"training-end">): TrainingEnd {
    const { interruptedBy, guards, session } = this;
    const ended = status === "stopped" && interruptedBy !== null ? "interrupted" : status;
    return {
      status: ended,
      stop: stopOf({ status: ended, step: state.step, guards, interruptedBy }, session),
      state,
      guards: this.judge.verdicts,
      forgettingUnmeasured: this.forgettingUnmeasured,
      peakMemoryBytes: null,
    };
  }

  private async handle(event: ExecutionEvent): Promise<void> {
    const { recorder } = this.session;
    switch (event.kind) {
      case "step-start":
        return this.beforeStep();
      case "step-end":
        return this.afterStep(event);
      case "loss-not-finite":
        return this.afterBrokenStep(event);
      case "evaluation-end":
        return this.afterEvaluation(event);
      case "forgetting-measured":
        return this.afterForgettingSample(event);
      case "checkpoint-saved":
        return this.afterCheckpoint(event);
      case "rolled-back":
        return this.afterRollBack(event);
      case "forgetting-base":
        this.forgettingSeconds = event.wallSeconds;
        this.forgettingUnmeasured = event.unmeasured;
        return;
      case "write-start":
        return this.session.requireFolder();
      case "work-start":
        return recorder.startWork(event);
      case "training-start":
      case "training-end":
        return;
      case "finding":
        // Without shared storage the worker stops immediately. With it, the next step starts and resets this.
        if (event.finding.code === "MACHINE_PREEMPTED") this.interruptedBy = "machine";
        return recorder.record(event);
      default:
        return recorder.record(event);
    }
  }

  private async beforeStep(): Promise<void> {
    if (this.isStopping) return;
    const { signal } = this.session.runtime;
    this.interruptedBy = signal.aborted ? interruptCause(signal) : null;
    if (signal.aborted || (await this.isOverBudget()) || (await this.isStopRequested())) this.stop();
  }

  private stop(): void {
    this.isStopping = true;
    this.session.execution.send({ kind: "stop" });
  }

  private async afterStep(event: Reported<"step-end">): Promise<void> {
    const { recorder, meter } = this.session;
    const { step, wallSeconds, penalty } = event;
    this.step = step;
    // the longest recent step, slowly decaying, because batches differ in length
    this.stepSeconds = Math.max(wallSeconds, 0.9 * this.stepSeconds);
    this.trainSeconds += wallSeconds;
    const evidence = this.curveGuards.afterStep(event);
    const judged = this.judge.judge(evidence, step, this.state(step));
    await recorder.record({ ...event, spentMicroUsd: meter.spentUsd });
    if (await this.act(judged)) await this.checkRegularization(penalty);
  }

  /**
   * Handles a step with a non-finite loss. @throws {TunewiseError} `MODEL_WEIGHT_NOT_FINITE` if the base model explains
   * it
   */
  private async afterBrokenStep({ step }: Reported<"loss-not-finite">): Promise<void> {
    if (step === 1) await requireFiniteBase(this.session.prepared.model);
    const figures = { loss: Number.NaN, gradientNorm: Number.NaN, updateRatio: Number.NaN };
    const evidence = this.curveGuards.afterStep({ step, ...figures });
    await this.act(this.judge.judge(evidence, step, this.state(this.savedStep)));
  }

  private async afterEvaluation(event: Reported<"evaluation-end">): Promise<void> {
    const { step, loss, wallSeconds } = event;
    this.evaluationSeconds = wallSeconds;
    if (Number.isFinite(loss) && loss < (this.best?.loss ?? Number.POSITIVE_INFINITY))
      this.best = { step, loss };
    await this.session.recorder.record(event);
    const evidence = this.curveGuards.afterEvaluation(step, loss);
    await this.act(this.judge.judge(evidence, step, this.state(step)));
  }

  private async afterForgettingSample(event: Reported<"forgetting-measured">): Promise<void> {
    const { kind: _, wallSeconds, ...point } = event;
    this.sampleSeconds = wallSeconds;
    this.forgetting = [...this.forgetting, point];
    await this.session.recorder.record(event);
    const { perplexityRise: value, low, high, step } = point;
    if (value === null) return;
    const { maxPerplexityRise: limit, gate } = this.session.recipe.forgetting;
    const interval = low === null || high === null ? null : { low, high };
    const measured = { value, interval, limit };
    await this.note(checkForgettingSample(step, measured, gate, this.hasWarned("forgetting")));
  }

  private async afterCheckpoint(event: Reported<"checkpoint-saved">): Promise<void> {
    const { recorder } = this.session;
    this.savedStep = event.step;
    this.saveSeconds = event.wallSeconds;
    await recorder.record(event);
    await recorder.write();
    await recorder.flush();
  }

  private async afterRollBack(event: Reported<"rolled-back">): Promise<void> {
    const { recorder } = this.session;
    const { toStep, rateScale } = event;
    this.curveGuards.rollBack(toStep);
    this.judge.rateScale = rateScale;
    this.best = bestOf(this.curveGuards.curves.validation);
    this.forgetting = this.forgetting.filter(({ step }) => step <= toStep);
    [this.step, this.savedStep, this.penalties] = [toStep, toStep, []];
    await recorder.record(event);
    await recorder.write();
  }

  /** Applies the verdicts of guards, most severe first. Returns whether training continues unchanged. */
  private async act(judged: readonly Judged[]): Promise<boolean> {
    if (this.isStopping) return false;
    for (const { evidence, verdict } of judged) {
      await this.note(verdict);
      if (verdict.act === "stop") this.stop();
      else if (verdict.act === "roll-back")
        this.session.execution.send({ kind: "roll-back", before: evidence.since, rateScale: rateShare });
      else continue;
      return false;
    }
    return true;
  }

  private async isOverBudget(): Promise<boolean> {
    const { meter, recipe, start } = this.session;
    const planned = this.planned("test-base") + this.planned("test-tuned");
    const evaluation = planned * Math.max(1, this.evaluationPace());
    const caps = capsOf(recipe);
    // Evaluating the result is part of the run, but must not reserve more than half of a small budget.
    const most = caps.capSeconds === null ? Number.POSITIVE_INFINITY : caps.capSeconds / 2;
    const verdict = checkBudget({
      step: this.step,
      steps: start.steps,
      ...caps,
      spentUsd: meter.spentUsd,
      spentSeconds: meter.spentSeconds,
      priceUsdPerHour: meter.priceUsdPerHour,
      nextTickSeconds: this.nextStepSeconds(),
      reserveSeconds: seconds(this.saveSeconds + Math.min(evaluation + this.forgettingSeconds, most)),
      warned: this.hasWarned("budget"),
    });
    await this.note(verdict);
    return verdict.act === "stop";
  }

  /** Planned seconds of a part of the run; 0 if the plan does not have it. */
  private planned(name: string): number {
    return this.session.plan.time.parts.find((part) => part.name === name)?.seconds.expected ?? 0;
  }

  /** Ratio of actual to planned time of the last evaluation on validation rows; 1 before the first. */
  private evaluationPace(): number {
    const { steps } = this.session.start;
    const every = this.schedule().evaluation;
    const planned = every > 0 ? this.planned("validate") / Math.max(1, Math.floor(steps / every)) : 0;
    return planned > 0 && this.evaluationSeconds > 0 ? this.evaluationSeconds / planned : 1;
  }

  private schedule(): TrainingSchedule {
    const { recipe, start, prepared } = this.session;
    return trainingSchedule(recipe, start, prepared.encoded.validation.rows.length > 0);
  }

  /** Estimated time of the next step, including the evaluations due after it. */
  private nextStepSeconds(): Seconds {
    const schedule = this.schedule();
    const isDue = (every: number): boolean => every > 0 && (this.step + 1) % every === 0;
    return seconds(
      this.stepSeconds +
        (isDue(schedule.evaluation) ? this.evaluationSeconds : 0) +
        (isDue(schedule.forgetting) ? this.sampleSeconds : 0),
    );
  }

  /** Checks for a stop by a shared budget or by a request. */
  private async isStopRequested(): Promise<boolean> {
    const { verdict } = this.session.recorder;
    if (verdict.act === "go-on" || (verdict.act === "warn" && this.hasWarned(verdict.guard))) return false;
    await this.note(verdict);
    return verdict.act === "stop";
  }

  /** Checks whether the penalty towards the base model stalls training, using only this session's steps. */
  private async checkRegularization(penalty: number): Promise<void> {
    const { regularization, training } = this.session.recipe;
    this.penalties.push(penalty);
    if (regularization.method !== "ewc" && regularization.method !== "l2-sp") return;
    const losses = this.curveGuards.curves.train.slice(-this.penalties.length).map(([, loss]) => loss);
    await this.note(
      checkRegularization({
        losses,
        penalties: this.penalties,
        method: regularization.method,
        lambda: regularization.lambda,
        warmupSteps: this.warmupSteps(training),
        warned: this.hasWarned("regularization"),
      }),
    );
  }

  private createCurveGuards(): CurveGuards {
    const { recipe, start, target } = this.session;
    const { loss, learningRate, schedule, maxGradNorm } = recipe.training;
    const { steps, stepsPerEpoch, vocabularySize: vocabulary, state } = start;
    const warmupSteps = this.warmupSteps(recipe.training);
    const run = { steps, stepsPerEpoch, warmupSteps, vocabulary, target };
    const facts = { ...run, loss, learningRate, schedule, maxGradNorm };
    return new CurveGuards(facts, state.curves);
  }

  private warmupSteps({ warmup }: { readonly warmup: number }): number {
    return warmup < 1 ? Math.ceil(warmup * this.session.start.steps) : warmup;
  }

  private async note(verdict: Verdict): Promise<void> {
    if (verdict.act === "go-on") return;
    const { step } = this;
    this.guards.push({ step, verdict });
    this.judge.note({ step, verdict });
    await this.session.recorder.record({ kind: "guard-tripped", step, verdict });
  }

  private hasWarned(guard: string): boolean {
    return this.guards.some(({ verdict }) => verdict.act !== "go-on" && verdict.guard === guard);
  }

  /** @param last step whose state would be the result if no other is better */
  private state(last: number): LoopState {
    const { recipe } = this.session;
    const { best, forgetting } = this;
    const { curves } = this.curveGuards;
    const selected =
      recipe.training.checkpointSelection === "last"
        ? null
        : selectCheckpoint({ best, forgetting, curves }, recipe);
    return { trainSeconds: this.trainSeconds, keptStep: selected ?? (last > 0 ? last : null) };
  }
}

/**
 * Checks the base model's weights. Done only if the first step has a non-finite loss, because it takes as long as
 * reading the model.
 */
async function requireFiniteBase({ source, weights }: ModelFiles): Promise<void> {
  try {
    const broken = await findNotFinite(weights);
    if (broken !== null) throw problem("MODEL_WEIGHT_NOT_FINITE", { source, ...broken });
  } finally {
    await weights.close();
  }
}

function bestOf(validation: readonly (readonly [step: number, loss: number])[]): TrainingState["best"] {
  const finite = validation.filter(([, loss]) => Number.isFinite(loss));
  const [first] = finite;
  if (first === undefined) return null;
  const [step, loss] = finite.reduce((best, one) => (one[1] < best[1] ? one : best), first);
  return { step, loss };
}
