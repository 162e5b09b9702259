/**
 * @file Feedback about recorded answers. It arrives after its row was written, so it goes to a file of its own and is
 * joined with the rows when recording starts and ends.
 */
import { chmod, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { replaceFile } from "@tunewise/core/files";
import { openRegularFile, parseJson, readTextFile } from "@tunewise/core/untrusted";
import { fieldsOf, textIn } from "./answer-of-body.ts";

/** Feedback about an answer. */
export interface Feedback {
  /** Id of the completion. */
  readonly id: string;
  /** A number, such as 1 for good and 0 for bad; `null`: only a comment. */
  readonly score: number | null;
  readonly comment: string | null;
}

/** Max. lengths of an id and of a comment in characters. */
const [maxIdLength, maxCommentLength] = [200, 10_000];

/** Reads feedback from the body of a request; `null` if it names no answer, or has neither score nor comment. */
export function readFeedback(value: unknown): Feedback | null {
  const { id, score, comment } = fieldsOf(value);
  const number = typeof score === "boolean" ? Number(score) : score;
  const read = {
    id: textIn(id) ?? "",
    score: typeof number === "number" && Number.isFinite(number) ? number : null,
    comment: textIn(comment),
  };
  const isEmpty = read.score === null && read.comment === null;
  const isLong = read.id.length > maxIdLength || (read.comment ?? "").length > maxCommentLength;
  return read.id === "" || isEmpty || isLong ? null : read;
}

/** The file of feedback beside a file of rows. */
export function feedbackPath(rows: string): string {
  return `${rows}.feedback`;
}

/** A line of the file. */
export function feedbackLine({ id, score, comment }: Feedback): string {
  return JSON.stringify({ id, score, comment });
}

/**
 * Writes feedback into its rows as `feedback: { score, comment }`, and removes the file of feedback. The last feedback
 * about an answer counts. The file of rows is replaced as a whole, so a kill leaves the old one.
 *
 * @throws the system's error; `FileTooLarge`
 */
export async function applyFeedback(rows: string): Promise<void> {
  const path = feedbackPath(rows);
  const text = await readTextFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  });
  const given = new Map<string, Feedback>();
  for (const line of text.split("\n")) {
    const feedback = readFeedback(jsonIn(line));
    if (feedback !== null) given.set(feedback.id, feedback);
  }
  if (given.size > 0) {
    await replaceFile(rows, withFeedback(rows, given));
    await chmod(rows, 0o600);
  }
  if (text !== "") await rm(path, { force: true });
}

async function* withFeedback(rows: string, given: ReadonlyMap<string, Feedback>): AsyncGenerator<string> {
  const file = await openRegularFile(rows);
  try {
    const input = file.createReadStream({ encoding: "utf8", autoClose: false });
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      yield `${lineWith(line, given)}\n`;
    }
  } finally {
    await file.close();
  }
}

function lineWith(line: string, given: ReadonlyMap<string, Feedback>): string {
  const row = fieldsOf(jsonIn(line));
  const feedback = given.get(textIn(row["id"]) ?? "");
  if (feedback === undefined) return line;
  const { score, comment } = feedback;
  return JSON.stringify({ ...row, feedback: { score, comment } });
}

function jsonIn(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return null;
  }
}
