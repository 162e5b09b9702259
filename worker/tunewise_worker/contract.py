"""The contract between the controller and the executor of a run.

Generated from `packages/core/src/run/messages.ts` by `npm run generate`.
"""

from typing import Any, Literal

from typing_extensions import NotRequired, TypedDict

Number = float
"""On the wire `"NaN"`, `"Infinity"` or `"-Infinity"` where JSON has no word for it; `float()` reads both."""

WorkerSpecRecipe = TypedDict(
    "WorkerSpecRecipe",
    {
        "configuration": str,
        "folder": str,
        "sha256": str,
    },
)

WorkerSpecModel = TypedDict(
    "WorkerSpecModel",
    {
        "source": str,
        "revision": str,
        "folder": str,
    },
)

WorkerSpecData = TypedDict(
    "WorkerSpecData",
    {
        "fingerprint": str,
    },
)

WorkerSpecPlacementHost = TypedDict(
    "WorkerSpecPlacementHost",
    {
        "address": str,
        "leaseSeconds": float,
        "onLeaseEnd": str | None,
        "eventsAhead": int,
        "storage": NotRequired[str],
        "minProcesses": NotRequired[int],
    },
)

WorkerSpecPlacement = TypedDict(
    "WorkerSpecPlacement",
    {
        "kind": Literal["torch"],
        "device": Literal["cpu", "cuda", "mps"],
        "dtype": Literal["float32", "bfloat16", "float16"],
        "recompute": Literal["none", "layer"],
        "processes": int,
        "cards": NotRequired[list[str]],
        "sharding": NotRequired[Literal["none", "fsdp"]],
        "host": NotRequired[WorkerSpecPlacementHost],
    },
)

WorkerSpecSweep = TypedDict(
    "WorkerSpecSweep",
    {
        "low": float,
        "high": float,
    },
)

WorkerSpecLimits = TypedDict(
    "WorkerSpecLimits",
    {
        "seconds": float | None,
    },
)

WorkerSpecMethod = TypedDict(
    "WorkerSpecMethod",
    {
        "kind": Literal["lora", "qlora", "full"],
        "rank": int,
        "alpha": float,
        "dropout": float,
        "rslora": bool,
        "dora": bool,
        "rankPattern": dict[str, Any],
        "alphaPattern": dict[str, Any],
        "targets": Literal["all-linear"] | list[str],
        "doubleQuantization": bool,
        "freeze": list[str],
    },
)

WorkerSpecTrainingEvery = TypedDict(
    "WorkerSpecTrainingEvery",
    {
        "evaluation": int,
        "forgetting": int,
        "checkpoint": int,
    },
)

WorkerSpecTrainingPenaltyL2Sp = TypedDict(
    "WorkerSpecTrainingPenaltyL2Sp",
    {
        "kind": Literal["l2-sp"],
        "lambda": float,
    },
)

WorkerSpecTrainingPenaltyEwc = TypedDict(
    "WorkerSpecTrainingPenaltyEwc",
    {
        "kind": Literal["ewc"],
        "lambda": float,
        "estimator": Literal["empirical", "sampled"],
        "storage": Literal["full", "factored"],
        "modelKey": str,
        "dataKey": str,
        "isKnown": bool,
    },
)

WorkerSpecTraining = TypedDict(
    "WorkerSpecTraining",
    {
        "seed": int,
        "steps": int,
        "stepsPerEpoch": int,
        "lastStep": int,
        "every": WorkerSpecTrainingEvery,
        "checkpointSelection": Literal["best", "last", "best-tradeoff"],
        "loss": Literal["nll", "dft"],
        "optimizer": Literal["adamw", "sgd", "adamw-8bit", "paged-adamw-8bit"],
        "weightDecay": float,
        "beta1": float,
        "beta2": float,
        "epsilon": float,
        "maxGradNorm": float,
        "batching": Literal["shuffle", "length", "pack"],
        "masterDtype": Literal["auto", "float32", "bfloat16"],
        "penalty": WorkerSpecTrainingPenaltyL2Sp | WorkerSpecTrainingPenaltyEwc | None,
    },
)

WorkerSpecInputs = TypedDict(
    "WorkerSpecInputs",
    {
        "train": str,
        "validation": str | None,
        "reference": str | None,
        "steps": str,
        "adapter": str | None,
    },
)

WorkerSpec = TypedDict(
    "WorkerSpec",
    {
        "v": Literal[1],
        "run": str,
        "folder": str,
        "recipe": WorkerSpecRecipe,
        "model": WorkerSpecModel,
        "data": WorkerSpecData,
        "placement": WorkerSpecPlacement,
        "until": float | None,
        "sweep": WorkerSpecSweep | None,
        "limits": WorkerSpecLimits,
        "threads": int,
        "method": WorkerSpecMethod,
        "training": WorkerSpecTraining,
        "inputs": WorkerSpecInputs,
    },
)

ExecutionEventStepEnd = TypedDict(
    "ExecutionEventStepEnd",
    {
        "kind": Literal["step-end"],
        "seq": int,
        "step": int,
        "steps": int,
        "loss": Number,
        "penalty": Number,
        "learningRate": Number,
        "gradientNorm": Number,
        "updateRatio": Number,
        "tokens": int,
        "labelledTokens": int,
        "wallSeconds": Number,
    },
)

ExecutionEventEvaluationEnd = TypedDict(
    "ExecutionEventEvaluationEnd",
    {
        "kind": Literal["evaluation-end"],
        "seq": int,
        "step": int,
        "loss": Number,
        "wallSeconds": Number,
    },
)

ExecutionEventForgettingMeasured = TypedDict(
    "ExecutionEventForgettingMeasured",
    {
        "kind": Literal["forgetting-measured"],
        "seq": int,
        "step": int,
        "perplexityRise": Number | None,
        "low": Number | None,
        "high": Number | None,
        "taskDrop": Number | None,
        "probabilityDrop": Number | None,
        "kl": Number | None,
        "wallSeconds": Number,
    },
)

ExecutionEventCheckpointSaved = TypedDict(
    "ExecutionEventCheckpointSaved",
    {
        "kind": Literal["checkpoint-saved"],
        "seq": int,
        "step": int,
        "path": str,
        "wallSeconds": Number,
    },
)

ExecutionEventRolledBack = TypedDict(
    "ExecutionEventRolledBack",
    {
        "kind": Literal["rolled-back"],
        "seq": int,
        "step": int,
        "toStep": int,
        "rateScale": Number,
    },
)

ExecutionEventFindingFindingWhereItem = TypedDict(
    "ExecutionEventFindingFindingWhereItem",
    {
        "file": str,
        "line": NotRequired[int],
        "column": NotRequired[int],
        "row": NotRequired[int],
        "text": NotRequired[str],
    },
)

ExecutionEventFindingFinding = TypedDict(
    "ExecutionEventFindingFinding",
    {
        "code": str,
        "severity": Literal["error", "warning", "note"],
        "title": str,
        "detail": str,
        "where": list[ExecutionEventFindingFindingWhereItem],
        "count": int,
        "fix": str,
    },
)

ExecutionEventFinding = TypedDict(
    "ExecutionEventFinding",
    {
        "kind": Literal["finding"],
        "seq": int,
        "finding": ExecutionEventFindingFinding,
    },
)

ExecutionEventPhase = TypedDict(
    "ExecutionEventPhase",
    {
        "kind": Literal["phase"],
        "seq": int,
        "name": str,
        "done": int,
        "total": int,
    },
)

ExecutionEventTrainingStartStateBest = TypedDict(
    "ExecutionEventTrainingStartStateBest",
    {
        "step": int,
        "loss": Number,
    },
)

ExecutionEventTrainingStartStateCurves = TypedDict(
    "ExecutionEventTrainingStartStateCurves",
    {
        "train": list[list[int | Number]],
        "validation": list[list[int | Number]],
    },
)

ExecutionEventTrainingStartStateForgettingItem = TypedDict(
    "ExecutionEventTrainingStartStateForgettingItem",
    {
        "step": int,
        "perplexityRise": Number | None,
        "low": Number | None,
        "high": Number | None,
        "taskDrop": Number | None,
        "probabilityDrop": Number | None,
        "kl": Number | None,
    },
)

ExecutionEventTrainingStartState = TypedDict(
    "ExecutionEventTrainingStartState",
    {
        "step": int,
        "best": ExecutionEventTrainingStartStateBest | None,
        "curves": ExecutionEventTrainingStartStateCurves,
        "forgetting": list[ExecutionEventTrainingStartStateForgettingItem],
        "tokens": int,
        "trainSeconds": Number,
        "sessions": int,
    },
)

ExecutionEventTrainingStartRegularization = TypedDict(
    "ExecutionEventTrainingStartRegularization",
    {
        "seconds": Number,
        "bytes": int,
    },
)

ExecutionEventTrainingStart = TypedDict(
    "ExecutionEventTrainingStart",
    {
        "kind": Literal["training-start"],
        "seq": int,
        "steps": int,
        "stepsPerEpoch": int,
        "state": ExecutionEventTrainingStartState,
        "rateScale": Number,
        "vocabularySize": int,
        "trainedParameters": int,
        "modelParameters": int,
        "regularization": ExecutionEventTrainingStartRegularization | None,
    },
)

ExecutionEventForgettingBase = TypedDict(
    "ExecutionEventForgettingBase",
    {
        "kind": Literal["forgetting-base"],
        "seq": int,
        "wallSeconds": Number,
        "unmeasured": str | None,
    },
)

ExecutionEventStepStart = TypedDict(
    "ExecutionEventStepStart",
    {
        "kind": Literal["step-start"],
        "seq": int,
        "step": int,
    },
)

ExecutionEventLossNotFinite = TypedDict(
    "ExecutionEventLossNotFinite",
    {
        "kind": Literal["loss-not-finite"],
        "seq": int,
        "step": int,
    },
)

ExecutionEventWriteStart = TypedDict(
    "ExecutionEventWriteStart",
    {
        "kind": Literal["write-start"],
        "seq": int,
    },
)

ExecutionEventTrainingEndStateBest = TypedDict(
    "ExecutionEventTrainingEndStateBest",
    {
        "step": int,
        "loss": Number,
    },
)

ExecutionEventTrainingEndStateCurves = TypedDict(
    "ExecutionEventTrainingEndStateCurves",
    {
        "train": list[list[int | Number]],
        "validation": list[list[int | Number]],
    },
)

ExecutionEventTrainingEndStateForgettingItem = TypedDict(
    "ExecutionEventTrainingEndStateForgettingItem",
    {
        "step": int,
        "perplexityRise": Number | None,
        "low": Number | None,
        "high": Number | None,
        "taskDrop": Number | None,
        "probabilityDrop": Number | None,
        "kl": Number | None,
    },
)

ExecutionEventTrainingEndState = TypedDict(
    "ExecutionEventTrainingEndState",
    {
        "step": int,
        "best": ExecutionEventTrainingEndStateBest | None,
        "curves": ExecutionEventTrainingEndStateCurves,
        "forgetting": list[ExecutionEventTrainingEndStateForgettingItem],
        "tokens": int,
        "trainSeconds": Number,
        "sessions": int,
    },
)

ExecutionEventTrainingEnd = TypedDict(
    "ExecutionEventTrainingEnd",
    {
        "kind": Literal["training-end"],
        "seq": int,
        "status": Literal["completed", "stopped", "failed"],
        "state": ExecutionEventTrainingEndState,
    },
)

ExecutionEventWorkStart = TypedDict(
    "ExecutionEventWorkStart",
    {
        "kind": Literal["work-start"],
        "seq": int,
        "work": str,
        "isBooked": bool,
    },
)

ExecutionEvent = ExecutionEventStepEnd | ExecutionEventEvaluationEnd | ExecutionEventForgettingMeasured | ExecutionEventCheckpointSaved | ExecutionEventRolledBack | ExecutionEventFinding | ExecutionEventPhase | ExecutionEventTrainingStart | ExecutionEventForgettingBase | ExecutionEventStepStart | ExecutionEventLossNotFinite | ExecutionEventWriteStart | ExecutionEventTrainingEnd | ExecutionEventWorkStart

RunCommandStop = TypedDict(
    "RunCommandStop",
    {
        "kind": Literal["stop"],
    },
)

RunCommandCheckpoint = TypedDict(
    "RunCommandCheckpoint",
    {
        "kind": Literal["checkpoint"],
    },
)

RunCommandRollBack = TypedDict(
    "RunCommandRollBack",
    {
        "kind": Literal["roll-back"],
        "before": int,
        "rateScale": Number,
    },
)

RunCommandEvaluate = TypedDict(
    "RunCommandEvaluate",
    {
        "kind": Literal["evaluate"],
        "measure": list[Literal["answers", "forgetting", "safety", "memorization"]],
    },
)

RunCommand = RunCommandStop | RunCommandCheckpoint | RunCommandRollBack | RunCommandEvaluate

RunResultStateBest = TypedDict(
    "RunResultStateBest",
    {
        "step": int,
        "loss": Number,
    },
)

RunResultStateCurves = TypedDict(
    "RunResultStateCurves",
    {
        "train": list[list[int | Number]],
        "validation": list[list[int | Number]],
    },
)

RunResultStateForgettingItem = TypedDict(
    "RunResultStateForgettingItem",
    {
        "step": int,
        "perplexityRise": Number | None,
        "low": Number | None,
        "high": Number | None,
        "taskDrop": Number | None,
        "probabilityDrop": Number | None,
        "kl": Number | None,
    },
)

RunResultState = TypedDict(
    "RunResultState",
    {
        "step": int,
        "best": RunResultStateBest | None,
        "curves": RunResultStateCurves,
        "forgetting": list[RunResultStateForgettingItem],
        "tokens": int,
        "trainSeconds": Number,
        "sessions": int,
    },
)

RunResultMeasuredAnswersTunedItemAnswer = TypedDict(
    "RunResultMeasuredAnswersTunedItemAnswer",
    {
        "text": str,
        "answerTokens": int,
        "probability": Number | None,
    },
)

RunResultMeasuredAnswersTunedItemLoss = TypedDict(
    "RunResultMeasuredAnswersTunedItemLoss",
    {
        "nll": Number,
        "labelledTokens": int,
    },
)

RunResultMeasuredAnswersTunedItem = TypedDict(
    "RunResultMeasuredAnswersTunedItem",
    {
        "answer": RunResultMeasuredAnswersTunedItemAnswer | None,
        "loss": RunResultMeasuredAnswersTunedItemLoss | None,
    },
)

RunResultMeasuredAnswersBaseItemAnswer = TypedDict(
    "RunResultMeasuredAnswersBaseItemAnswer",
    {
        "text": str,
        "answerTokens": int,
        "probability": Number | None,
    },
)

RunResultMeasuredAnswersBaseItemLoss = TypedDict(
    "RunResultMeasuredAnswersBaseItemLoss",
    {
        "nll": Number,
        "labelledTokens": int,
    },
)

RunResultMeasuredAnswersBaseItem = TypedDict(
    "RunResultMeasuredAnswersBaseItem",
    {
        "answer": RunResultMeasuredAnswersBaseItemAnswer | None,
        "loss": RunResultMeasuredAnswersBaseItemLoss | None,
    },
)

RunResultMeasuredAnswers = TypedDict(
    "RunResultMeasuredAnswers",
    {
        "tuned": list[RunResultMeasuredAnswersTunedItem],
        "base": list[RunResultMeasuredAnswersBaseItem],
    },
)

RunResultMeasuredForgettingBaseTextsItem = TypedDict(
    "RunResultMeasuredForgettingBaseTextsItem",
    {
        "nll": Number,
        "labelledTokens": int,
    },
)

RunResultMeasuredForgettingBase = TypedDict(
    "RunResultMeasuredForgettingBase",
    {
        "texts": list[RunResultMeasuredForgettingBaseTextsItem],
        "choices": list[list[Number]],
        "answers": list[str],
    },
)

RunResultMeasuredForgettingTunedTextsItem = TypedDict(
    "RunResultMeasuredForgettingTunedTextsItem",
    {
        "nll": Number,
        "labelledTokens": int,
    },
)

RunResultMeasuredForgettingTuned = TypedDict(
    "RunResultMeasuredForgettingTuned",
    {
        "texts": list[RunResultMeasuredForgettingTunedTextsItem],
        "choices": list[list[Number]],
        "answers": list[str],
    },
)

RunResultMeasuredForgettingPromptsItem = TypedDict(
    "RunResultMeasuredForgettingPromptsItem",
    {
        "sum": Number,
        "positions": int,
    },
)

RunResultMeasuredForgetting = TypedDict(
    "RunResultMeasuredForgetting",
    {
        "base": RunResultMeasuredForgettingBase,
        "tuned": RunResultMeasuredForgettingTuned,
        "wallSeconds": Number,
        "prompts": list[RunResultMeasuredForgettingPromptsItem],
    },
)

RunResultMeasuredSafetyBase = TypedDict(
    "RunResultMeasuredSafetyBase",
    {
        "code": list[str],
        "refusals": list[str],
    },
)

RunResultMeasuredSafetyTuned = TypedDict(
    "RunResultMeasuredSafetyTuned",
    {
        "code": list[str],
        "refusals": list[str],
    },
)

RunResultMeasuredSafety = TypedDict(
    "RunResultMeasuredSafety",
    {
        "base": RunResultMeasuredSafetyBase,
        "tuned": RunResultMeasuredSafetyTuned,
    },
)

RunResultMeasuredMemorizationSeenBaseItem = TypedDict(
    "RunResultMeasuredMemorizationSeenBaseItem",
    {
        "nll": Number,
        "labelledTokens": int,
    },
)

RunResultMeasuredMemorizationSeenTunedItem = TypedDict(
    "RunResultMeasuredMemorizationSeenTunedItem",
    {
        "nll": Number,
        "labelledTokens": int,
    },
)

RunResultMeasuredMemorizationSeen = TypedDict(
    "RunResultMeasuredMemorizationSeen",
    {
        "base": list[RunResultMeasuredMemorizationSeenBaseItem],
        "tuned": list[RunResultMeasuredMemorizationSeenTunedItem],
    },
)

RunResultMeasuredMemorizationHeldOutBaseItem = TypedDict(
    "RunResultMeasuredMemorizationHeldOutBaseItem",
    {
        "nll": Number,
        "labelledTokens": int,
    },
)

RunResultMeasuredMemorizationHeldOutTunedItem = TypedDict(
    "RunResultMeasuredMemorizationHeldOutTunedItem",
    {
        "nll": Number,
        "labelledTokens": int,
    },
)

RunResultMeasuredMemorizationHeldOut = TypedDict(
    "RunResultMeasuredMemorizationHeldOut",
    {
        "base": list[RunResultMeasuredMemorizationHeldOutBaseItem],
        "tuned": list[RunResultMeasuredMemorizationHeldOutTunedItem],
    },
)

RunResultMeasuredMemorizationVerbatim = TypedDict(
    "RunResultMeasuredMemorizationVerbatim",
    {
        "rows": int,
        "base": int,
        "tuned": int,
    },
)

RunResultMeasuredMemorization = TypedDict(
    "RunResultMeasuredMemorization",
    {
        "seen": RunResultMeasuredMemorizationSeen,
        "heldOut": RunResultMeasuredMemorizationHeldOut,
        "verbatim": RunResultMeasuredMemorizationVerbatim | None,
    },
)

RunResultMeasured = TypedDict(
    "RunResultMeasured",
    {
        "answers": RunResultMeasuredAnswers | None,
        "forgetting": RunResultMeasuredForgetting | None,
        "safety": RunResultMeasuredSafety | None,
        "memorization": RunResultMeasuredMemorization | None,
    },
)

RunResult = TypedDict(
    "RunResult",
    {
        "status": Literal["completed", "stopped", "failed"],
        "state": RunResultState,
        "selectedStep": int | None,
        "peakMemoryBytes": int,
        "measured": RunResultMeasured,
    },
)

ExecutionFailure = TypedDict(
    "ExecutionFailure",
    {
        "code": str | None,
        "params": dict[str, Any],
        "message": str,
    },
)

OptimizerName = Literal["adamw", "sgd", "adamw-8bit", "paged-adamw-8bit"]
"""Optimizers of `packages/core/src/run/optimizers.ts`."""

EightBitOptimizer = Literal["adamw-8bit", "paged-adamw-8bit"]
"""Those with moments in 8 bits, which bitsandbytes computes."""

LossName = Literal["nll", "dft"]
"""Training losses of `packages/core/src/run/losses.ts`."""
