/**
 * @file A run's console from what was written to it: lines as a terminal shows them, numbered and dated as a live
 * client sends them.
 *
 * @source wandb/wandb core/internal/runconsolelogs
 */

/** Longest line that is kept together; whatever is longer is cut into several. */
const lineLettersMost = 100_000;
/** Colors and moves of the cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const escapes = /\u001b\[[0-9;?]{0,20}[A-Za-z]/g;

/** One stream of a process. */
interface OpenLine {
  text: string;
  /** Where the next letter goes: a carriage return goes back to the start of the line. */
  at: number;
  ms: number;
}

/** Puts lines together; `take` gives those that are whole. */
export class ConsoleLines {
  private readonly open: Record<"out" | "error", OpenLine> = {
    out: { text: "", at: 0, ms: 0 },
    error: { text: "", at: 0, ms: 0 },
  };

  /** @param ms of the writing */
  take(text: string, isError: boolean, ms: number): string[] {
    const line = this.open[isError ? "error" : "out"];
    const whole: string[] = [];
    for (const [at, part] of text.replace(escapes, "").split("\n").entries()) {
      if (at > 0) whole.push(this.end(line, isError));
      for (const [turn, piece] of part.split("\r").entries()) {
        if (turn > 0) line.at = 0;
        if (piece === "") continue;
        if (line.text === "") line.ms = ms;
        line.text = line.text.slice(0, line.at) + piece + line.text.slice(line.at + piece.length);
        line.at += piece.length;
      }
      if (line.text.length > lineLettersMost) whole.push(this.end(line, isError));
    }
    return whole;
  }

  /** What stands there without an end, once nothing more comes. */
  rest(): string[] {
    return (["out", "error"] as const).flatMap((name) =>
      this.open[name].text === "" ? [] : [this.end(this.open[name], name === "error")],
    );
  }

  private end(line: OpenLine, isError: boolean): string {
    const time = new Date(line.ms).toISOString().replace("Z", "000");
    const text = `${isError ? "ERROR " : ""}${time} ${line.text}`;
    line.text = "";
    line.at = 0;
    return text;
  }
}
