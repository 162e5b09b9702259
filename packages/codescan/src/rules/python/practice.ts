/**
 * @file Python: insecure practice, which counts wherever it stands.
 *
 * @source meta-llama/PurpleLlama CodeShield/insecure_code_detector: its kinds for Python and their CWE numbers
 */
import type { CallSeen } from "../../engine/seen.ts";
import { isBuilt } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { argument, hasShell, is, isA, says, varies } from "../conditions.ts";
import { assigns, calls } from "../matches.ts";
import { practice } from "../practice.ts";

const shells =
  "os.system os.popen os.popen2 os.popen3 os.popen4 popen2.popen2 popen2.popen3 commands.getoutput " +
  "commands.getstatusoutput subprocess.getoutput subprocess.getstatusoutput asyncio.create_subprocess_shell";
const runners =
  "subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen";
const readers =
  "pickle.load pickle.loads pickle.Unpickler cPickle.load cPickle.loads cPickle.Unpickler _pickle.load _pickle.loads " +
  "cloudpickle.load cloudpickle.loads dill.load dill.loads dill.load_session dill.Unpickler jsonpickle.decode " +
  "jsonpickle.loads jsonpickle.unpickler.Unpickler joblib.load shelve.open marshal.load marshal.loads " +
  "pandas.read_pickle";

/** A loader of YAML that makes any object; without one, older versions make any. */
function makesObjects(seen: CallSeen): boolean {
  if (/(unsafe|full)_load(_all)?$/.test(seen.path)) return true;
  const loader = argument(seen, 1, "Loader");
  return loader === undefined ? !seen.spread : !isA(loader, /(^|\.)C?(Safe|Base)Loader$/);
}

/** Rules on practice. */
export const pythonPracticeRules: readonly Rule[] = [
  practice({
    id: "python/practice-shell",
    cwe: 78,
    title: "A command that goes through a shell",
    why: "What is constant today is put together tomorrow.",
    fix: "subprocess.run([program, argument])",
    literals: ["system", "popen", "getoutput", "getstatusoutput", "shell"],
    match: [calls(shells), calls(runners, hasShell)],
    bad: [
      "import os\nos.system('clear')\n",
      "from subprocess import run\nrun('ls -l', shell=True)\n",
      "import subprocess as sp\nsp.getoutput('date')\n",
    ],
    good: ["import subprocess\nsubprocess.run(['ls', '-l'])\n", "import os\nos.getcwd()\n"],
  }),
  practice({
    id: "python/practice-eval",
    cwe: 95,
    title: "Text that is evaluated as code",
    why: "Where the text comes from changes with the program.",
    fix: "ast.literal_eval for literals, json.loads for data, a dictionary of functions for choices",
    literals: ["eval", "exec"],
    match: [calls("eval exec builtins.eval builtins.exec", ({ args: [text] }) => varies(text))],
    bad: ["x = compute()\neval(x)\n", "exec(source)\n"],
    good: ["import ast\nast.literal_eval(text)\n", "eval('1 + 1')\n", "model.eval()\n"],
  }),
  practice({
    id: "python/practice-unpickle",
    cwe: 502,
    title: "Objects read from bytes",
    why: "Whoever writes the bytes runs code where they are read.",
    fix: "json, msgpack or safetensors for data; a signature where it must be objects",
    literals: ["pickle", "Pickle", "dill", "joblib", "shelve", "marshal"],
    match: [calls(readers)],
    bad: [
      "import pickle\nwith open('a.pkl', 'rb') as file:\n    a = pickle.load(file)\n",
      "import dill\nf = dill.loads(data)\n",
      "import jsonpickle\na = jsonpickle.decode(text)\n",
    ],
    good: ["import pickle\npickle.dumps([1])\n", "import json\njson.loads(text)\n"],
  }),
  practice({
    id: "python/practice-yaml",
    cwe: 502,
    title: "YAML that can make any object",
    why: "A tag in the text names a function that is called.",
    fix: "yaml.safe_load(text)",
    literals: ["yaml"],
    match: [
      calls(
        "yaml.load yaml.load_all yaml.unsafe_load yaml.unsafe_load_all yaml.full_load yaml.full_load_all",
        makesObjects,
      ),
    ],
    bad: [
      "import yaml\na = yaml.load(open('a.yaml'), Loader=yaml.Loader)\n",
      "import yaml\na = yaml.unsafe_load(text)\n",
    ],
    good: [
      "import yaml\na = yaml.safe_load(text)\n",
      "import yaml\na = yaml.load(text, Loader=yaml.SafeLoader)\n",
      "from yaml import load, CSafeLoader\na = load(text, CSafeLoader)\n",
    ],
  }),
  practice({
    id: "python/practice-hash",
    cwe: 328,
    title: "A hash function that is broken",
    why: "Two texts of one hash can be made; what is a checksum today is trusted tomorrow.",
    fix: "hashlib.sha256(data), or usedforsecurity=False where nobody attacks",
    literals: ["md5", "MD5", "sha1", "SHA1", "md4", "MD4", "md2", "MD2", "SHA."],
    match: [
      calls(
        "hashlib.md5 hashlib.sha1 hashlib.new Crypto.Hash.MD5.new Crypto.Hash.MD4.new Crypto.Hash.MD2.new " +
          "Crypto.Hash.SHA1.new Crypto.Hash.SHA.new Cryptodome.Hash.MD5.new Cryptodome.Hash.SHA1.new md5.new " +
          "md5.md5 sha.new cryptography.hazmat.primitives.hashes.MD5 cryptography.hazmat.primitives.hashes.SHA1",
        (seen) => {
          if (is(seen.named.get("usedforsecurity"), false)) return false;
          return seen.path !== "hashlib.new" || says(argument(seen, 0, "name"), /^(md[245]|sha-?1)$/i);
        },
      ),
    ],
    bad: [
      "import hashlib\ndef cache_key(a):\n    return hashlib.md5(a).hexdigest()\n",
      "import hashlib\nhashlib.new('sha1', b'a')\n",
    ],
    good: [
      "import hashlib\nhashlib.sha256(b'a')\n",
      "import hashlib\nhashlib.md5(b'a', usedforsecurity=False)\n",
      "import hashlib\nhashlib.new('sha512', b'a')\n",
    ],
  }),
  practice({
    id: "python/practice-query",
    cwe: 89,
    title: "A statement of SQL that is put together",
    why: "A value in the text becomes part of the statement.",
    fix: "cursor.execute('SELECT ... WHERE id = ?', (id,))",
    literals: ["execute"],
    match: [calls(".execute .executemany .executescript", ({ args: [text] }) => isBuiltText(text))],
    bad: ["def load(cursor):\n    cursor.execute('SELECT a FROM t WHERE b = ' + settings())\n"],
    good: [
      "def load(cursor, b):\n    cursor.execute('SELECT a FROM t WHERE b = ?', (b,))\n",
      "def load(cursor):\n    cursor.execute('SELECT a FROM t ' + 'WHERE b = 1')\n",
    ],
  }),
  practice({
    id: "python/practice-fixed",
    cwe: 335,
    title: "A seed or a starting value that is written down",
    why: "Whoever knows it knows all that follows from it.",
    fix: "secrets.token_bytes(16), os.urandom(16)",
    literals: ["seed", "Seed", "iv", "IV", "nonce"],
    match: [
      assigns(
        { test: (name) => /^(rng_?seed|prng_?seed|iv|initiali[sz]ation_?vector|nonce)$/i.test(name) },
        ({ value, form }) =>
          form !== "standard" && typeof value.constant === "string" && value.constant.length > 3,
      ),
      calls("random.SystemRandom random.seed", ({ path, args: [seed] }) => {
        return path === "random.seed" && seed?.constant !== undefined && seed.constant !== null;
      }),
    ],
    bad: ["iv = b'0123456789abcdef'\n", "import random\nrandom.seed(42)\ntoken = random.random()\n"],
    good: ["import os\niv = os.urandom(16)\n", "import random\nrandom.seed()\n"],
  }),
];

function isBuiltText(text: CallSeen["args"][number] | undefined): boolean {
  return (
    text !== undefined &&
    isBuilt(text) &&
    /\b(select|insert|update|delete|drop|create)\b/i.test(text.shape ?? "")
  );
}
