/** @file Go rules: untrusted file names, archives, uploads, temporary files, permissions. */
import type { CallSeen } from "../../engine/seen.ts";
import { carries, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, isBuiltAs, isTemporaryPath, temporaryWords } from "../conditions.ts";
import { aroundSays, sourceAround } from "../inside.ts";
import { calls, reaches } from "../matches.ts";

const opens =
  "os.Open os.OpenFile os.Create os.ReadFile os.WriteFile os.Remove os.RemoveAll ioutil.ReadFile " +
  "ioutil.WriteFile os.Mkdir " +
  "os.MkdirAll os.ReadDir ioutil.ReadDir os.Rename request.File request.FileAttachment " +
  "request.SendFile request.Attachment";

/** The function checks where the path leads. */
const looks =
  /strings\.(HasPrefix|Contains)\(|filepath\.(Rel|IsLocal|EvalSymlinks|Base)\(|os\.OpenRoot|SecureJoin/;

/** The source of the function before the call. */
function before({ here, start }: CallSeen): string {
  return here.text.slice(Math.max(here.inside?.start ?? 0, start - 4000), start);
}

function looksBefore(seen: CallSeen): boolean {
  return looks.test(before(seen));
}

/** Calls of helpers that check whether a name stays below a directory. */
const asks = /\b(is[A-Z]\w{0,40}|(check|contain|valid|safe|sanitiz|secure|within|inside|ensure)\w{0,40})\(/i;

/** Whether the argument is the name of an archive entry. */
function isEntry({ args }: CallSeen): boolean {
  return args.some((one) => comesFrom(one, /^!entry$/));
}

function isBelowFolder(value: Value | undefined): boolean {
  return (
    carries(value, "path") === 1 &&
    comesFrom(
      value,
      /^(file_?name|fname|name|page|template_?name|doc\w{0,10}|image_?name|rel_?path|sub_?path|user_?id)$/i,
    ) &&
    isBuiltAs(value, /\/\0(\.\w{1,5})?$/)
  );
}

/** Rules on files. */
export const goFileRules: readonly Rule[] = [
  {
    id: "go/path-from-outside",
    cwe: 22,
    title: "Path traversal: file name from untrusted input",
    severity: "high",
    why: "`../` in the name escapes the intended directory.",
    fix: "Check filepath.IsLocal(name) first, or open the file through os.OpenRoot(folder)",
    literals: ["os.", "ioutil", "ServeFile", "File(", "Attachment"],
    match: [
      reaches("path", 2, opens, [0, 1], (seen) => !looksBefore(seen) && !isEntry(seen)),
      reaches(
        "path",
        2,
        "http.ServeFile",
        [2],
        (seen) => !/^request\.URL\.Path$/.test(seen.args[2]?.path ?? "") && !looksBefore(seen),
      ),
      reaches(
        "path",
        1,
        "os.Open os.ReadFile os.Create os.Remove os.WriteFile ioutil.ReadFile",
        [0],
        (seen) => isBelowFolder(seen.args[0]) && !looksBefore(seen),
      ),
    ],
    bad: [
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { b, err := os.ReadFile("/data/" + r.URL.Query().Get("f")); _, _ = b, err }\n',
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, filepath.Join("/data", r.FormValue("f"))) }\n',
      'package a\nfunc h(c *gin.Context) { c.File("./files/" + c.Param("name")) }\n',
      'package a\nfunc load(filename string) ([]byte, error) { return os.ReadFile(filepath.Join("/data", filename)) }\n',
    ],
    good: [
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { b, err := os.ReadFile("/data/" + filepath.Base(r.FormValue("f"))); _, _ = b, err }\n',
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) {\n\tp := filepath.Join("/data", r.FormValue("f"))\n\tif !strings.HasPrefix(p, "/data/") { return }\n\thttp.ServeFile(w, r, p)\n}\n',
      "package a\nfunc load(path string) ([]byte, error) { return os.ReadFile(path) }\n",
      "package main\nfunc main() { b, err := os.ReadFile(os.Args[1]); _, _ = b, err }\n",
    ],
  },
  {
    id: "go/archive-anywhere",
    cwe: 22,
    title: "Path traversal: archive extracted with its own entry names (Zip Slip)",
    severity: "high",
    why: "Entry names with `../` write files outside the target directory.",
    fix: "Reject such names: if !filepath.IsLocal(file.Name) { return err }",
    literals: ["archive/zip", "archive/tar", "zip.", "tar."],
    match: [
      reaches(
        "path",
        2,
        `${opens} os.Symlink os.Link`,
        [0, 1],
        (seen) => isEntry(seen) && !looksBefore(seen) && !asks.test(before(seen)),
      ),
      calls("filepath.Join path.Join", ({ here, start, end, args }) => {
        const source = sourceAround(here);
        return (
          args.every((one) => one.level < 2) &&
          /\.Name\s{0,3}\)$/.test(here.text.slice(start, end)) &&
          /zip\.(OpenReader|NewReader|Reader|File)|tar\.(NewReader|Header|Reader)|\.FileInfo\(\)/.test(
            source,
          ) &&
          /os\.(Create|OpenFile|MkdirAll|WriteFile)\(|io\.Copy\(/.test(source) &&
          !/HasPrefix\(|IsLocal\(|filepath\.Rel\(|Contains\([^)]{0,60}"\.\."|filepath\.Base\(|SecureJoin/.test(
            source,
          )
        );
      }),
    ],
    bad: [
      "package a\nfunc unzip(src, dir string) error {\n\tr, err := zip.OpenReader(src)\n\tif err != nil { return err }\n\tfor _, f := range r.File {\n\t\tp := filepath.Join(dir, f.Name)\n\t\tout, err := os.Create(p)\n\t\t_, _ = out, err\n\t}\n\treturn nil\n}\n",
      "package a\nfunc untar(in io.Reader, dir string) {\n\ttr := tar.NewReader(in)\n\tfor {\n\t\th, err := tr.Next()\n\t\tif err != nil { return }\n\t\tf, _ := os.OpenFile(filepath.Join(dir, h.Name), os.O_CREATE, 0600)\n\t\tio.Copy(f, tr)\n\t}\n}\n",
    ],
    good: [
      "package a\nfunc unzip(src, dir string) error {\n\tr, err := zip.OpenReader(src)\n\tif err != nil { return err }\n\tfor _, f := range r.File {\n\t\tp := filepath.Join(dir, f.Name)\n\t\tif !strings.HasPrefix(p, filepath.Clean(dir)+string(os.PathSeparator)) { return errBad }\n\t\tout, err := os.Create(p)\n\t\t_, _ = out, err\n\t}\n\treturn nil\n}\n",
      "package a\nfunc list(src string) { r, err := zip.OpenReader(src); if err != nil { return }; for _, f := range r.File { fmt.Println(f.Name) } }\n",
    ],
  },
  {
    id: "go/upload-any",
    cwe: 434,
    title: "Unrestricted file upload: file name chosen by the client",
    severity: "high",
    why: "The file can be a program, or it can overwrite another file.",
    fix: "Check the extension against an allowlist and generate the file name: uuid.NewString()",
    literals: [".Filename"],
    match: [
      calls(
        "os.Create os.OpenFile request.SaveUploadedFile request.SaveFile os.WriteFile ioutil.WriteFile",
        ({ args, here }) => {
          if (!args.some((one) => comesFrom(one, /^!filename$/) && one.level > 0)) return false;
          return !aroundSays(here, /filepath\.Ext\(|HasSuffix\(|allowed|DetectContentType|Content-Type/i);
        },
      ),
    ],
    bad: [
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { file, header, err := r.FormFile("f"); _, _ = file, err; out, _ := os.Create("./up/" + header.Filename); _ = out }\n',
      'package a\nfunc h(c *gin.Context) { f, _ := c.FormFile("f"); c.SaveUploadedFile(f, "up/"+f.Filename) }\n',
    ],
    good: [
      'package a\nfunc h(c *gin.Context) { f, _ := c.FormFile("f"); if filepath.Ext(f.Filename) != ".png" { return }; c.SaveUploadedFile(f, "up/"+uuid.NewString()+".png") }\n',
      'package a\nfunc h(c *gin.Context) { f, _ := c.FormFile("f"); c.SaveUploadedFile(f, "up/"+uuid.NewString()) }\n',
    ],
  },
  {
    id: "go/temporary-name",
    cwe: 377,
    title: "Predictable temporary file name",
    severity: "low",
    why: "Another process can create the file, or a symbolic link in its place, first.",
    fix: 'Use os.CreateTemp("", "results-*.txt")',
    literals: temporaryWords,
    match: [
      calls("os.Create os.WriteFile ioutil.WriteFile", ({ args: [name] }) => isTemporaryPath(name)),
      calls(
        "os.OpenFile",
        ({ args: [name], here, start, end }) =>
          isTemporaryPath(name) &&
          /O_CREATE/.test(here.text.slice(start, end)) &&
          !/O_EXCL/.test(here.text.slice(start, end)),
      ),
    ],
    bad: [
      'package a\nfunc f() { os.Create("/var/tmp/results.txt") }\n',
      'package a\nfunc f(b []byte) { os.WriteFile("/var/tmp/data.bin", b, 0600) }\n',
    ],
    good: [
      'package a\nfunc f() { os.CreateTemp("", "results-*.txt") }\n',
      'package a\nfunc f() { os.Open("/var/tmp/results.txt") }\n',
    ],
  },
  {
    id: "go/open-to-all",
    cwe: 732,
    title: "World-writable file",
    severity: "medium",
    why: "Every local user can modify it.",
    fix: "Use os.WriteFile(name, data, 0o600)",
    literals: ["os.", "ioutil."],
    match: [
      calls(
        "os.Chmod",
        ({ args: [, mode] }) => typeof mode?.constant === "number" && (mode.constant & 0o003) > 1,
      ),
      calls(
        "os.WriteFile os.OpenFile ioutil.WriteFile",
        ({ args: [, , mode] }) => typeof mode?.constant === "number" && (mode.constant & 0o003) === 3,
      ),
    ],
    bad: [
      'package a\nfunc f() { os.Chmod("a", 0777) }\n',
      'package a\nfunc f(b []byte) { os.WriteFile("a", b, 0o777) }\n',
    ],
    good: [
      'package a\nfunc f() { os.Chmod("a", 0600) }\n',
      'package a\nfunc f(b []byte) { os.WriteFile("a", b, 0o644) }\n',
    ],
  },
];
