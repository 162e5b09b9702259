/** @file What functions of C's libraries do to memory, as tables: who writes how much where, who makes and frees. */

/** A function that moves bytes. */
export interface Moves {
  /** The argument that is written. */
  readonly into?: number;
  /** The argument that is read. */
  readonly from?: number;
  /** Arguments whose product is how many units are moved. */
  readonly count: readonly number[];
  /** A unit is a wide character. */
  readonly wide?: true;
  /** What is written comes from outside. */
  readonly outside?: true;
  /** The text that is read tells the length before the count does. */
  readonly text?: true;
  /** The count is a limit, not what is moved. */
  readonly atMost?: true;
}

function all<T>(names: string, value: T): Record<string, T> {
  return Object.fromEntries(names.split(" ").map((name) => [name, value]));
}

const copy: Moves = { into: 0, from: 1, count: [2] };
const receive: Moves = { into: 1, count: [2], outside: true };

/** Functions that move as many bytes as they are told. */
export const moves: Readonly<Record<string, Moves>> = {
  ...all("memcpy memmove mempcpy CopyMemory RtlCopyMemory MoveMemory RtlMoveMemory memcpy_s", copy),
  ...all("wmemcpy wmemmove", { ...copy, wide: true }),
  ...{ bcopy: { into: 1, from: 0, count: [2] } },
  ...all("memset", { into: 0, count: [2] }),
  ...{ wmemset: { into: 0, count: [2], wide: true } },
  ...all("bzero explicit_bzero ZeroMemory RtlZeroMemory SecureZeroMemory", { into: 0, count: [1] }),
  ...{ FillMemory: { into: 0, count: [1] } },
  ...all("memcmp bcmp", { from: 0, count: [2] }),
  ...all("memchr memrchr", { from: 0, count: [2] }),
  ...all("strncpy stpncpy lstrcpyn", { ...copy, text: true, atMost: true }),
  ...all("wcsncpy _tcsncpy", { ...copy, wide: true, text: true, atMost: true }),
  ...all("read pread recv recvfrom _read SSL_read BIO_read gnutls_record_recv readlink", receive),
  ...{ readlink: { into: 1, count: [2], outside: true, atMost: true } },
  ...{
    fread: { into: 0, count: [1, 2], outside: true },
    fread_unlocked: { into: 0, count: [1, 2], outside: true },
  },
  ...all("fgets", { into: 0, count: [1], outside: true, atMost: true }),
  ...{ fgetws: { into: 0, count: [1], outside: true, wide: true, atMost: true } },
  ...all("write send sendto _write SSL_write", { from: 1, count: [2] }),
  ...{ fwrite: { from: 0, count: [1, 2] } },
  ...all("getcwd gethostname getdomainname getlogin_r", { into: 0, count: [1], atMost: true }),
  ...{ copy_from_user: { into: 0, count: [2], outside: true }, copy_to_user: { from: 1, count: [2] } },
  ...all("getrandom getentropy RAND_bytes arc4random_buf", { into: 0, count: [1] }),
};

/** Copies of text whose length only the text tells: target and source. */
export const copies: Readonly<
  Record<string, { readonly wide?: true; readonly behind?: true; readonly most?: 2 }>
> = {
  ...all("strcpy stpcpy lstrcpy lstrcpyA StrCpy _mbscpy", {}),
  ...all("strcat lstrcat lstrcatA StrCat _mbscat", { behind: true }),
  ...all("wcscpy wcpcpy lstrcpyW StrCpyW", { wide: true }),
  ...all("wcscat lstrcatW StrCatW", { wide: true, behind: true }),
  ...all("strncat _mbsnbcat", { behind: true, most: 2 }),
  ...all("wcsncat", { wide: true, behind: true, most: 2 }),
};

/** Functions that print into memory: the positions of the limit and of the template. */
export const prints: Readonly<
  Record<
    string,
    { readonly limit?: number; readonly template: number; readonly wide?: true; readonly list?: true }
  >
> = {
  ...{ sprintf: { template: 1 }, wsprintf: { template: 1 }, wsprintfA: { template: 1 } },
  ...{ vsprintf: { template: 1, list: true } },
  ...all("snprintf _snprintf", { limit: 1, template: 2 }),
  ...{ vsnprintf: { limit: 1, template: 2, list: true } },
  ...{ swprintf: { limit: 1, template: 2, wide: true }, _snwprintf: { limit: 1, template: 2, wide: true } },
};

/** Functions that give memory: arguments whose product is its size. */
export const makers: Readonly<Record<string, { readonly size: readonly number[]; readonly sure?: true }>> = {
  ...all("malloc g_try_malloc av_malloc av_mallocz", { size: [0] }),
  ...all("kmalloc kzalloc vmalloc vzalloc kvmalloc kvzalloc", { size: [0] }),
  ...all("xmalloc g_malloc g_malloc0 emalloc safe_malloc", { size: [0], sure: true }),
  ...all("calloc kcalloc kmalloc_array av_calloc", { size: [0, 1] }),
  ...all("xcalloc xnmalloc", { size: [0, 1], sure: true }),
  ...{
    realloc: { size: [1] },
    reallocarray: { size: [1, 2] },
    aligned_alloc: { size: [1] },
    valloc: { size: [0] },
  },
  ...{ xrealloc: { size: [1], sure: true }, g_realloc: { size: [1], sure: true } },
  ...all("alloca __builtin_alloca _alloca", { size: [0], sure: true }),
};

/** Functions that give a copy of text. */
export const duplicates: ReadonlySet<string> = new Set(
  "strdup _strdup xstrdup g_strdup wcsdup _wcsdup".split(" "),
);

/** Functions that open what has to be closed, with what closes it. */
export const opens: Readonly<Record<string, string>> = {
  ...all("fopen fdopen tmpfile freopen fopen64 _wfopen", "fclose"),
  ...{ popen: "pclose", _popen: "_pclose", opendir: "closedir" },
};

/** Functions that give a number for what has to be closed, with what closes it; a negative number says that they failed. */
export const descriptors: Readonly<Record<string, string>> = {
  ...all(
    "open open64 openat creat socket accept accept4 epoll_create epoll_create1 inotify_init mkstemp",
    "close",
  ),
  ...all("_open _wopen _sopen memfd_create eventfd timerfd_create signalfd shm_open mq_open", "close"),
  ...all("CreateFile CreateFileA CreateFileW", "CloseHandle"),
};

/** Functions that give memory back, or close. */
export const frees: Readonly<Record<string, string>> = {
  ...all("free cfree kfree vfree kvfree g_free xfree av_free", "free"),
  ...{ fclose: "fclose", pclose: "pclose", _pclose: "_pclose", closedir: "closedir" },
  ...all("close _close closesocket", "close"),
  ...{ CloseHandle: "CloseHandle" },
};

/** Functions that turn text into a number. */
export const numbers: ReadonlySet<string> = new Set(
  "atoi atol atoll strtol strtoul strtoll strtoull strtoimax wcstol _wtoi _wtol stoi stol stoul strtoq".split(
    " ",
  ),
);

/** Functions whose number somebody outside chose, or nobody knows. */
export const outsideNumbers: Readonly<Record<string, number>> = {
  ...{
    ntohl: 4,
    be32toh: 4,
    le32toh: 4,
    be32_to_cpu: 4,
    le32_to_cpu: 4,
    AV_RB32: 4,
    AV_RL32: 4,
    bytestream_get_be32: 4,
  },
  ...{
    ntohs: 2,
    be16toh: 2,
    le16toh: 2,
    be16_to_cpu: 2,
    le16_to_cpu: 2,
    AV_RB16: 2,
    AV_RL16: 2,
    bytestream_get_be16: 2,
  },
};

/** Functions whose number is chance. */
export const chance: ReadonlySet<string> = new Set("rand random lrand48 mrand48 rand_r".split(" "));

/** Functions of others whose name says that they give a number by chance: `random_value()`, `get_random_int()`. */
export const chanceLike: RegExp =
  /^((get|next|gen|generate|make)_?)?u?rand(om)?(_?(u?(int|long|short|char|byte)|num(ber)?|value))?_?\d{0,2}(_t)?$/i;

/** Functions whose result says how much was read, or whether anything was: what they fill is known by it alone. */
export const toldResults: ReadonlySet<string> = new Set(
  "scanf fscanf sscanf wscanf fwscanf swscanf fread read pread recv recvfrom fgets fgetws chdir chroot".split(
    " ",
  ),
);

/** Functions that give text from outside. */
export const outsideTexts: ReadonlySet<string> = new Set(
  "getenv secure_getenv _wgetenv readline gets cgiFormString getpass".split(" "),
);

/** Functions that read what they are handed and keep nothing of it. */
export const readers: ReadonlySet<string> = new Set(
  (
    "printf fprintf wprintf fwprintf puts fputs fputc putchar putc perror strlen wcslen strnlen " +
    "strcmp strncmp wcscmp strcasecmp strncasecmp strchr strrchr strstr strpbrk strspn strcspn " +
    "wcschr wcsstr isalpha isdigit isalnum isspace toupper tolower abs assert access stat lstat open " +
    "close unlink remove rename mkdir chmod fflush feof ferror fgetc getc getchar fseek ftell rewind " +
    "fileno system execl execlp popen strtok vprintf vfprintf syslog exit abort qsort bsearch time " +
    "difftime htonl htons inet_addr socket connect bind listen accept _stricmp opendir readdir " +
    "fstat lseek ioctl fcntl fsync fdatasync ftruncate isatty setsockopt getsockopt getpeername getsockname shutdown " +
    "select poll flock fchmod fchown WriteFile ReadFile GetFileSize SetFilePointer GetLastError ungetc clearerr " +
    "setvbuf putenv fputws fputwc strcoll iswspace iswdigit MultiByteToWideChar"
  ).split(" "),
);

/** Readers that look behind each pointer they are handed. */
export const followers: ReadonlySet<string> = new Set(
  (
    "strlen wcslen strcmp strncmp strcasecmp strncasecmp strchr strrchr strstr strcpy strcat strncpy strncat memcpy " +
    "memmove memset memcmp sprintf fgets fread fwrite fputs puts atoi atol fclose fprintf fgetc getc fseek ftell"
  ).split(" "),
);

/** Functions that start a program: the position of its command line, behind that of its name where it is above 0. */
export const starts: Readonly<Record<string, number>> = {
  ...all("CreateProcess CreateProcessA CreateProcessW", 1),
  ...all("CreateProcessAsUser CreateProcessAsUserA CreateProcessAsUserW", 2),
  ...{ CreateProcessWithTokenW: 3, CreateProcessWithLogonW: 5, WinExec: 0 },
};

/** Functions that give up rights: where they fail the program goes on with all of them. */
export const dropsRights: ReadonlySet<string> = new Set(
  (
    "setuid setgid seteuid setegid setreuid setregid setresuid setresgid setgroups initgroups chroot cap_set_proc " +
    "RevertToSelf ImpersonateLoggedOnUser ImpersonateNamedPipeClient SetThreadToken pam_setcred"
  ).split(" "),
);

/** Functions that do not come back. */
export const ends: ReadonlySet<string> = new Set(
  "exit _exit _Exit abort quick_exit err errx die longjmp __builtin_unreachable terminate panic BUG fatal usage".split(
    " ",
  ),
);
