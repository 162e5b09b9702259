/** @file `tunewise record`: calls to a model in production, as masked rows of a file. */

export { fieldsOf, type RecordedAnswer, type RecordedToolCall } from "./answer-of-body.ts";
export { type CallBodies, callOfBodies } from "./body.ts";
export { type DropReason, dropReasons, type RecordCounts } from "./counts.ts";
export { readFeedback } from "./feedback.ts";
export { type LazyRecorder, lazyRecorder } from "./lazy-recorder.ts";
export { type MaskKind, maskKinds } from "./mask-row.ts";
export { maxCallSize } from "./recorder.ts";
export { type CallFacts, isSampled } from "./row-of-call.ts";
export { serveWriter } from "./serve-writer.ts";
export { startWriter, type Writer, type WriterOrder } from "./writer-link.ts";
