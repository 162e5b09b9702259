import { describe, expect, it } from "vitest";
import { chatCommands, readChatLine } from "./slash.ts";

describe("a line of a chat", () => {
  it.each([
    ["What is it?", { wants: "answer", text: "What is it?" }],
    ["  spaces around  ", { wants: "answer", text: "spaces around" }],
    ["/etc/hosts is what?", { wants: "answer", text: "/etc/hosts is what?" }],
    ["/ slash", { wants: "answer", text: "/ slash" }],
    ["", { wants: "nothing" }],
    ["   ", { wants: "nothing" }],
    ["/exit", { wants: "exit" }],
    ["/reset ", { wants: "reset" }],
    ["/help", { wants: "help" }],
    ["/system", { wants: "system", text: "" }],
    ["/system  Be brief. ", { wants: "system", text: "Be brief." }],
    ["/rest", { wants: "unknown", name: "rest", fix: "did you mean /reset?" }],
    ["/quantum x", { wants: "unknown", name: "quantum", fix: "/help shows them all" }],
  ])("%j", (line, wish) => {
    expect(readChatLine(line)).toEqual(wish);
  });

  it("knows the commands that help lists", () => {
    for (const [name] of chatCommands) expect(readChatLine(name).wants).not.toBe("unknown");
  });
});
