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
import { calls, reaches } from "../matches.ts";

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
    literals: [
      "file",
      "fopen",
      "unlink",
      "rename",
      "copy",
      "dir",
      "glob",
      "source",
      "SplFileObject",
      "download",
      "imagecreate",
    ],
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
    bad: [
      "<?php\nreadfile('/data/' . $_GET['file']);\n",
      "<?php\n$f = $_REQUEST['f'];\nunlink(\"uploads/$f\");\n",
      "<?php\nfile_put_contents($_POST['name'], 'x');\n",
      "<?php\nfunction show($filename) { return file_get_contents(__DIR__ . '/pages/' . $filename); }\n",
    ],
    good: [
      "<?php\nreadfile('/data/' . basename($_GET['file']));\n",
      "<?php\n$p = realpath('/data/' . $_GET['file']);\nif ($p === false || strpos($p, '/data/') !== 0) { exit('no'); }\nreadfile($p);\n",
      "<?php\nfile_put_contents('log.txt', $_POST['text']);\n",
      "<?php\nfunction load($path) { return file_get_contents($path); }\n",
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
    bad: [
      "<?php\nmove_uploaded_file($_FILES['f']['tmp_name'], 'uploads/' . $_FILES['f']['name']);\n",
      "<?php\n$target = 'uploads/' . basename($_FILES['f']['name']);\nmove_uploaded_file($_FILES['f']['tmp_name'], $target);\n",
    ],
    good: [
      "<?php\n$ext = strtolower(pathinfo($_FILES['f']['name'], PATHINFO_EXTENSION));\nif (!in_array($ext, ['png'], true)) { exit; }\nmove_uploaded_file($_FILES['f']['tmp_name'], 'uploads/' . bin2hex(random_bytes(8)) . '.png');\n",
      "<?php\nmove_uploaded_file($_FILES['f']['tmp_name'], 'uploads/' . bin2hex(random_bytes(8)));\n",
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
    bad: [
      "<?php\nfunction unpack_all($zip, $dir) { for ($i = 0; $i < $zip->numFiles; $i++) { $n = $zip->getNameIndex($i); file_put_contents($dir . '/' . $n, $zip->getFromIndex($i)); } }\n",
      "<?php\nwhile ($e = zip_read($z)) { $f = fopen('out/' . zip_entry_name($e), 'w'); }\n",
    ],
    good: [
      "<?php\nfunction unpack_all($zip, $dir) { for ($i = 0; $i < $zip->numFiles; $i++) { $n = basename($zip->getNameIndex($i)); file_put_contents($dir . '/' . $n, $zip->getFromIndex($i)); } }\n",
      "<?php\nfunction unpack_all($zip, $dir) { $zip->extractTo($dir); }\n",
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
    bad: [
      "<?php\n$f = fopen('/var/tmp/results.txt', 'w');\n",
      "<?php\nfile_put_contents('/var/tmp/data.txt', $x);\n",
    ],
    good: [
      "<?php\n$f = fopen(tempnam(sys_get_temp_dir(), 'r'), 'w');\n",
      "<?php\n$f = fopen('/var/tmp/results.txt', 'r');\n",
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
    bad: ["<?php\nchmod('a.txt', 0777);\n", "<?php\numask(0);\n"],
    good: ["<?php\nchmod('a.txt', 0640);\n", "<?php\nmkdir('uploads', 0755, true);\n"],
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
