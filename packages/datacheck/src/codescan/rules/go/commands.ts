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
    bad: [
      'package a\nimport "os/exec"\nfunc ping(host string) { exec.Command("sh", "-c", "ping -c 1 "+host).Run() }\n',
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) {\n\tc := fmt.Sprintf("ls %s", r.URL.Query().Get("d"))\n\tout, err := exec.CommandContext(r.Context(), "/bin/bash", "-c", c).Output()\n\t_, _ = out, err\n}\n',
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { exec.Command(r.FormValue("cmd")).Run() }\n',
      'package a\nfunc h(c *gin.Context) { name := c.Query("n"); cmd := exec.Command("sh", "-c", "cat "+name); cmd.Run() }\n',
    ],
    good: [
      'package a\nimport "os/exec"\nfunc ping(host string) { exec.Command("ping", "-c", "1", host).Run() }\n',
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) {\n\tn, err := strconv.Atoi(r.FormValue("n"))\n\tif err != nil { return }\n\texec.Command("sh", "-c", fmt.Sprintf("sleep %d", n)).Run()\n}\n',
      'package a\nvar allowed = map[string]bool{"a": true}\nfunc h(w http.ResponseWriter, r *http.Request) {\n\tx := r.FormValue("x")\n\tif !allowed[x] { return }\n\texec.Command("sh", "-c", "go "+x).Run()\n}\n',
      'package a\nfunc list() { exec.Command("sh", "-c", "ls | wc").Run() }\n',
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
    bad: [
      'package a\nimport (\n\t"net/http"\n\t"text/template"\n)\nfunc h(w http.ResponseWriter, r *http.Request) { t, _ := template.New("a").Parse("<p>{{.}}</p>"); t.Execute(w, r.FormValue("q")) }\n',
      'package a\nimport (\n\t"net/http"\n\t"text/template"\n)\nvar pages = template.Must(template.ParseFiles("index.html"))\nfunc h(w http.ResponseWriter, r *http.Request) { pages.Execute(w, nil) }\n',
    ],
    good: [
      'package a\nimport (\n\t"html/template"\n\t"net/http"\n)\nfunc h(w http.ResponseWriter, r *http.Request) { t, _ := template.New("a").Parse("<p>{{.}}</p>"); t.Execute(w, r.FormValue("q")) }\n',
      'package a\nimport "text/template"\nfunc f(w io.Writer) { t, _ := template.New("a").Parse("package {{.}}"); t.Execute(w, 1) }\n',
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
    bad: [
      'package a\nimport "html/template"\nfunc h(w http.ResponseWriter, r *http.Request) { t, _ := template.New("a").Parse("<p>" + r.FormValue("t") + "</p>"); t.Execute(w, nil) }\n',
      'package a\nfunc h(c *gin.Context) { tpl, err := template.New("x").Parse(c.PostForm("t")); _ = err; tpl.Execute(c.Writer, nil) }\n',
    ],
    good: [
      'package a\nimport "html/template"\nfunc h(w http.ResponseWriter, r *http.Request) { t, _ := template.New("a").Parse("<p>{{.}}</p>"); t.Execute(w, r.FormValue("t")) }\n',
      'package a\nimport "net/url"\nfunc h(r *http.Request) { u, err := url.Parse(r.FormValue("t")); _, _ = u, err }\n',
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
    bad: [
      'package a\nimport "encoding/gob"\nfunc h(w http.ResponseWriter, r *http.Request) { var v any; gob.NewDecoder(r.Body).Decode(&v) }\n',
      "package a\nfunc h(c *gin.Context) { d := gob.NewDecoder(c.Request.Body); _ = d }\n",
    ],
    good: [
      "package a\nfunc h(w http.ResponseWriter, r *http.Request) { var v Item; json.NewDecoder(r.Body).Decode(&v) }\n",
      'package a\nimport "encoding/gob"\nfunc load(f *os.File) { var v Item; gob.NewDecoder(f).Decode(&v) }\n',
    ],
  },
];
