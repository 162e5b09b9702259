/** @file Python rules: untrusted file names, archives, permissions, temporary files, uploads. */
import { anyOf, type NamePattern } from "../../engine/language.ts";
import { carries, type Level, throughUnknown, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import {
  argument,
  comesFrom,
  importsOf,
  is,
  isWorldWritable,
  says,
  shaped,
  temporaryPath,
  temporaryWords,
} from "../conditions.ts";
import { aroundSays, fileSays, sourceAround } from "../inside.ts";
import { calls, operates, reaches, words } from "../matches.ts";

const opens = [
  "open io.open codecs.open builtins.open file io.FileIO aiofiles.open anyio.open_file linecache.getline",
  "os.open os.remove os.unlink os.rmdir os.removedirs os.mkdir os.makedirs os.listdir os.scandir os.walk os.rename",
  "os.renames os.replace os.chmod os.chown os.stat os.lstat os.access os.chdir os.link os.symlink os.readlink",
  "os.truncate os.utime os.mkfifo os.path.exists os.path.isfile os.path.isdir os.path.getsize os.path.getmtime",
  "shutil.rmtree shutil.copy shutil.copyfile shutil.move shutil.copy2 shutil.copytree shutil.copymode",
  "shutil.make_archive shutil.unpack_archive glob.glob glob.iglob fileinput.input tempfile.NamedTemporaryFile",
  "flask.send_file send_file quart.send_file django.http.FileResponse FileResponse fastapi.responses.FileResponse",
  "starlette.responses.FileResponse sanic.response.file aiohttp.web.FileResponse django.views.static.serve",
  "pyramid.response.FileResponse werkzeug.utils.send_file",
  "zipfile.ZipFile tarfile.open tarfile.TarFile gzip.open bz2.open lzma.open sqlite3.connect shelve.open",
  "numpy.load numpy.loadtxt numpy.save numpy.genfromtxt pandas.read_csv pandas.read_excel pandas.read_json",
  "pandas.read_parquet pandas.read_table PIL.Image.open Image.open cv2.imread imageio.imread openpyxl.load_workbook",
  "docx.Document joblib.load torch.load configparser.ConfigParser().read runpy.run_path",
  "importlib.machinery.SourceFileLoader",
].join(" ");
const methods =
  ".read_text .read_bytes .write_text .write_bytes .unlink .open .iterdir .rmdir .touch .exists .is_file .is_dir " +
  ".stat .mkdir .rename .replace .glob .rglob .symlink_to .chmod";

/** Parameters that hold a file name and are meant to stay below a directory. */
const fileNames = anyOf(
  /^(\w{0,20}_?file_?names?|\w{0,20}_?name|user_?id|user_?input|user_?file|requested_?\w{0,10}|page|resource|slug)$/i,
  /^(doc_?\w{0,10}|image_?\w{0,10}|rel_?path|sub_?path|url_?path|input_?\w{0,10}|key|url|uri|asset|attachment)$/i,
);

/** Methods of stores and clients that write a download to the given file. */
const fetches =
  ".get_contents_to_filename .download_file .download_to_filename .download_fileobj .fget_object .retrieve " +
  ".urlretrieve .save_to_file .get_object_to_file .download_blob_to_file";
/** Methods that access a store by path. */
const stores = ".get .set .read .write .delete .put .remove .list .create .ls .mkdir .exists .open .rm .stat";

/** Names of an address or a part of it. */
const addressNames = /^(url|uri|url_?path|request_?path|path_?info|uri_?path|resource|route)$/i;

/** Checks that keep a path below a directory, inline or as a function's name. */
const keepsInside = anyOf(
  /commonpath|commonprefix|is_relative_to|relative_to\(|realpath|abspath|\.resolve\(|safe_join|isabs|secure_filename|basename/,
  /normpath|sanitiz|sanitis|check_path|valid|isalnum|\.parents|os\.pardir|startswith\(|\bin [A-Z_]{3,30}\b/,
);

/** Whether a check of a path goes beyond searching for `..`. */
const looksFurther = /isabs|realpath|abspath|normpath|relpath|resolve\(/;

/** A directory joined with an unchecked path. */
function isJoinedUnchecked(value: Value | undefined, names: NamePattern, around: string): boolean {
  return (
    value?.level === 1 &&
    carries(value, "path") === 1 &&
    comesFrom(value, names) &&
    shaped(value, /^[^\0]{0,200}\0?\/{1,2}[^\0]{0,60}\0/) &&
    !keepsInside.test(around)
  );
}

/** A path composed of a directory and a parameter. */
function isBelowFolder(value: Value | undefined): boolean {
  return (
    value?.level === 1 &&
    (comesFrom(value, fileNames) || value.roots.includes(throughUnknown)) &&
    shaped(value, /^[^\0]{0,200}[\w/\0]\/{1,2}\0|^\0\/\0$/) &&
    !/^\0$/.test(value.shape ?? "")
  );
}

function fileSink(level: Level, when: (value: Value | undefined) => boolean): ReturnType<typeof reaches> {
  return reaches(
    "path",
    level,
    opens,
    [0, 1, "file", "path", "filename", "path_or_file", "filename_or_fp"],
    (seen) => [seen.args[0], seen.args[1], ...seen.named.values()].some(when),
  );
}

/** Rules on files. */
export const pythonFileRules: readonly Rule[] = [
  {
    id: "python/path-from-outside",
    cwe: 22,
    title: "Path traversal: file name from untrusted input",
    severity: "high",
    why: "`../` in the name escapes the intended directory.",
    fix: "Resolve the path and check it: (BASE / name).resolve().is_relative_to(BASE)",
    literals: words("open os. shutil send_file FileResponse ZipFile Path _text _bytes read_csv save tarfile"),
    match: [
      fileSink(2, () => true),
      reaches(
        "path",
        2,
        methods,
        ["this"],
        ({ receiver }) =>
          /^(pathlib\.)?(Path|PurePath|PosixPath)\(\)|^$|\.joinpath\(\)$/.test(receiver.path) &&
          receiver.shape !== undefined,
      ),
      reaches(
        "path",
        2,
        ".save",
        [0, "dst"],
        ({ receiver }) => /files/.test(receiver.path) || receiver.level === 2,
      ),
    ],
  },
  {
    id: "python/path-from-parameter",
    cwe: 22,
    title: "Path traversal: parameter joined to a directory without a check",
    severity: "medium",
    why: "`../` in the name escapes the intended directory.",
    fix: "Resolve the path and check it: (BASE / name).resolve().is_relative_to(BASE)",
    literals: ["open", "os.", "shutil", "send_file", "FileResponse", "Path"],
    match: [
      fileSink(1, isBelowFolder),
      // a download is written under its remote name
      calls(fetches, (seen) =>
        [...seen.args, ...seen.named.values()].some((one) =>
          isJoinedUnchecked(one, fileNames, sourceAround(seen.here)),
        ),
      ),
      // an address becomes a file path
      calls("os.path.join posixpath.join", ({ args, here }) => {
        const [first, ...rest] = args;
        const named = rest.find((one) => one.level > 0 && comesFrom(one, addressNames));
        return (
          first?.constant !== "" &&
          named !== undefined &&
          carries(named, "path") > 0 &&
          !aroundSays(here, keepsInside)
        );
      }),
      // the leading slash is removed, but `..` is not
      calls("os.path.join", ({ args, here, start, end }) => {
        const last = args.at(-1);
        return (
          args.length > 1 &&
          last !== undefined &&
          carries(last, "path") > 0 &&
          /\.lstrip\(\s?["'][/\\]+["']\s?\)\s?\)$/.test(here.text.slice(start, end)) &&
          !aroundSays(here, keepsInside)
        );
      }),
    ],
  },
  {
    id: "python/store-key",
    cwe: 22,
    title: "Path traversal: storage key joined to a prefix without a check",
    severity: "low",
    why: "`../` or a leading slash in the key escapes the intended prefix.",
    fix: "Reject keys that contain '..', and join with '/'.join([prefix, key.lstrip('/')])",
    literals: ["os.path.join"],
    match: [
      calls(stores, (seen) => {
        const [place] = seen.args;
        const isOwn =
          place?.made?.kind === "call" && /^\.?(os\.path\.join)?$/.test(place.path.replace(/\(\)$/, ""));
        return (
          isOwn &&
          /self\./.test(seen.here.text.slice(place.made?.start, place.made?.end)) &&
          isJoinedUnchecked(place, /^(key|\w{0,20}key\w{0,10}|path|name)$/i, sourceAround(seen.here)) &&
          /^self\.|^$/.test(seen.receiver.path)
        );
      }),
    ],
  },
  {
    id: "python/traversal-half-checked",
    cwe: 22,
    title: "Incomplete check for `..`",
    severity: "low",
    why: "A path that starts with `../` or with a slash passes the check.",
    fix: "Resolve the path and check it: (BASE / name).resolve().is_relative_to(BASE)",
    literals: ["/..", '"..', "'.."],
    match: [
      operates(
        "in",
        ({ operands: [mark], here }) =>
          says(mark, /^[/\\]\.\.[/\\]?$/) && !aroundSays(here, looksFurther, /startswith/),
      ),
      calls(
        ".startswith",
        ({ args: [mark], here }) => says(mark, /^\.\.[/\\]?$/) && !aroundSays(here, looksFurther, /\bin\b/),
      ),
    ],
  },
  {
    id: "python/archive-anywhere",
    cwe: 22,
    title: "Path traversal: archive extracted with its own entry names (Zip Slip)",
    severity: "high",
    why: "Entry names with `../` write files outside the target directory.",
    fix: "Use archive.extractall(folder, filter='data')",
    literals: ["tarfile", "unpack_archive", "extract"],
    match: [
      calls(".extractall .extract", (seen) => {
        if (!importsOf(seen.here, /^tarfile/) || /^zipfile|ZipFile/.test(seen.receiver.path)) return false;
        if (seen.named.has("filter") || seen.named.has("members")) return false;
        return !fileSays(seen.here, /realpath|abspath|commonpath|commonprefix|is_relative_to|resolve\(/);
      }),
      reaches("path", 1, "shutil.unpack_archive"),
    ],
  },
  {
    id: "python/upload-any",
    cwe: 434,
    title: "Unrestricted file upload: file name chosen by the client",
    severity: "high",
    why: "The file can be a program, or it can overwrite another file.",
    fix: "Check the extension against an allowlist and choose the file name: secure_filename or uuid4().hex",
    literals: ["filename", ".save("],
    match: [
      // stored without a check of the file type
      calls(".save", ({ receiver, here }) => {
        const body =
          here.inside === undefined ? here.text : here.text.slice(here.inside.start, here.inside.end);
        const looks =
          /allowed|ALLOWED|valid|splitext|endswith|content_type|mimetype|rsplit|suffix|magic|imghdr|Image\.open|guess/i;
        return /\.(files|FILES)(\.get\(\)|\[\])$/.test(receiver.path) && !looks.test(body);
      }),
      reaches("path", 2, ".save open", [0, "dst"], ({ args, named }) => {
        const name = args[0] ?? named.get("dst");
        return name !== undefined && comesFrom(name, /^!filename$/);
      }),
    ],
  },
  {
    id: "python/temporary-name",
    cwe: 377,
    title: "Predictable temporary file name",
    severity: "medium",
    why: "Another process can create the file, or a symbolic link in its place, first.",
    fix: "Use tempfile.NamedTemporaryFile() or tempfile.mkstemp()",
    literals: [...temporaryWords, "mktemp", "tmpnam", "tempnam"],
    match: [
      calls("tempfile.mktemp os.tmpnam os.tempnam"),
      calls(
        "open io.open",
        (seen) => shaped(seen.args[0], temporaryPath) && says(argument(seen, 1, "mode"), /[wax]/),
      ),
    ],
  },
  {
    id: "python/open-to-all",
    cwe: 732,
    title: "World-writable file",
    severity: "medium",
    why: "Every local user can modify it.",
    fix: "Use os.chmod(path, 0o600)",
    literals: ["chmod", "umask", "mkdir", "makedirs", "mkfifo", "os.open", "S_I"],
    match: [
      calls("os.chmod .chmod os.fchmod os.lchmod", (seen) => {
        const mode = argument(seen, /^os\./.test(seen.path) ? 1 : 0, "mode");
        return typeof mode?.constant === "number"
          ? (mode.constant & 0o022) !== 0
          : /S_IRWXO|S_IWOTH|S_IRWXG/.test(JSON.stringify(mode?.made ?? ""));
      }),
      calls("os.mkdir os.makedirs .mkdir os.mkfifo os.open", (seen) => {
        return isWorldWritable(argument(seen, seen.path === "os.open" ? 2 : 1, "mode"));
      }),
      calls("os.umask", ({ args: [mask] }) => is(mask, 0)),
    ],
  },
];
