/**
 * @file The training loop: steps, evaluations, checkpoints, and the guards asked before and after each.
 */
import { checkBudget, checkForgettingSample, checkRegularization } from "../../guard/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { seconds } from "../../quantity/index.ts";
import type { RunStatus, SpokenVerdict, Verdict } from "../../run/index.ts";
import { type CheckpointInfo, keepState } from "./checkpoints.ts";
import { CurveMonitor, type Judged, type LoopState } from "./curve-monitor.ts";
import { selectCheckpoint, stepsBetweenForgettingChecks } from "./select-checkpoint.ts";
import { capsOf, type RunSession } from "./session.ts";

/** How training ended. */
export interface TrainingEnd {
  /** `completed`: all steps done · `stopped` by a guard · `interrupted` by the user · `failed`: no number any more. */
  readonly status: Exclude<RunStatus, "running">;
  readonly info: CheckpointInfo;
  /** What guards said, in this sitting and earlier ones. */
  readonly guards: readonly SpokenVerdict[];
}

/**
 * Runs steps until the end, a cap, an interrupt or a loss that is no number; always leaves a checkpoint.
 *
 * @param until the step to pause at, which is evaluated and saved as the last one is
 */
export async function train(
  session: RunSession,
  until: number = Number.POSITIVE_INFINITY,
): Promise<TrainingEnd> {
  return new TrainingLoop(session).run(until);
}

class TrainingLoop {
  private readonly session: RunSession;
  private penalties: number[] = [];
  /** Of this sitting. */
  private readonly guards: SpokenVerdict[] = [];
  private readonly watch: CurveMonitor;
  private best: CheckpointInfo["best"];
  private tokens: number;
  private trainSeconds: number;
  private savedStep: number;
  private stepSeconds = 0;
  private evaluationSeconds = 0;
  private saveSeconds = 1;

  constructor(session: RunSession) {
    const { start } = session;
    this.session = session;
    this.watch = new CurveMonitor(session, this.warmupSteps(session.recipe.training));
    this.best = start.best;
    this.tokens = start.tokens;
    this.trainSeconds = start.trainSeconds;
    this.savedStep = start.step;
  }

  async run(until: number): Promise<TrainingEnd> {
    const { trainer, host } = this.session;
    await this.session.forgetting?.begin();
    while (trainer.step < Math.min(trainer.steps, until)) {
      if (host.signal.aborted) return this.end("interrupted");
      if ((await this.askBudget()) === "stop" || (await this.askOthers()) === "stop")
        return this.end("stopped");
      const end = await this.step();
      if (end === "rolled-back") continue;
      if (end !== "go") return this.end(end);
      if (this.isDue(this.evaluationInterval) && (await this.evaluate()) === "stopped")
        return this.end("stopped");
      if (this.isDue(this.lookInterval)) await this.look();
      if (this.isDue(this.checkpointInterval) || this.isToKeep()) await this.save();
    }
    return this.end("completed");
  }

  private async step(): Promise<"go" | "rolled-back" | "stopped" | "failed"> {
    const { trainer, recorder, meter, host } = this.session;
    const start = host.elapsedSeconds();
    try {
      const outcome = await trainer.next();
      const wallSeconds = host.elapsedSeconds() - start;
      // the longest of the last steps, forgotten slowly: batches differ in length
      this.stepSeconds = Math.max(wallSeconds, 0.9 * this.stepSeconds);
      this.tokens += outcome.tokens;
      this.trainSeconds += wallSeconds;
      const judged = this.watch.afterStep(outcome, this.loopState(outcome.step));
      await recorder.tell({
        kind: "step-end",
        ...outcome,
        steps: trainer.steps,
        wallSeconds,
        spentMicroUsd: meter.spentUsd,
      });
      const end = await this.heed(judged);
      if (end === "go") await this.askKeeping(outcome.penalty);
      return end;
    } catch (error) {
      if (!TunewiseError.is(error) || error.code !== "ENGINE_LOSS_NOT_FINITE") throw error;
      const figures = { loss: Number.NaN, gradientNorm: Number.NaN, updateRatio: Number.NaN };
      const step = trainer.step + 1;
      const end = await this.heed(this.watch.afterStep({ step, ...figures }, this.loopState(this.savedStep)));
      return end === "rolled-back" ? end : "failed"; // whatever a guard may do: there is nothing to go on with
    }
  }

  /** Does what guards ask for, the gravest first. */
  private async heed(judged: readonly Judged[]): Promise<"go" | "rolled-back" | "stopped"> {
    for (const { evidence, verdict } of judged) {
      await this.note(verdict);
      if (verdict.act === "stop") return "stopped";
      if (verdict.act !== "roll-back") continue;
      const { best, step } = await this.watch.rollBack(evidence.since, this.info());
      [this.best, this.savedStep, this.penalties] = [best, step, []];
      return "rolled-back";
    }
    return "go";
  }

  private async evaluate(): Promise<"go" | "rolled-back" | "stopped"> {
    const { model, adapter, prepared, trainer, recorder, host } = this.session;
    const rows = prepared.encoded.validation.rows;
    if (rows.length === 0) return "go";
    const start = host.elapsedSeconds();
    recorder.phase = "evaluate";
    const { nll, labelledTokens } = await model.loss(adapter, rows);
    const loss = nll / Math.max(1, labelledTokens);
    this.evaluationSeconds = host.elapsedSeconds() - start;
    if (Number.isFinite(loss) && loss < (this.best?.loss ?? Number.POSITIVE_INFINITY))
      this.best = { step: trainer.step, loss };
    const wallSeconds = this.evaluationSeconds;
    await recorder.tell({ kind: "evaluation-end", step: trainer.step, loss, wallSeconds });
    recorder.phase = "train";
    return this.heed(this.watch.afterEvaluation(trainer.step, loss, this.loopState(trainer.step)));
  }

  /** A look at what is forgotten, on a small sample. */
  private async look(): Promise<void> {
    const { trainer, recipe, forgetting } = this.session;
    const { everyCheckpoint, maxPerplexityRise: limit, gate } = recipe.forgetting;
    if (!everyCheckpoint) return;
    const point = await forgetting?.measureSample(trainer.step);
    if (!point || point.perplexityRise === null) return;
    const { perplexityRise: value, low, high } = point;
    const interval = low === null || high === null ? null : { low, high };
    const warned = this.hasSpoken("forgetting");
    await this.note(checkForgettingSample(trainer.step, { value, interval, limit }, gate, warned));
  }

  private async save(): Promise<void> {
    const { trainer, folder, owner, recorder, host, recipe } = this.session;
    if (this.savedStep === trainer.step) return;
    await this.session.demandFolder();
    const start = host.elapsedSeconds();
    const info = this.info();
    const path = await keepState(folder, owner, trainer, info, selectCheckpoint(info, recipe));
    this.savedStep = trainer.step;
    this.saveSeconds = host.elapsedSeconds() - start;
    await recorder.tell({ kind: "checkpoint-saved", step: trainer.step, path });
    await recorder.write();
    await recorder.flush();
  }

  /** The last words: an evaluation if the end has none yet and there is time, and a checkpoint. */
  private async end(status: TrainingEnd["status"]): Promise<TrainingEnd> {
    const { trainer } = this.session;
    const judged = this.watch.curves.validation.at(-1)?.[0] === trainer.step;
    if (status === "completed" && !judged) await this.evaluate();
    if (status === "completed" && this.session.forgetting?.curve.at(-1)?.step !== trainer.step)
      await this.look();
    if (status !== "failed" && trainer.step > 0) await this.save();
    return { status, info: this.info(), guards: this.watch.verdicts };
  }

  private async askBudget(): Promise<"go" | "stop"> {
    const { trainer, meter, recipe, plan, forgetting } = this.session;
    const judging = plan.time.parts.filter(({ name }) => name === "test-base" || name === "test-tuned");
    const planned = judging.reduce((sum, { seconds: part }) => sum + part.expected, 0);
    const caps = capsOf(recipe);
    // judging the result is part of the run, but may not eat more than half of a small budget
    const most = caps.capSeconds === null ? Number.POSITIVE_INFINITY : caps.capSeconds / 2;
    const verdict = checkBudget({
      step: trainer.step,
      steps: trainer.steps,
      ...caps,
      spentUsd: meter.spentUsd,
      spentSeconds: meter.spentSeconds,
      priceUsdPerHour: meter.priceUsdPerHour,
      nextTickSeconds: seconds(
        this.stepSeconds +
          (this.isDue(this.evaluationInterval, 1) ? this.evaluationSeconds : 0) +
          (this.isDue(this.lookInterval, 1) ? (forgetting?.lookSeconds ?? 0) : 0),
      ),
      reserveSeconds: seconds(this.saveSeconds + Math.min(planned + (forgetting?.wholeSeconds ?? 0), most)),
      warned: this.hasSpoken("budget"),
    });
    await this.note(verdict);
    return verdict.act === "stop" ? "stop" : "go";
  }

  /** A budget of several runs, or somebody who asked the run to stop. */
  private async askOthers(): Promise<"go" | "stop"> {
    const { verdict } = this.session.recorder;
    if (verdict.act === "go-on" || (verdict.act === "warn" && this.hasSpoken(verdict.guard))) return "go";
    await this.note(verdict);
    return verdict.act === "stop" ? "stop" : "go";
  }

  /** Whether a pull towards the base stalls the training; of this sitting's steps alone. */
  private async askKeeping(penalty: number): Promise<void> {
    const { keep, training } = this.session.recipe;
    this.penalties.push(penalty);
    if (keep.method !== "ewc" && keep.method !== "l2-sp") return;
    const losses = this.watch.curves.train.slice(-this.penalties.length).map(([, loss]) => loss);
    await this.note(
      checkRegularization({
        ...{ losses, penalties: this.penalties, method: keep.method, lambda: keep.lambda },
        warmupSteps: this.warmupSteps(training),
        warned: this.hasSpoken("keeping"),
      }),
    );
  }

  private warmupSteps({ warmup }: { readonly warmup: number }): number {
    return warmup < 1 ? Math.ceil(warmup * this.session.trainer.steps) : warmup;
  }

  private async note(verdict: Verdict): Promise<void> {
    if (verdict.act === "go-on") return;
    const { trainer, recorder } = this.session;
    this.guards.push({ step: trainer.step, verdict });
    this.watch.note({ step: trainer.step, verdict });
    await recorder.tell({ kind: "guard-tripped", step: trainer.step, verdict });
  }

  private hasSpoken(guard: string): boolean {
    return this.guards.some(({ verdict }) => verdict.act !== "go-on" && verdict.guard === guard);
  }

  /** @param last the step whose state would be the result where none is better */
  private loopState(last: number): LoopState {
    const { recipe } = this.session;
    const best = recipe.training.keep === "last" ? null : selectCheckpoint(this.info(), recipe);
    return { trainSeconds: this.trainSeconds, keptStep: best ?? (last > 0 ? last : null) };
  }

  private get evaluationInterval(): number {
    return this.session.recipe.training.evaluateEvery ?? this.session.trainer.stepsPerEpoch;
  }

  private get checkpointInterval(): number {
    return this.session.recipe.training.checkpointEvery ?? this.evaluationInterval;
  }

  /** Looks go with evaluations where there are any, else with checkpoints. */
  private get lookInterval(): number {
    const { prepared, trainer } = this.session;
    const hasValidation = prepared.encoded.validation.rows.length > 0;
    const interval = hasValidation ? this.evaluationInterval : this.checkpointInterval;
    return interval > 0 ? stepsBetweenForgettingChecks(trainer.steps, interval) : 0;
  }

  /** Whether the step just evaluated would be the result, so that it needs a checkpoint of its own. */
  private isToKeep(): boolean {
    const { recipe, trainer } = this.session;
    return recipe.training.keep !== "last" && selectCheckpoint(this.info(), recipe) === trainer.step;
  }

  /** Whether the step reached, or the one `ahead`, is a multiple of the interval. */
  private isDue(interval: number, ahead = 0): boolean {
    return interval > 0 && (this.session.trainer.step + ahead) % interval === 0;
  }

  private info(): CheckpointInfo {
    return {
      step: this.session.trainer.step,
      best: this.best,
      curves: this.watch.curves,
      forgetting: this.session.forgetting?.curve ?? this.session.start.forgetting,
      tokens: this.tokens,
      trainSeconds: this.trainSeconds,
      sessions: this.session.start.sessions,
    };
  }
}
