/** @file Go rules: command and template injection. */
import { isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { handsToShell } from "../inside.ts";
import { brokenLine, calls, reaches } from "../matches.ts";

/** Rules on commands and code. */
export const goCommandRules: readonly Rule[] = [
  {
    id: "go/shell-text",
    cwe: 78,
    title: "Command injection: untrusted input in a shell command",
    severity: "high",
    why: "The shell reads `;`, `|` and `$()` in the input as further commands.",
    fix: 'Pass the arguments without a shell: exec.Command("ping", "-c", "1", host)',
    literals: ["exec.", "syscall.Exec", "StartProcess", "Command("],
    match: [
      calls("exec.Command", ({ args }) => handsToShell(args)),
      calls("exec.CommandContext", ({ args }) => handsToShell(args.slice(1))),
      // the program is attacker-controlled
      reaches("shell", 2, "exec.Command syscall.Exec os.StartProcess", [0]),
      reaches("shell", 2, "exec.CommandContext", [1]),
      reaches(
        "shell",
        1,
        "exec.Command",
        [0],
        ({ args: [program] }) => program !== undefined && isBuilt(program) && /\s/.test(program.shape ?? ""),
      ),
      brokenLine(
        /exec\.Command\(\s{0,3}"(ba|z)?sh",\s{0,3}"-c",\s{0,3}("[^"]{0,200}"\s{0,3}\+|fmt\.Sprintf)/,
      ),
    ],
  },
  {
    id: "go/template-text",
    cwe: 79,
    title: "HTML rendered with text/template, which does not escape",
    severity: "medium",
    why: "text/template does not escape values, so markup in them runs as script.",
    fix: 'Import "html/template" instead',
    literals: ["text/template"],
    match: [
      calls("text/template.New().Parse text/template.Must text/template.ParseFiles", ({ here, args }) => {
        const source = here.text;
        if (
          !/http\.ResponseWriter|gin\.Context|echo\.Context/.test(source) ||
          /"html\/template"/.test(source)
        )
          return false;
        return args.some((one) => /<\s{0,3}[a-z]{1,10}/i.test(one.shape ?? "")) || /\.html"/.test(source);
      }),
    ],
  },
  {
    id: "go/template-from-outside",
    cwe: 94,
    title: "Template injection: template from untrusted input",
    severity: "high",
    why: "Templates can call methods of their data. The author of a template can read all of it.",
    fix: "Use a constant template and pass the text as a value",
    literals: ["Parse(", "Eval"],
    match: [
      reaches(
        "code",
        2,
        "text/template.New().Parse html/template.New().Parse template.New().Parse .Eval " +
          "pongo2.FromString otto.New().Run goja.New().RunString",
      ),
    ],
  },
  {
    id: "go/untyped-bytes",
    cwe: 502,
    title: "Deserialization of untrusted data (gob)",
    severity: "low",
    why: "The sender controls which values are decoded and how much memory they use.",
    fix: "Decode JSON into a specific struct, and limit the body with http.MaxBytesReader",
    literals: ["gob.NewDecoder"],
    match: [calls("gob.NewDecoder", ({ args: [from] }) => from?.level === 2)],
  },
];
