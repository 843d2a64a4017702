"""Reads C far enough for the lint: includes, functions with their length and nesting, calls."""

import re

TOKEN = re.compile(r"""
    (?P<space>[ \t\r\f\v]+|\\\n) | (?P<newline>\n) |
    (?P<comment>/\*.*?\*/|//[^\n]*) |
    (?P<string>(?:L|u8|u|U)?"(?:\\.|[^"\\\n])*"|(?:L|u|U)?'(?:\\.|[^'\\\n])*') |
    (?P<word>[A-Za-z_]\w*) | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*) |
    (?P<sign>->|\+\+|--|<<=|>>=|[-+*/%&|^=!<>]=|&&|\|\||<<|>>|\.\.\.|.)
""", re.S | re.X)
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
BRANCHES = {"if", "for", "while", "switch"}
NOT_CALLS = BRANCHES | {"return", "sizeof", "do", "else", "case", "defined", "_Alignof", "_Static_assert", "__attribute__",
                        "__typeof__", "typeof", "_Generic", "alignof", "static_assert"}
PAIRS = {"(": ")", "[": "]", "{": "}"}


class Function:
    def __init__(self, name, line, static):
        self.name, self.line, self.static = name, line, static
        self.lines = 0    # 0: only declared
        self.nesting = 0


class Source:
    def __init__(self, text):
        self.includes = []   # (line, '<' or '"', header)
        self.functions = []
        self.calls = []      # (line, name), inside function bodies
        self.tokens = []     # (word, line)
        self.types = set(re.findall(r"^(?:struct|union|enum|typedef struct) (\w+)", text, re.M))
        self._read(text)
        self._file()

    def _read(self, text):
        code, lines = [], text.split("\n")
        at, directive = 0, False
        for number, line in enumerate(lines, 1): # directives go, their lines stay
            begins = line.lstrip().startswith("#") and not directive
            include = INCLUDE.match(line) if begins else None
            if include:
                self.includes.append((number, include.group(1), include.group(2)))
            code.append("" if begins or directive else line)
            directive = (begins or directive) and line.endswith("\\")
        line, text = 1, "\n".join(code)
        while at < len(text):
            match = TOKEN.match(text, at)
            kind, word = match.lastgroup, match.group()
            if kind in ("word", "number", "sign"):
                self.tokens.append((word, line))
            elif kind == "string":
                self.tokens.append(('""', line))
            line += word.count("\n")
            at = match.end()

    def _word(self, i):
        return self.tokens[i][0] if 0 <= i < len(self.tokens) else ""

    def _close(self, i):
        """The index behind the bracket that matches the one at i."""
        depth = 0
        while i < len(self.tokens):
            word = self.tokens[i][0]
            if word in PAIRS:
                depth += 1
            elif word in (")", "]", "}"):
                depth -= 1
                if depth == 0:
                    return i + 1
            i += 1
        return i

    # Top level: a declaration is what stands between two ; or }.
    def _file(self):
        i = start = 0
        while i < len(self.tokens):
            word = self._word(i)
            if word == "(":
                end = self._close(i)
                if i == start + 1 and re.match(r"[A-Za-z_]", self._word(end)) and self._word(end) != "__attribute__":
                    start = end # G_DEFINE_TYPE(…) without a semicolon
                i = end
            elif word == "{":
                end = self._close(i)
                function = self._function(start, i)
                if function:
                    self._body(function, i, end)
                    start = end
                elif self._word(end) not in (";", ",", "=") and self._aggregate(start, i) is False:
                    start = end
                i = end
            elif word == ";":
                self._function(start, i)
                i += 1
                start = i
            else:
                i += 1

    def _aggregate(self, start, end):
        return any(self._word(k) in ("struct", "union", "enum", "=") for k in range(start, end))

    def _function(self, start, end):
        """The function that tokens [start, end) declare, or None."""
        words = [self._word(k) for k in range(start, end)]
        if not words or words[0] == "typedef" or "=" in words or words[0] == "extern" and '""' in words:
            return None
        k = start
        while k < end and not (self._word(k) == "(" and k > start and re.match(r"[A-Za-z_]\w*$", self._word(k - 1))
                               and self._word(k - 1) not in ("__attribute__", "__extension__", "CLEANUP")):
            k = self._close(k) if self._word(k) in ("(", "[", "{") else k + 1
        if k >= end or k - 1 == start: # no name, or a macro at the top level
            return None
        if self._word(self._close(k)) not in ("{", ";", "__attribute__", "G_GNUC_PRINTF", "G_GNUC_NORETURN"):
            if self._close(k) != end:
                return None
        function = Function(self._word(k - 1), self.tokens[k - 1][1], "static" in words)
        self.functions.append(function)
        return function

    def _body(self, function, start, end):
        function.lines = self.tokens[end - 1][1] - self.tokens[start][1] + 1
        function.nesting = self._nesting(start + 1, end - 1)
        for i in range(start, end):
            word, line = self.tokens[i]
            if self._word(i + 1) == "(" and re.match(r"[A-Za-z_]\w*$", word) and word not in NOT_CALLS:
                if self._word(i - 1) not in ("->", "."):
                    self.calls.append((line, word))

    def _nesting(self, i, end):
        """Deepest control statement in the statements [i, end)."""
        deepest = 0
        while i < end:
            depth, i = self._statement(i, end)
            deepest = max(deepest, depth)
        return deepest

    def _statement(self, i, end):
        """(nesting, index behind) of the statement at i."""
        word = self._word(i)
        if word == "{":
            close = self._close(i)
            return self._nesting(i + 1, close - 1), close
        if word in BRANCHES:
            return self._branch(i, end)
        if word == "do":
            depth, i = self._statement(i + 1, end)
            return depth + 1, self._close(i + 1) + 1
        if word in ("case", "default") or self._word(i + 1) == ":" and word != "?":
            while i < end and self._word(i) != ":":
                i = self._close(i) if self._word(i) in PAIRS else i + 1
            return 0, i + 1
        return self._simple(i, end)

    def _branch(self, i, end):
        word = self._word(i)
        depth, i = self._statement(self._close(i + 1), end)
        depth += 1
        while word == "if" and self._word(i) == "else":
            if self._word(i + 1) == "if": # a chain is one level
                inner, i = self._statement(self._close(i + 2), end)
            else:
                inner, i = self._statement(i + 1, end)
                word = ""
            depth = max(depth, inner + 1)
        return depth, i

    def _simple(self, i, end):
        start = i
        while i < end and self._word(i) != ";":
            if self._word(i) == "(":
                i = self._close(i)
                if self._word(i) == "{" and self._word(start + 1) == "(" and self._word(start) not in ("return", "*"):
                    # a macro that loops
                    depth, i = self._statement(i, end)
                    return depth + 1, i
            elif self._word(i) in PAIRS:
                i = self._close(i)
            else:
                i += 1
        return 0, i + 1
