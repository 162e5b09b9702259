// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell variables have this form
/** @file Shell rules: permissions, transport, temporary files, secrets. */
import type { CallSeen } from "../../engine/seen.ts";
import type { Rule } from "../../rule.ts";
import { says } from "../conditions.ts";
import { assigns, calls, words } from "../matches.ts";
import { isWrittenSecret } from "../written.ts";

function source({ here, start, end }: CallSeen): string {
  return here.text.slice(start, Math.min(end, start + 1000));
}

function given({ args }: CallSeen, pattern: RegExp): boolean {
  return args.some((one) => says(one, pattern));
}

/** Rules on the system. */
export const shellSystemRules: readonly Rule[] = [
  {
    id: "shell/rights-for-all",
    cwe: 732,
    title: "World-writable file",
    severity: "medium",
    why: "Every local user can modify what others run or read.",
    fix: "Use chmod 755 for programs, 644 for files and 600 for secrets",
    literals: ["chmod", "umask"],
    match: [
      calls(
        "chmod",
        (seen) =>
          given(seen, /^0?[0-7]?[0-7][0-7][2367]$|^[ugo]{0,3}[ao][ugoa]{0,3}[+=][rx]{0,2}w|^\+rwx$/) &&
          !given(seen, /^1[0-7]{3}$/),
      ),
      calls("umask", (seen) => given(seen, /^0{1,4}$/)),
      calls(
        "install mkdir",
        (seen) => given(seen, /^(-m|--mode=)0?777$/) || /\s-m\s{0,3}0?777\b/.test(source(seen)),
      ),
    ],
  },
  {
    id: "shell/runs-as-owner",
    cwe: 250,
    title: "Setuid program",
    severity: "medium",
    why: "A vulnerability in the program gives everyone its owner's privileges.",
    fix: "Use setcap for the one capability that is needed, or a service with its own user",
    literals: ["chmod"],
    match: [calls("chmod", (seen) => given(seen, /^0?[4567][0-7]{3}$|^[ugo]{0,3}\+s$|^u\+[rwx]{0,3}s/))],
  },
  {
    id: "shell/sudo-without-password",
    cwe: 250,
    title: "Unrestricted sudo without a password",
    severity: "medium",
    why: "Anyone who compromises the account has root access.",
    fix: "Allow only the one command: app ALL=(root) NOPASSWD: /usr/bin/systemctl restart app",
    literals: ["NOPASSWD"],
    match: [{ line: /NOPASSWD:\s{0,9}ALL\b/ }],
  },
  {
    id: "shell/container-with-all-rights",
    cwe: 250,
    title: "Privileged container",
    severity: "medium",
    why: "A process that escapes the container controls the host.",
    fix: "Use --cap-add for the one capability that is needed",
    literals: ["--privileged", "docker.sock"],
    match: [
      calls("docker podman", (seen) =>
        given(seen, /^--privileged(=true)?$|^(--volume=)?\/var\/run\/docker\.sock:/),
      ),
    ],
  },
  {
    id: "shell/certificate-unchecked",
    cwe: 295,
    title: "TLS certificate validation disabled",
    severity: "high",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Use curl --cacert ca.pem for your own CA",
    literals: words(
      "-k --insecure no-check-certificate sslVerify SSL_NO_VERIFY strict-ssl TLS_REJECT trusted-host " +
        "verify",
    ),
    match: [
      calls("curl", (seen) => given(seen, /^(-[a-zA-Z]{0,8}k[a-zA-Z]{0,8}|--insecure|--proxy-insecure)$/)),
      calls("wget", (seen) => given(seen, /^--no-check-certificate$/)),
      calls(
        "git",
        (seen) =>
          given(seen, /^(http\.)?(http\.)?sslVerify=(false|0)$/i) ||
          (given(seen, /^http\.sslVerify$/i) && given(seen, /^(false|0)$/)),
      ),
      calls("npm yarn", (seen) => given(seen, /^strict-ssl$/) && given(seen, /^false$/)),
      calls("pip pip3", (seen) => given(seen, /^--trusted-host/)),
      assigns(/^(GIT_SSL_NO_VERIFY|NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY)$/, ({ name, value }) =>
        says(value, name.startsWith("GIT") ? /^(1|true)$/ : /^0$/),
      ),
    ],
  },
  {
    id: "shell/host-key-unchecked",
    cwe: 322,
    title: "SSH host key verification disabled",
    severity: "medium",
    why: "An on-path attacker can impersonate the host.",
    fix: "Use StrictHostKeyChecking=accept-new, or compare the output of ssh-keyscan with a known fingerprint",
    literals: ["StrictHostKeyChecking", "UserKnownHostsFile"],
    match: [{ line: /StrictHostKeyChecking[= ]["']?(no|off)\b|UserKnownHostsFile[= ]["']?\/dev\/null/i }],
  },
  {
    id: "shell/packages-unsigned",
    cwe: 347,
    title: "Package signature verification disabled",
    severity: "medium",
    why: "Anyone who can modify the download can install any package.",
    fix: "Import the repository's signing key, and keep verification enabled",
    literals: words(
      "allow-unauthenticated force-yes nogpgcheck no-gpg-check gpgcheck=0 trusted=yes nosignature " +
        "allow-untrusted",
    ),
    match: [
      calls("apt-get apt aptitude yum dnf zypper rpm apk", (seen) =>
        given(
          seen,
          /^--(allow-unauthenticated|force-yes|nogpgcheck|no-gpg-checks|nosignature|allow-untrusted)$/,
        ),
      ),
      { line: /\bgpgcheck\s?=\s?0|\[[^\]]{0,80}trusted=yes[^\]]{0,80}\]/ },
    ],
  },
  {
    id: "shell/temporary-name",
    cwe: 377,
    title: "Predictable temporary file name",
    severity: "medium",
    why: "Another user can create the file, or a symbolic link, before the script does.",
    fix: "Use file=$(mktemp)",
    literals: ["/tmp/"],
    match: [
      { line: /\/tmp\/[\w./-]{0,60}(\$\$|\$\{?RANDOM\}?)/ },
      calls(
        "!redirect",
        (seen) =>
          /^\d?>/.test(source(seen)) && /\/tmp\/[\w-]{1,60}\.(sh|py|sql|conf|key|pem)"?$/.test(source(seen)),
      ),
    ],
  },
  {
    id: "shell/secret-in-argument",
    cwe: 214,
    title: "Secret in a command-line argument",
    severity: "medium",
    why: "Every local user can see it in the process list, and the shell history stores it.",
    fix: "Use a file that only the owner can read: curl --netrc, mysql --defaults-extra-file, keys for ssh",
    literals: ["sshpass", "-p", "-u", "--user", "password"],
    secret: true,
    match: [
      calls("sshpass", (seen) => given(seen, /^-p/) || /\s-p\s?["'$\w]/.test(source(seen))),
      calls(
        "mysql mysqldump mariadb mysqladmin",
        (seen) =>
          /\s(-p["'$\w]|--password=["'$\w])/.test(source(seen)) && !/\s-p(ort|rotocol)/.test(source(seen)),
      ),
      calls("curl", (seen) =>
        /\s(-u|--user|--proxy-user)[ =]["']?[\w.$@{}-]{1,60}:["']?[\w$!{}]/.test(source(seen)),
      ),
      calls(
        "wget openssl redis-cli psql docker",
        (seen) =>
          /\s--(http-|ftp-)?password[= ]["']?[\w$]/.test(source(seen)) ||
          (seen.path === "docker" && given(seen, /^login$/) && /\s-p\s?["'$\w]/.test(source(seen))),
      ),
    ],
  },
  {
    id: "shell/secret-in-script",
    cwe: 798,
    title: "Hard-coded secret in a script",
    severity: "high",
    why: "Anyone who can read the script has the secret.",
    fix: "Use PASSWORD=$(cat /run/secrets/password), or ${PASSWORD:?} from the environment",
    literals: ["PASS", "pass", "SECRET", "secret", "TOKEN", "token", "KEY", "key", "PWD", "pwd"],
    secret: true,
    match: [
      assigns(/./, ({ name, value }) => {
        const text = value.constant;
        if (typeof text !== "string" || text.length < 4 || /^[/~.]|[\s*]/.test(text)) return false;
        return isWrittenSecret(name, value) && !/^(PWD|OLDPWD)$|_(FILE|DIR|PATH|NAME|ID)$/i.test(name);
      }),
    ],
  },
  {
    id: "shell/weak-cipher",
    cwe: 327,
    title: "Broken cipher",
    severity: "high",
    why: "DES and RC4 are broken. ECB mode reveals which blocks are equal.",
    fix: "Use openssl enc -aes-256-cbc -pbkdf2, age or gpg",
    literals: ["openssl"],
    match: [
      calls("openssl", (seen) =>
        given(
          seen,
          /^-(des3?|des-ede3?(-cbc)?|rc2|rc4|bf|des-(cbc|ecb)|aes-?(128|192|256)-ecb|ssl3|tls1|tls1_1)$/,
        ),
      ),
    ],
  },
  {
    id: "shell/weak-key",
    cwe: 326,
    title: "Cryptographic key too short",
    severity: "medium",
    why: "RSA keys below 2048 bits can be factored.",
    fix: "Use openssl genpkey -algorithm ed25519 or ssh-keygen -t ed25519",
    literals: ["genrsa", "rsa:", "ssh-keygen"],
    match: [
      calls(
        "openssl",
        (seen) =>
          (given(seen, /^genrsa$/) && given(seen, /^(512|768|1024)$/)) || given(seen, /^rsa:(512|768|1024)$/),
      ),
      calls(
        "ssh-keygen",
        (seen) => given(seen, /^dsa$/) || (given(seen, /^(512|768|1024)$/) && given(seen, /^-b$/)),
      ),
    ],
  },
  {
    id: "shell/weak-hash",
    cwe: 328,
    title: "Weak password hash",
    severity: "medium",
    why: "An attacker can guess passwords from the hash in seconds.",
    fix: "Use mkpasswd -m yescrypt, openssl passwd -6 or argon2",
    literals: ["md5", "sha1", "passwd"],
    match: [
      calls("!pipe", (seen) =>
        /\$\{?\w{0,30}pass\w{0,20}[\s\S]{0,40}\|\s{0,9}(md5sum|sha1sum|openssl\s{1,9}(dgst\s{1,9}-)?(md5|sha1))/i.test(
          source(seen),
        ),
      ),
      calls("openssl", (seen) => given(seen, /^passwd$/) && given(seen, /^-(1|crypt|apr1)$/)),
    ],
  },
  {
    id: "shell/clear-text",
    cwe: 319,
    title: "Unencrypted remote session",
    severity: "medium",
    why: "An eavesdropper on the network can read passwords and commands.",
    fix: "Use ssh, scp and sftp",
    literals: ["telnet", "rsh", "rlogin", "rcp", "ftp"],
    match: [calls("telnet rsh rlogin rcp ftp", ({ args }) => args.length > 0)],
  },
  {
    id: "shell/password-shown",
    cwe: 549,
    title: "Password echoed while it is typed",
    severity: "low",
    why: "Bystanders and terminal logs can read it.",
    fix: "Use read -rs PASSWORD",
    literals: ["read "],
    match: [
      calls(
        "read",
        (seen) =>
          given(seen, /^(\w{0,20}_)?(pass(word|wd|phrase)?|secret|pin)$/i) && !given(seen, /^-[a-z]{0,4}s/),
      ),
    ],
  },
];
