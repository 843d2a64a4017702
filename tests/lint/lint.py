#!/usr/bin/env python3
"""Checks the rules of the house that a compiler does not know: README.md, "The map".

  lint.py [ROOT]       every rule over the tree; exit 1 with one line a fault
  lint.py --self-test  every file under bad/RULE/ must be caught by RULE, and nothing under good/ by any

A rule is a function check_NAME(tree) that yields (path, line, message)."""

import pathlib
import re
import subprocess
import sys

import csource

HERE = pathlib.Path(__file__).resolve().parent
BASE, STORE, QUERY = "agent/base", "recorder/store", "recorder/query"
EVENTS = ["recorder/event.h", "recorder/recording.h"]
READER = EVENTS + ["recorder/query/reader.h", "recorder/query/expr.h", "recorder/query/field.h"]

# The map. Folder → our own headers it may include (folders, or single headers), libraries it may use.
# The longest folder that is a prefix counts. A folder may always include itself.
MAP = {
    "agent/base": ([], []),
    "agent/wire": ([BASE], ["cjson", "md", "zstd"]),
    "agent/net": ([BASE, "agent/wire"], ["bearssl", "md"]),
    "agent/transfer": ([BASE, "agent/wire", "agent/net"], ["md", "zstd"]),
    "agent/opener": ([BASE, STORE, "recorder"] + EVENTS, []),
    "agent/session": ([BASE, "agent/wire", QUERY, STORE] + EVENTS, ["cjson", "seccomp"]),
    "agent/client": ([BASE, "agent/wire", "agent/net", "agent/transfer", "agent/opener", "agent/session", STORE, QUERY, "recorder"] + EVENTS, ["cjson", "zstd", "md"]),
    "agent": (["agent", "recorder"], ["cjson", "zstd", "zlib", "seccomp"]),
    "recorder": ([BASE, STORE], ["audit", "md", "zlib", "zstd"]),
    "recorder/store": ([BASE] + EVENTS, ["sqlite"]),
    "recorder/query": ([BASE, STORE] + EVENTS, ["sqlite", "pcre2"]),
    "server": ([BASE, "agent/wire", "agent/net", "agent/transfer", "agent/session", STORE, QUERY, "server"] + EVENTS, ["sqlite", "cjson", "gnutls", "crypt", "glib", "zstd"]),
    "server/evidence": ([BASE, STORE, QUERY] + EVENTS, ["sqlite", "cjson"]),
    "timeline/model": ([BASE] + READER, []),
    "timeline/view": ([BASE, "timeline/model"] + READER, ["glib", "gtk", "cairo"]),
    "gui": (["agent", "recorder", "timeline", "server/evidence"], ["glib", "gtk", "cairo", "cjson", "handy", "zlib", "zstd", "minizip", "atk"]),
    "assets": ([], []),
}
# Libraries that one file alone hides from all others.
ONE_FILE = {"bearssl": "agent/net/tls.c"}
# The desktop app reads recordings and imports logs, but never becomes a recorder.
RECORDER_SOURCES = ["recorder/" + name for name in ("netlink.h", "rules.h", "restore.h", "procfs.h", "capture.h")]
NETWORK = ["sys/socket.h", "sys/un.h", "netinet/", "netdb.h", "net/", "linux/netlink.h"]
FILES = ["fcntl.h", "sys/stat.h", "dirent.h", "sys/mman.h"]
# Folder → headers and calls that it may never use, beyond what the map leaves out.
NEVER_INCLUDE = {
    "agent/base": NETWORK,
    "agent/wire": NETWORK + FILES,
    "recorder": ["netdb.h"],
    "recorder/store": NETWORK,
    "recorder/query": ["netdb.h", "sys/un.h"],
    "timeline/model": NETWORK + FILES,
    "timeline/view": NETWORK + ["gio/gnetworking.h"],
    "gui": RECORDER_SOURCES,
    "server/evidence": NETWORK,
}
NET_CALLS = {"connect", "listen", "accept", "accept4", "getaddrinfo"}
NEVER_CALL = {
    "agent/wire": NET_CALLS | {"socket", "open", "openat", "fopen", "read", "write", "send", "recv", "sendmsg", "recvmsg"},
    "recorder": NET_CALLS,
    "timeline": NET_CALLS | {"socket"},
    "server/evidence": NET_CALLS | {"socket"},
}

# Which library a header belongs to; which one a dependency() in a meson.build does.
LIBRARY_OF_HEADER = [
    (r"sqlite3\.h$", "sqlite"), (r"cjson/", "cjson"), (r"pcre2\.h$", "pcre2"), (r"zstd", "zstd"), (r"zlib\.h$", "zlib"), (r"minizip/", "minizip"),
    (r"libaudit\.h$", "audit"), (r"(md5|sha1|sha2)\.h$", "md"), (r"seccomp\.h$", "seccomp"), (r"bearssl\.h$", "bearssl"), (r"gnutls/", "gnutls"), (r"crypt\.h$", "crypt"),
    (r"(glib|gio|gobject|gmodule|glib-unix)[/.]|glib-object\.h|glib/", "glib"), (r"gtk/|gdk|pango", "gtk"),
    (r"cairo", "cairo"), (r"(libhandy|handy)", "handy"), (r"atk/", "atk"), (r"cmocka\.h$", "cmocka"),
]
LIBRARY_OF_DEPENDENCY = {
    "sqlite3": "sqlite", "libcjson": "cjson", "libpcre2-8": "pcre2", "libzstd": "zstd", "zlib": "zlib", "minizip": "minizip",
    "audit": "audit",
    "libmd": "md", "bearssl": "bearssl",
    "libseccomp": "seccomp", "gnutls": "gnutls", "libcrypt": "crypt", "glib-2.0": "glib", "gio-2.0": "glib", "gio-unix-2.0": "glib",
    "gobject-2.0": "glib", "gtk+-3.0": "gtk", "cairo": "cairo", "pangocairo": "gtk", "pango": "gtk", "cairo-svg": "cairo",
    "cairo-pdf": "cairo", "libhandy-1": "handy", "threads": None, "atk": "atk", "gdk-pixbuf-2.0": "gtk",
    "gdk-3.0": "gtk", "gtk+-x11-3.0": "gtk",
}
# declare_dependency name → folder.
FOLDER_OF_DEPENDENCY = {
    "base": BASE, "wire": "agent/wire", "net": "agent/net", "transfer": "agent/transfer", "opener": "agent/opener",
    "session": "agent/session", "client": "agent/client", "store": STORE, "query": QUERY,
    "recorder": "recorder", "timeline_model": "timeline/model", "timeline_view": "timeline/view",
    "evidence": "server/evidence", "agent_commands": "agent", "server": "server",
}
STANDARD = re.compile(
    r"(assert|byteswap|ctype|dirent|endian|errno|elf|fcntl|fenv|float|fnmatch|ftw|getopt|glob|grp|inttypes|langinfo|limits|"
    r"link|locale|malloc|math|mntent|netdb|poll|pthread|pty|pwd|regex|sched|search|semaphore|setjmp|shadow|signal|spawn|"
    r"stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syslog|termios|time|uchar|"
    r"unistd|utime|utmp|utmpx|wchar|wctype|ucontext|execinfo)\.h$|(sys|netinet|arpa|net|linux|asm|asm-generic)/.*\.h$")

# What may say something on its own. All else returns errors.
SPEAKERS = re.compile(r"(agent/(main|cmd[^/]*)\.c|agent/base/(log|cmd)\.[ch]|gui/.*|server/[^/]*|tests/.*)$")
BANNED = {
    "system": "starts a shell: posix_spawn", "popen": "starts a shell: posix_spawn", "alloca": "no bound",
    "strcpy": "no bound", "strcat": "no bound", "sprintf": "no bound: snprintf", "vsprintf": "no bound: vsnprintf",
    "gets": "no bound", "strtok": "not reentrant", "atoi": "no errors: span_to_i64", "atol": "no errors: span_to_i64",
    "mktemp": "a race", "tmpnam": "a race", "strncpy": "does not terminate: memcpy", "localtime": "not reentrant",
    "gmtime": "not reentrant: clock_split", "readdir_r": "no bound", "setjmp": "skips clean-up", "longjmp": "skips clean-up",
}
PRINTS = {"printf", "puts", "putchar", "perror", "fprintf", "vprintf", "vfprintf", "g_print", "g_printerr", "warn", "warnx", "err", "errx",
          "log_error", "log_warning", "log_info", "log_debug"}
FHS = {"bin", "boot", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"}
REQUIRED_FLAGS = ["-Wvla", "-Walloca", "-Wshadow", "-Wstrict-prototypes", "-Wformat=2", "-Wmissing-prototypes",
                  "werror=true", "-fstack-protector-strong", "-Wl,-z,relro", "-Wl,-z,now"]


class Tree:
    """The files that the rules look at. `scale` shrinks the size limits, for small bad examples."""

    def __init__(self, root, paths=None, scale=1, forbidden_paths=None):
        self.root = pathlib.Path(root)
        self.scale = scale
        self.paths = paths if paths is not None else tracked(self.root)
        self.forbidden_paths = machine_paths(self.root) if forbidden_paths is None else forbidden_paths
        self.warnings = []
        self.cache = {}

    def text(self, path):
        if path not in self.cache:
            try:
                self.cache[path] = (self.root / path).read_text()
            except (UnicodeDecodeError, FileNotFoundError):
                self.cache[path] = ""
        return self.cache[path]

    def source(self, path):
        key = ("source", path)
        if key not in self.cache:
            self.cache[key] = csource.Source(self.text(path))
        return self.cache[key]

    def c_files(self, tests=True):
        return [path for path in self.paths if re.search(r"\.[ch]$", path) and (tests or not path.startswith("tests/"))]


def tracked(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if listed.returncode == 0:
        paths = [p for p in listed.stdout.decode().split("\0") if p]
    else: # a release without .git
        paths = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
    return [p for p in paths if not p.startswith(("tests/lint/bad/", "tests/lint/good/", "build")) and (root / p).is_file()]


def machine_paths(root):
    """Places of this very check-out that no file may name: itself, its parent unless every system has that one."""
    root = root.resolve()
    found = [str(root) + "/"]
    if root.parent.parts[1:] and not (len(root.parent.parts) == 2 and root.parent.name in FHS):
        found.append(str(root.parent) + "/")
    return found


def folder_of(table, path):
    """The longest key of table that holds path."""
    best = None
    for folder in table:
        if path.startswith(folder + "/") and (best is None or len(folder) > len(best)):
            best = folder
    return best


def inside(path, places):
    return any(path == place or path.startswith(place.rstrip("/") + "/") for place in places)


# ---- the map ----

def check_map_include(tree):
    for path in tree.c_files(tests=False):
        folder = folder_of(MAP, path)
        if folder is None:
            yield path, 1, "is in no folder of the map"
            continue
        ours, libraries = MAP[folder]
        never = {f: headers for f, headers in NEVER_INCLUDE.items() if path.startswith(f + "/")}
        for line, kind, header in tree.source(path).includes:
            if kind == '"':
                if header.startswith(folder + "/") and folder_of(MAP, header) == folder or inside(header, ours):
                    if any(header in headers for headers in never.values()):
                        yield path, line, f"{folder} may never use {header}"
                elif header.count("/") or (tree.root / path).with_name(header).exists():
                    yield path, line, f"{folder} may not use {header}"
                continue
            library = next((name for pattern, name in LIBRARY_OF_HEADER if re.match(pattern, header)), None)
            if library is None and not STANDARD.match(header):
                yield path, line, f"<{header}>: the lint does not know which library this is"
            elif library is not None and library not in libraries:
                yield path, line, f"{folder} may not use {library} (<{header}>)"
            elif library in ONE_FILE and path != ONE_FILE[library]:
                yield path, line, f"only {ONE_FILE[library]} may use {library} (<{header}>)"
            for headers in never.values():
                if any(header == n or n.endswith("/") and header.startswith(n) for n in headers):
                    yield path, line, f"{folder} may never use <{header}>"


def check_map_call(tree):
    for path in tree.c_files(tests=False):
        banned = set().union(*(calls for f, calls in NEVER_CALL.items() if path.startswith(f + "/")))
        for line, name in tree.source(path).calls if banned else []:
            if name in banned:
                yield path, line, f"{folder_of(MAP, path)} may never call {name}()"


def check_map_link(tree):
    for path in tree.paths:
        if not path.endswith("/meson.build") or path.startswith("tests/"):
            continue
        folder = folder_of(MAP, path)
        if folder is None:
            yield path, 1, "is in no folder of the map"
            continue
        ours, libraries = MAP[folder]
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            line = re.sub(r"#.*", "", line)
            for name in re.findall(r"dependency\('([^']+)'", line):
                if name not in LIBRARY_OF_DEPENDENCY:
                    yield path, number, f"dependency {name}: the lint does not know which library this is"
                elif LIBRARY_OF_DEPENDENCY[name] not in libraries + [None]:
                    yield path, number, f"{folder} may not link {name}"
            for name in re.findall(r"\b(\w+)_(?:dep|lib)\b", line):
                other = FOLDER_OF_DEPENDENCY.get(name)
                if other and other != folder and not inside(other, ours) and not any(o.startswith(other) for o in ours):
                    yield path, number, f"{folder} may not link {name}_dep"


def check_root(tree):
    allowed = {"meson.build", "meson_options.txt", "bootstrap", "README.md", "LICENSE",
               "agent", "recorder", "gui", "server", "timeline", "assets", "tests", "flatpak"}
    for name in sorted({path.split("/")[0] for path in tree.paths}):
        if name not in allowed and not name.startswith("."):
            yield name, 1, "the root of the tree is full"


# ---- names ----

def prefixes(tree, path):
    """What public functions of this file may start with: cmd-record.c → cmd_record_, cmd_; its folder's name; the
    names of the types in its header."""
    path = pathlib.PurePath(path)
    words = re.split(r"[-.]", path.stem)
    names = {"_".join(words[:n]) for n in range(1, len(words) + 1)} | {path.parent.name}
    for n in range(1, len(words) + 1):
        header = str(path.with_name("-".join(words[:n]) + ".h"))
        if header in tree.paths:
            names |= tree.source(header).types
    return names | {"spoor_" + name for name in names} # a GObject type's name begins with its program's


def check_prefix(tree):
    for path in tree.c_files(tests=False):
        allowed = prefixes(tree, path)
        for function in tree.source(path).functions:
            name = function.name
            if function.static and path.endswith(".c") or name in ("main", "LLVMFuzzerTestOneInput"):
                continue
            if name.startswith("cleanup_") or any(name == p or name.startswith(p + "_") for p in allowed):
                continue
            yield path, function.line, f"{name}: a public function here starts with one of {' '.join(sorted(allowed))}"


# ---- size and shape ----

def limited(tree, path, line, what, value, warn, fail):
    if value > fail * tree.scale:
        yield path, line, f"{what}: {value} lines, at most {int(fail * tree.scale)}"
    elif value > warn * tree.scale:
        tree.warnings.append((path, line, f"{what}: {value} lines, better at most {int(warn * tree.scale)}"))


def check_function_size(tree):
    for path in tree.c_files():
        for function in tree.source(path).functions:
            if function.lines:
                yield from limited(tree, path, function.line, function.name, function.lines, 60, 120)


def check_file_size(tree):
    for path in tree.paths:
        if re.search(r"\.([ch]|py|sh)$|^bootstrap$", path):
            yield from limited(tree, path, 1, "file", tree.text(path).count("\n"), 700, 1200)


def check_nesting(tree):
    for path in tree.c_files():
        for function in tree.source(path).functions:
            if function.nesting > 4:
                yield path, function.line, f"{function.name}: nesting {function.nesting}, at most 4"


def check_line_length(tree):
    """120 columns are meant, with tabs of 8; a few more are not worth a fault."""
    for path in tree.c_files():
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            width = len(line.expandtabs(8))
            if width > 132:
                yield path, number, f"line of {width} columns, at most 120"


# ---- what may be written ----

def check_banned(tree):
    for path in tree.c_files():
        for line, name in tree.source(path).calls:
            if name in BANNED:
                yield path, line, f"{name}(): {BANNED[name]}"


def check_print(tree):
    for path in tree.c_files():
        if SPEAKERS.match(path):
            continue
        for line, name in tree.source(path).calls:
            if name in PRINTS:
                yield path, line, f"{name}(): library code returns errors, it never prints or logs"


def check_todo(tree):
    for path in tree.paths:
        if path.startswith("tests/lint/"):
            continue
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line) and re.search(r"\.([chy]|py|sh|build|md)$|^bootstrap$", path):
                yield path, number, "unfinished: do it or leave it"


def check_machine_path(tree):
    for path in tree.paths:
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            for place in tree.forbidden_paths:
                if re.search(r"(?<![\w.}~-])" + re.escape(place), line):
                    yield path, number, f"names a place of one machine: {place}"


def check_header(tree):
    for path in tree.c_files():
        if path.endswith(".h"):
            if "#pragma once" not in tree.text(path):
                yield path, 1, "no #pragma once"
            if not tree.text(path).startswith("/* "):
                yield path, 1, "a header starts with a comment that says what it is for"


def check_potfiles(tree):
    """Words for the user are found only in files that assets/po/POTFILES names."""
    listed = tree.text("assets/po/POTFILES").split()
    for number, path in enumerate(listed, 1):
        if path not in tree.paths:
            yield "assets/po/POTFILES", number, f"{path} is not there"
    for path in tree.paths:
        if path.startswith(("gui/", "timeline/view/")) and path.endswith(".c"):
            words = re.search(r"\b(N?C?_|ngettext)\(\s*\"", tree.text(path))
        else:
            words = path.startswith("assets/ui/") and 'translatable="yes"' in tree.text(path)
        if words and path not in listed:
            yield path, 1, "has words for the user, and is not in assets/po/POTFILES"


LITERAL = r'"(?:[^"\\\n]|\\.)*"'
MARKED = re.compile(r"\b(N?_|ngettext)\(\s*((?:" + LITERAL + r"|\w+|\s)+)(,\s*(?:" + LITERAL + r"|\w+|\s)+)?")
# Files of the app whose texts are not the user's language: commands and files are read by programs.
NOT_WORDS = re.compile(r"gui/(cmd.*|export|export-(facts|file|text|xlsx)|application|main|stall-watch|search-model)\.c$")
# Two words, or one with a space before or behind; but no expressions, markup, resources, messages to developers.
WORDS = re.compile(r"[A-Za-z]{2,}[,:.]? [a-z]{2,}|^\W*[ ·,:][a-z]{3,}\.?$|^[a-zA-Z]{3,}[,:]? $|[a-z]…|^[A-Z][a-z]{2,}$")
NO_WORDS = re.compile(r"==|\b(process|event|file)\.[a-z]|^(session)?: |@|<[a-z/]|::|^/|\b(in|not|or|and|cased) \(?$|^(Spoor|Monospace|Xg)$|SQLite|out of memory")


def without_comments(text):
    return re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


def check_unmarked(tree):
    """What a user reads is written _("…")."""
    for path in tree.paths:
        if not path.startswith(("gui/", "timeline/view/")) or not path.endswith(".c") or NOT_WORDS.search(path):
            continue
        text = MARKED.sub(lambda m: re.sub(r"[^\n]", "~", m.group()), without_comments(tree.text(path)))
        for number, line in enumerate(text.splitlines(), 1):
            for literal in re.findall(LITERAL, "" if line.startswith("#") or "g_warning(" in line else line):
                plain = re.sub(r"%[-+ #0-9.*']*(?:l|ll|z|h)?[a-zA-Z%]|\\.", "", literal[1:-1])
                if WORDS.search(plain) and not NO_WORDS.search(literal[1:-1]):
                    yield path, number, f"words for the user that are not marked: {literal}"


def check_marked(tree):
    """A marked text is one literal, as gettext finds it, and a whole sentence: its ends are no separators."""
    for path in tree.c_files():
        if not path.startswith(("gui/", "timeline/view/")):
            continue
        text = without_comments(tree.text(path))
        for match in MARKED.finditer(text):
            number = text.count("\n", 0, match.start()) + 1
            for part in filter(None, match.groups()[1:]):
                words = "".join(re.findall(LITERAL, part)).replace('""', "")
                if words and re.search(r"\b[A-Z_]{4,}", re.sub(LITERAL, "", part)):
                    yield path, number, "a macro in a marked text: make the number a text, and say %s"
                elif re.search(r'^"[ ,·;]|[ ,·;]"$', words):
                    yield path, number, f"a piece of a sentence: another language orders it otherwise: {words}"


def check_flags(tree):
    if "meson.build" not in tree.paths:
        return
    for flag in REQUIRED_FLAGS:
        if f"'{flag}'" not in tree.text("meson.build"):
            yield "meson.build", 1, f"{flag} is gone"


RULES = {name.removeprefix("check_").replace("_", "-"): function
         for name, function in list(globals().items()) if name.startswith("check_")}


def faults(tree, rule):
    return sorted(set(RULES[rule](tree)))


def lint(root):
    tree = Tree(root)
    bad = 0
    for rule in RULES:
        for path, line, message in faults(tree, rule):
            print(f"{path}:{line}: {message} [{rule}]")
            bad += 1
    for path, line, message in tree.warnings:
        print(f"{path}:{line}: warning: {message}")
    print(f"{len(tree.paths)} files, {len(RULES)} rules, {bad} faults, {len(tree.warnings)} warnings")
    return 1 if bad else 0


def examples(folder):
    return [str(p.relative_to(folder)) for p in sorted(folder.rglob("*")) if p.is_file()]


def self_test():
    bad = 0
    for rule in RULES:
        folder = HERE / "bad" / rule
        paths = examples(folder) if folder.is_dir() else []
        tree = Tree(folder, paths, scale=0.1, forbidden_paths=["/nonesuch/"])
        caught = {path for path, _, _ in faults(tree, rule)}
        for path in paths:
            if path not in caught and path.split("/")[0] not in caught:
                print(f"bad/{rule}/{path}: not caught by {rule}")
                bad += 1
        if not paths:
            print(f"{rule}: no bad example")
            bad += 1
    good = HERE / "good"
    tree = Tree(good, examples(good), forbidden_paths=["/nonesuch/"])
    for rule in RULES:
        for path, line, message in faults(tree, rule):
            print(f"good/{path}:{line}: {message} [{rule}]")
            bad += 1
    print(f"{len(RULES)} rules, {bad} of them blind or wrong" if bad else f"{len(RULES)} rules, each catches its examples")
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    sys.exit(lint(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent.parent).resolve()))
