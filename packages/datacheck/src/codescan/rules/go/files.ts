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
  },
];
