/** @file C# rules: untrusted file names, archives, uploads, temporary files, permissions. */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen } from "../../engine/seen.ts";
import { carries, isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, isA, isTemporaryPath, says, shaped, temporaryWords } from "../conditions.ts";
import { aroundSays, fileSays, sourceAround } from "../inside.ts";
import { assigns, calls, reaches } from "../matches.ts";

const opens =
  "File.ReadAllText File.ReadAllBytes File.ReadAllLines File.ReadLines File.WriteAllText File.WriteAllBytes " +
  "File.WriteAllLines File.AppendAllText File.AppendAllLines File.AppendText File.Open File.OpenRead File.OpenWrite " +
  "File.OpenText File.Create File.CreateText File.Delete File.Copy File.Move File.Replace File.OpenHandle FileStream " +
  "StreamReader StreamWriter FileInfo DirectoryInfo Directory.GetFiles Directory.Delete Directory.CreateDirectory " +
  "Directory.GetDirectories Directory.EnumerateFiles Directory.Move ZipFile.OpenRead ZipFile.ExtractToDirectory " +
  "Image.FromFile Bitmap Assembly.LoadFile PhysicalFile .PhysicalFile .TransmitFile .WriteFile .SendFile VirtualFile " +
  "Results.File File .File FilePathResult PhysicalFileResult Results.PhysicalFile MemoryMappedFile.CreateFromFile " +
  ".SaveAs .GetFileInfo .CopyTo XmlWriter.Create TextReader FileSystem.ReadAllText FileSystem.DeleteFile";

/** The function checks where the path leads before it uses it. */
const looks = anyOf(
  /GetFullPath\([\s\S]{0,600}(StartsWith|IsSubPathOf)\(|StartsWith\([\s\S]{0,200}GetFullPath\(/,
  /(Contains|IndexOf)\(\s{0,3}["']\.\.|GetInvalidFileNameChars|IndexOfAny\(/,
);

function isUnlooked({ here }: CallSeen): boolean {
  return !aroundSays(here, looks);
}

/** Parameters that hold a file name and are meant to stay below a directory. */
const fileNames =
  /^((file|user|template|image)?_?name|requested_?\w{0,10}|page|doc\w{0,10}|(rel\w{0,7}|sub_?)?path|file)$/i;

/** A path composed of a directory and a parameter. */
function isBelowFolder(value: Value | undefined): boolean {
  return (
    carries(value, "path") === 1 &&
    comesFrom(value, fileNames) &&
    shaped(value, /^[^\0]{0,200}[\w/\\\0]\/{0,2}\0|^\0\/\0$/) &&
    !shaped(value, /^\0$/)
  );
}

/** Excludes a controller's `File(bytes, "image/png")`, which sends its argument. */
function isFile({ path, args: [name] }: CallSeen): boolean {
  return (
    !/^\.?File$|^Results\.File$|TextReader$|\.CopyTo$/.test(path) || (name !== undefined && isBuilt(name))
  );
}

/** Calls that create a missing file or directory. */
const makers =
  "File.WriteAllText File.WriteAllBytes File.WriteAllLines File.AppendAllText File.AppendAllLines File.AppendText " +
  "File.Create File.CreateText File.OpenWrite File.Open FileStream StreamWriter Directory.CreateDirectory";

/** A path composed with the shared temporary directory. */
function isInTemporaryFolder(value: Value | undefined): boolean {
  const [folder] = value?.made?.kind === "text" ? value.made.pieces : [];
  if (typeof folder !== "object" || folder.kind !== "call" || folder.callee.kind !== "member") return false;
  if (folder.callee.name === "GetTempPath") return true;
  const name = folder.args[0]?.value;
  const isVariable = folder.callee.name === "GetEnvironmentVariable" && name?.kind === "text";
  return isVariable && /^(TMP|TEMP|TMPDIR)$/i.test(String(name.pieces[0]));
}

/** Rules on files. */
export const csharpFileRules: readonly Rule[] = [
  {
    id: "csharp/path-from-outside",
    cwe: 22,
    title: "Path traversal: file name from untrusted input",
    severity: "high",
    why: "`../` in the name escapes the intended directory.",
    fix: "Check that Path.GetFullPath(Path.Combine(root, name)) starts with root and a separator",
    literals: ["File", "Stream", "Directory", "Image", "Bitmap", "SaveAs"],
    match: [
      reaches("path", 2, opens, [0, 1], (seen) => isUnlooked(seen) && isFile(seen)),
      reaches(
        "path",
        2,
        "FileInfo().Delete FileInfo().OpenRead FileInfo().Open FileInfo().CopyTo",
        ["this"],
        isUnlooked,
      ),
    ],
  },
  {
    id: "csharp/path-from-parameter",
    cwe: 22,
    title: "Path traversal: parameter joined to a directory without a check",
    severity: "medium",
    why: "`../` in the name escapes the intended directory.",
    fix: "Check that Path.GetFullPath(Path.Combine(root, name)) starts with root and a separator",
    literals: ["File", "Stream", "Directory"],
    match: [
      reaches(
        "path",
        1,
        opens,
        [0],
        (seen) => isUnlooked(seen) && isFile(seen) && isBelowFolder(seen.args[0]),
      ),
    ],
  },
  {
    id: "csharp/archive-anywhere",
    cwe: 22,
    title: "Path traversal: archive extracted with its own entry names (Zip Slip)",
    severity: "high",
    why: "Entry names with `../` write files outside the target directory.",
    fix: "Check that Path.GetFullPath(Path.Combine(folder, entry.FullName)) starts with folder and a separator",
    literals: ["ZipArchive", "ZipEntry", "TarEntry", "ZipFile", "ZipInputStream", "TarReader"],
    match: [
      calls(`${opens} .ExtractToFile .Extract Path.Combine`, ({ args, here, start, end }) => {
        const source = sourceAround(here);
        const text = here.text.slice(start, Math.min(end, start + 400));
        const isNamed = /\.(FullName|Name|Key)\b/.test(text) || args.some((one) => comesFrom(one, /entry/i));
        return (
          isNamed &&
          /entr(y|ies)\b/i.test(source) &&
          /ExtractToFile|File\.(Create|Open|Write)|FileStream|CopyTo|\.Extract\(/.test(source) &&
          fileSays(here, /ZipArchive|ZipFile|ZipEntry|TarEntry|ZipInputStream|TarReader|\.Entries\b/) &&
          !/StartsWith\(|"\.\."|Path\.GetFileName\(/.test(source)
        );
      }),
    ],
  },
  {
    id: "csharp/upload-any",
    cwe: 434,
    title: "Unrestricted file upload: file name chosen by the client",
    severity: "high",
    why: "The file can be a page that the server executes, or it can overwrite another file.",
    fix: "Check the extension against an allowlist and generate the file name: Guid.NewGuid()",
    literals: [".FileName"],
    match: [
      calls(opens, ({ args, here }) => {
        if (!args.some((one) => comesFrom(one, /^!filename$/) && one.level > 0)) return false;
        return !aroundSays(
          here,
          /GetExtension\(|EndsWith\(|ContentType|[aA]llowed|Guid\.NewGuid|GetRandomFileName|IsMatch\(/,
        );
      }),
    ],
  },
  {
    id: "csharp/temporary-name",
    cwe: 377,
    title: "Predictable temporary file name",
    severity: "low",
    why: "Another process can create the file, or a symbolic link in its place, first.",
    fix: "Use Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())",
    literals: [...temporaryWords, "GetTemp", "TMP", "TEMP"],
    match: [
      calls("Path.GetTempFileName"),
      calls(makers, ({ args: [name, mode] }) => isTemporaryPath(name) && !isA(mode, /^FileMode\.Open$/)),
      calls(
        "Path.Combine",
        ({ args: [name] }) => isInTemporaryFolder(name) && shaped(name, /^\0\/[\w.-]{1,60}$/),
      ),
    ],
  },
  {
    id: "csharp/open-to-all",
    cwe: 732,
    title: "World-writable file or object",
    severity: "medium",
    why: "Every local user can modify it.",
    fix: "Grant access only to the account that runs the program",
    literals: ["AccessRule", "UnixFileMode", "WorldSid"],
    match: [
      calls(
        "FileSystemAccessRule MutexAccessRule RegistryAccessRule PipeAccessRule EventWaitHandleAccessRule",
        ({ args: [who, rights, , , how] }) =>
          (says(who, /^(everyone|all users|users)$/i) ||
            /WorldSid/.test(who?.made === undefined ? "" : nameIn(who))) &&
          /FullControl|Write|Modify|ChangePermissions|Delete/.test(rights?.path ?? "") &&
          !/Deny/.test(how?.path ?? ""),
      ),
      calls("File.SetUnixFileMode", ({ here, start, end }) => /OtherWrite/.test(here.text.slice(start, end))),
      assigns(/^UnixCreateMode$/, ({ here, start, end }) => /OtherWrite/.test(here.text.slice(start, end))),
    ],
  },
];

/** The kind of account for which a security identifier is created. */
function nameIn({ made }: Value): string {
  const first = made?.kind === "call" ? made.args[0]?.value : undefined;
  return first?.kind === "member" ? first.name : "";
}
