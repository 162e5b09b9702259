/** @file PHP rules: untrusted file names, uploads, archives, temporary files, permissions. */
import { carries, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import {
  comesFrom,
  is,
  isTemporaryPath,
  isWorldWritable,
  says,
  shaped,
  temporaryWords,
} from "../conditions.ts";
import { aroundSays, sourceAround } from "../inside.ts";
import { calls, reaches, words } from "../matches.ts";

const opens =
  "file_get_contents file_put_contents fopen readfile file unlink rename copy rmdir mkdir opendir scandir glob " +
  "highlight_file show_source parse_ini_file simplexml_load_file SplFileObject ZipArchive().open .download .sendFile " +
  "response().download response().file Storage.get Storage.download File.get imagecreatefromjpeg " +
  "touch is_writable_file";

/** Rules on files. */
export const phpFileRules: readonly Rule[] = [
  {
    id: "php/path-from-outside",
    cwe: 22,
    title: "Path traversal: file name from untrusted input",
    severity: "high",
    why: "`../` in the name escapes the intended directory.",
    fix: "Use $path = realpath($base . '/' . basename($name)), and check that it starts with $base",
    literals: words("file fopen unlink rename copy dir glob source SplFileObject download imagecreate"),
    match: [
      reaches("path", 2, opens, [0, 1], ({ args, here, path }) => {
        if (path === "file_put_contents" && carries(args[0], "path") !== 2) return false;
        if (/file_get_contents|fopen|readfile/.test(path) && shaped(args[0], /^https?:\/\//)) return false;
        return !aroundSays(here, /realpath\([\s\S]{0,800}(strpos|str_starts_with|strncmp|substr)\(/);
      }),
      reaches(
        "path",
        1,
        "file_get_contents readfile unlink fopen",
        [0],
        ({ args: [name], here }) => isBelowFolder(name) && !aroundSays(here, /realpath|basename|\.\./),
      ),
    ],
  },
  {
    id: "php/upload-any",
    cwe: 434,
    title: "Unrestricted file upload: file name chosen by the client",
    severity: "high",
    why: "The file can be a program that the server executes on request.",
    fix: "Check the extension against an allowlist and generate the file name: bin2hex(random_bytes(16))",
    literals: ["move_uploaded_file", "getClientOriginalName", "getClientFilename", "copy("],
    match: [
      calls("move_uploaded_file copy .move .moveTo .storeAs", ({ args, here }) => {
        if (!args.some((one) => comesFrom(one, /^!filename$/) && one.level > 0)) return false;
        return !aroundSays(
          here,
          /pathinfo\(|in_array\(|PATHINFO_EXTENSION|mime_content_type|finfo|getimagesize/,
          /exif_imagetype|preg_match\(|mimes:|getMimeType/,
        );
      }),
    ],
  },
  {
    id: "php/archive-anywhere",
    cwe: 22,
    title: "Path traversal: archive extracted with its own entry names (Zip Slip)",
    severity: "medium",
    why: "Entry names with `../` write files outside the target directory.",
    fix: "Check each entry name before extraction, or extract to its basename",
    literals: ["getNameIndex", "zip_entry_name"],
    match: [
      calls("file_put_contents fopen copy", ({ args, here }) => {
        const source = sourceAround(here);
        return (
          args.some(
            (one) =>
              one.level >= 0 && /getNameIndex\(\)|zip_entry_name\(\)/.test(one.path + one.roots.join(" ")),
          ) ||
          (/(getNameIndex|zip_entry_name)\(/.test(source) &&
            args[0]?.shape?.includes("\0") === true &&
            !/basename|realpath|\.\./.test(source))
        );
      }),
    ],
  },
  {
    id: "php/temporary-name",
    cwe: 377,
    title: "Predictable temporary file name",
    severity: "low",
    why: "Another process can create the file, or a symbolic link in its place, first.",
    fix: "Use tempnam(sys_get_temp_dir(), 'a') or tmpfile()",
    literals: temporaryWords,
    match: [
      calls("fopen", ({ args: [name, mode] }) => isTemporaryPath(name) && says(mode, /[waxc]/)),
      calls("file_put_contents", ({ args: [name] }) => isTemporaryPath(name)),
    ],
  },
  {
    id: "php/open-to-all",
    cwe: 732,
    title: "World-writable file",
    severity: "medium",
    why: "Every local user can modify it.",
    fix: "Use chmod($path, 0640)",
    literals: ["chmod", "umask"],
    match: [
      calls("chmod", ({ args: [, mode] }) => isWorldWritable(mode)),
      calls("umask", ({ args: [mask] }) => is(mask, 0)),
    ],
  },
];

/** A path composed of a directory and a parameter that names a file in it. */
function isBelowFolder(value: Value | undefined): boolean {
  return (
    carries(value, "path") === 1 &&
    comesFrom(value, /^\$(file_?name|name|page|template_?name|doc\w{0,10}|image_?name|rel_?path)$/i) &&
    shaped(value, /^[\s\S]{0,200}\/\0(\.\w{1,5})?$/)
  );
}
