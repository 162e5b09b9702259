/**
 * @file PHP: insecure practice, which counts wherever it stands.
 *
 * @source meta-llama/PurpleLlama CodeShield/insecure_code_detector: its kinds for PHP and their CWE numbers
 */
import type { Rule } from "../../rule.ts";
import { says, varies } from "../conditions.ts";
import { calls } from "../matches.ts";
import { practice } from "../practice.ts";

/** Rules on practice. */
export const phpPracticeRules: readonly Rule[] = [
  practice({
    id: "php/practice-command",
    cwe: 78,
    title: "A command that goes through a shell",
    why: "What is constant today is put together tomorrow.",
    fix: "proc_open([$program, $argument], ...), or a function of PHP that does the same",
    literals: ["exec", "system", "passthru", "popen", "proc_open"],
    match: [
      calls("exec shell_exec system passthru popen pcntl_exec"),
      calls("proc_open", ({ args: [command] }) => command?.entries === undefined),
    ],
    bad: ["<?php\nexec('uptime');\n", "<?php\n$p = popen('ls', 'r');\n"],
    good: ["<?php\n$p = proc_open(['ls', '-l'], [], $pipes);\n", "<?php\n$curl = curl_exec($handle);\n"],
  }),
  practice({
    id: "php/practice-eval",
    cwe: 95,
    title: "Text that is evaluated as code",
    why: "Where the text comes from changes with the program.",
    fix: "json_decode for data, an array of functions for choices",
    literals: ["eval", "create_function", "assert"],
    match: [calls("eval create_function", ({ args }) => args.some(varies))],
    bad: ["<?php\neval($source);\n"],
    good: ["<?php\n$a = json_decode($source);\n"],
  }),
  practice({
    id: "php/practice-objects",
    cwe: 502,
    title: "Objects read from text",
    why: "Whoever writes the text chooses which objects are made.",
    fix: "json_decode($text), or unserialize($text, ['allowed_classes' => false])",
    literals: ["unserialize"],
    match: [calls("unserialize", ({ args }) => args.length < 2)],
    bad: ["<?php\n$a = unserialize(file_get_contents('a.ser'));\n"],
    good: [
      "<?php\n$a = unserialize($text, ['allowed_classes' => false]);\n",
      "<?php\n$a = json_decode($text);\n",
    ],
  }),
  practice({
    id: "php/practice-hash",
    cwe: 328,
    title: "A hash function that is broken",
    why: "Two texts of one hash can be made.",
    fix: "hash('sha256', $data), password_hash for passwords",
    literals: ["md5", "sha1", "md4", "crc32", "hash"],
    match: [
      calls("md5 sha1 md5_file sha1_file"),
      calls("hash hash_file hash_init hash_hmac openssl_digest", ({ args: [name] }) =>
        says(name, /^(md[245]|sha-?1|crc32b?)$/i),
      ),
    ],
    bad: ["<?php\n$key = md5($page);\n", "<?php\n$key = hash('sha1', $page);\n"],
    good: ["<?php\n$key = hash('sha256', $page);\n"],
  }),
  practice({
    id: "php/practice-random",
    cwe: 330,
    title: "Numbers that can be guessed",
    why: "After some of them all others are known.",
    fix: "random_int(1, 6), random_bytes(16)",
    literals: ["rand", "uniqid", "lcg_value", "shuffle"],
    match: [calls("rand mt_rand uniqid lcg_value array_rand str_shuffle")],
    bad: ["<?php\n$a = mt_rand(1, 6);\n"],
    good: ["<?php\n$a = random_int(1, 6);\n"],
  }),
  practice({
    id: "php/practice-variables",
    cwe: 621,
    title: "Variables made from a list",
    why: "A name in the list replaces a variable that was checked before.",
    fix: "Read the entries that are needed by their names",
    literals: ["extract", "parse_str", "import_request_variables"],
    match: [
      calls("extract import_request_variables", ({ args: [list] }) => varies(list)),
      calls("parse_str", ({ args }) => args.length < 2),
    ],
    bad: ["<?php\nextract($settings);\n"],
    good: ["<?php\nparse_str($query, $values);\n"],
  }),
  practice({
    id: "php/practice-information",
    cwe: 200,
    title: "A page that tells all about the machine",
    why: "It names versions, paths and variables to everybody.",
    fix: "Leave it out of what is delivered",
    literals: ["phpinfo"],
    match: [calls("phpinfo")],
    bad: ["<?php\nphpinfo();\n"],
    good: ["<?php\necho PHP_VERSION;\n"],
  }),
  practice({
    id: "php/practice-obsolete",
    cwe: 477,
    title: "A library of ciphers that was given up",
    why: "Its faults are known and stay.",
    fix: "sodium_crypto_secretbox, openssl_encrypt with aes-256-gcm",
    literals: ["mcrypt_"],
    match: [
      calls(
        "mcrypt_encrypt mcrypt_decrypt mcrypt_module_open mcrypt_create_iv mcrypt_generic mcrypt_generic_init " +
          "mdecrypt_generic mcrypt_ecb mcrypt_cbc mcrypt_cfb mcrypt_ofb mcrypt_get_iv_size mcrypt_get_key_size",
      ),
    ],
    bad: ["<?php\n$a = mcrypt_encrypt('rijndael-128', $key, $text, 'cbc');\n"],
    good: ["<?php\n$a = sodium_crypto_secretbox($text, $nonce, $key);\n"],
  }),
];
