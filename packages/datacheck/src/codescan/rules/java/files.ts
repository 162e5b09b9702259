/** @file Java rules: untrusted file names, archives, uploads, temporary files, permissions. */
import type { CallSeen } from "../../engine/seen.ts";
import { carries, isBuilt, itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, isTemporaryPath, says, shaped, temporaryPath, temporaryWords } from "../conditions.ts";
import { aroundSays, sourceAround } from "../inside.ts";
import { calls, reaches } from "../matches.ts";

const opens = [
  "FileInputStream FileOutputStream FileReader FileWriter RandomAccessFile PrintWriter PrintStream Formatter Scanner",
  ..."readAllBytes readString newInputStream newOutputStream write writeString copy delete deleteIfExists lines"
    .split(" ")
    .map((verb) => `Files.${verb}`),
  ..."readAllLines newBufferedReader newBufferedWriter move createFile list walk walkFileTree createDirectory"
    .split(" ")
    .map((verb) => `Files.${verb}`),
  ..."createDirectories newByteChannel newDirectoryStream createLink createSymbolicLink find setPosixFilePermissions"
    .split(" ")
    .map((verb) => `Files.${verb}`),
  // Guava's class `Files`
  ..."asByteSource asByteSink asCharSource asCharSink toByteArray toString touch readLines newReader newWriter map"
    .split(" ")
    .map((verb) => `Files.${verb}`),
  ..."readFileToString readFileToByteArray readLines writeStringToFile writeByteArrayToFile"
    .split(" ")
    .map((verb) => `FileUtils.${verb}`),
  ..."write writeLines deleteQuietly forceDelete copyFile copyFileToDirectory copyDirectory"
    .split(" ")
    .map((verb) => `FileUtils.${verb}`),
  ..."copyInputStreamToFile copyURLToFile moveFile openInputStream"
    .split(" ")
    .map((verb) => `FileUtils.${verb}`),
  ..."openOutputStream deleteDirectory cleanDirectory forceMkdir listFiles touch lineIterator getFile"
    .split(" ")
    .map((verb) => `FileUtils.${verb}`),
  "FileSystemResource UrlResource PathResource FileChannel.open " +
    "AsynchronousFileChannel.open ZipFile JarFile ImageIO.write",
  "FileCopyUtils.copyToByteArray FileCopyUtils.copy " +
    "FileSystemUtils.deleteRecursively StreamResult FileBody FileHandler",
].join(" ");

/** The function checks where the path leads before it uses it. */
const looks =
  /getCanonical(Path|File)\(|toRealPath\(|\.normalize\(\)[\s\S]{0,400}startsWith\(|contains\(\s{0,3}"\.\."\s{0,3}\)/;

function isUnlooked({ here }: CallSeen): boolean {
  return !aroundSays(here, looks);
}

/** Parameters that hold a file name and are meant to stay below a directory. */
const fileNames =
  /^(file_?name|name|user_?name|requested_?\w{0,10}|page|template_?name|doc\w{0,10}|image_?name|rel_?path|sub_?path)$/i;

/** A path composed of a directory and a parameter. */
function isBelowFolder(value: Value | undefined): boolean {
  return (
    carries(value, "path") === 1 &&
    comesFrom(value, fileNames) &&
    shaped(value, /^[^\0]{0,200}[\w/\0]\/{0,2}\0|^\0\/\0$/) &&
    !shaped(value, /^\0$/)
  );
}

/** Whether the function checks where an archive entry leads. */
function looksAtEntry(source: string): boolean {
  return /startsWith\(|getCanonical|toRealPath|"\.\."|FilenameUtils\.getName/.test(source);
}

/** Rules on files. */
export const javaFileRules: readonly Rule[] = [
  {
    id: "java/path-from-outside",
    cwe: 22,
    title: "Path traversal: file name from untrusted input",
    severity: "high",
    why: "`../` in the name escapes the intended directory.",
    fix: "Normalize and check the path: Path p = BASE.resolve(name).normalize(); if (!p.startsWith(BASE)) throw ...",
    literals: ["File", "Path"],
    match: [
      reaches("path", 2, opens, [0, 1], isUnlooked),
      reaches(
        "path",
        2,
        "File.delete File.mkdirs File.mkdir File.listFiles File.list File.createNewFile File.renameTo File.exists " +
          "File.deleteOnExit File.length File.isDirectory File.isFile",
        ["this"],
        isUnlooked,
      ),
      reaches("path", 2, "File", [0, 1], isUnlooked),
      reaches(
        "path",
        2,
        "request.getRequestDispatcher .getRequestDispatcher .createRelative ResourceUtils.getFile",
        [0],
        isUnlooked,
      ),
      reaches(
        "path",
        2,
        ".transferTo .getResourceAsStream .getResource .getRealPath .sendFile",
        [0],
        isUnlooked,
      ),
    ],
  },
  {
    id: "java/path-from-parameter",
    cwe: 22,
    title: "Path traversal: parameter joined to a directory without a check",
    severity: "medium",
    why: "`../` in the name escapes the intended directory.",
    fix: "Normalize and check the path: Path p = BASE.resolve(name).normalize(); if (!p.startsWith(BASE)) throw ...",
    literals: ["File", "Path"],
    match: [reaches("path", 1, opens, [0], (seen) => isUnlooked(seen) && isBelowFolder(seen.args[0]))],
  },
  {
    id: "java/archive-anywhere",
    cwe: 22,
    title: "Path traversal: archive extracted with its own entry names (Zip Slip)",
    severity: "high",
    why: "Entry names with `../` write files outside the target directory.",
    fix: "Check the normalized path: if (!target.normalize().startsWith(folder)) throw ...",
    literals: ["ZipEntry", "ZipInputStream", "ZipFile", "TarArchive", "JarEntry", "ArchiveEntry"],
    match: [
      calls(opens, (seen) => {
        const { args, here } = seen;
        return (
          args.some((one) => comesFrom(one, /^!entry$/) && carries(one, "path") > 0) &&
          !looksAtEntry(sourceAround(here))
        );
      }),
      calls("File Paths.get Path.of .resolve", ({ path, here, start, end }) => {
        const named = /\.getName\(\)/.test(here.text.slice(start, end).slice(0, 300));
        const source = sourceAround(here);
        if (path === ".resolve" && !/ZipEntry|ArchiveEntry|JarEntry/.test(source)) return false;
        return (
          named &&
          /ZipEntry|ArchiveEntry|JarEntry|ZipFile|ZipInputStream/.test(source) &&
          /OutputStream|Files\.(copy|write)|mkdirs|IOUtils\.copy/.test(source) &&
          !looksAtEntry(source)
        );
      }),
    ],
  },
  {
    id: "java/upload-any",
    cwe: 434,
    title: "Unrestricted file upload: file name chosen by the client",
    severity: "high",
    why: "The file can be a program, or it can overwrite another file.",
    fix: "Check the extension against an allowlist and generate the file name: UUID.randomUUID()",
    literals: ["getOriginalFilename", "getSubmittedFileName"],
    match: [
      calls(`${opens} .transferTo .write File Paths.get`, ({ args, here }) => {
        if (!args.some((one) => comesFrom(one, /^!filename$/) && one.level > 0)) return false;
        return !aroundSays(
          here,
          /endsWith\(|getContentType|getExtension|ALLOWED|allowed|lastIndexOf\('\.'\)|matches\(/,
        );
      }),
    ],
  },
  {
    id: "java/temporary-name",
    cwe: 377,
    title: "Predictable temporary file name",
    severity: "low",
    why: "Another process can create the file, or a symbolic link in its place, first.",
    fix: 'Use Files.createTempFile("name", ".tmp")',
    literals: [...temporaryWords, "createTempDir"],
    match: [
      calls("FileWriter FileOutputStream PrintWriter", ({ args: [name] }) => isTemporaryPath(name)),
      calls("File", ({ args }) => args.length === 1 && isTemporaryPath(args[0])),
      calls("Files.createTempDir"),
      calls(
        "File",
        ({ args: [name] }) =>
          name !== undefined && isBuilt(name) && shaped(name, temporaryPath) && name.level === 0,
      ),
    ],
  },
  {
    id: "java/open-to-all",
    cwe: 732,
    title: "World-writable file",
    severity: "medium",
    why: "Every local user can modify it.",
    fix: "Grant write access only to the owner",
    literals: ["setWritable", "setReadable", "setExecutable", "PosixFilePermission", "MODE_WORLD"],
    match: [
      calls(
        ".setWritable .setExecutable .setReadable",
        ({ args: [on, owner] }) => on?.constant === true && owner?.constant === false,
      ),
      calls("PosixFilePermissions.fromString", ({ args: [text] }) => says(text, /^.{6}(?!---)...$/)),
      calls(
        ".add EnumSet.of Files.setPosixFilePermissions PosixFilePermissions.asFileAttribute",
        ({ args }) =>
          args
            .flatMap((one) => [one, ...itemsOf(one)])
            .some(({ path }) => /(^|PosixFilePermission\.)OTHERS_(READ|WRITE|EXECUTE)$/.test(path)),
      ),
      calls(".openFileOutput .getSharedPreferences", ({ args: [, mode] }) =>
        /MODE_WORLD_(READ|WRIT)E?ABLE$/.test(mode?.path ?? ""),
      ),
    ],
  },
];
