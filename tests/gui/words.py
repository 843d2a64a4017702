#!/usr/bin/python3
"""The words of the app, as gettext finds them.

  words.py check SOURCE          each language has every sentence of the sources and no other, none fuzzy, formats alike;
                          77: no tools
  words.py pseudo SOURCE FOLDER  writes a language "en_XA" with accents and 40 % longer, FOLDER/en_XA/LC_MESSAGES/spoor.mo
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

KEYWORDS = ["-k_", "-kN_", "-kngettext:1,2"]
ACCENTS = str.maketrans("aeiouncyAEIOUNCY", "åéîöüñçýÅÉÎÖÜÑÇÝ")
KEEP = re.compile(r"%[-+ #0-9.*']*(?:l|ll|z|h)?[a-zA-Z%]?|\\.|&[a-z]+;|_")


def template(source, to):
    subprocess.run(["xgettext", "-f", "assets/po/POTFILES", "--from-code=UTF-8", *KEYWORDS, "-o", str(to)], cwd=source,
                   check=True, stderr=subprocess.DEVNULL)


def messages(path):
    """(id, plural or None) → translations, as they are written."""
    text = subprocess.run(["msgcat", "--no-wrap", "--no-location", str(path)], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for block in text.split("\n\n")[1:]:
        parts = dict(re.findall(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*"(?:\n".*")*)', block, re.M))
        words = {k: "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', v)) for k, v in parts.items()}
        if words.get("msgid"):
            found[words["msgid"], words.get("msgid_plural")] = [v for k, v in words.items() if k.startswith("msgstr")]
    return found


def launcher_lacks(source, language):
    """What the desktop and software centres show, which holds its translations itself."""
    name = pathlib.Path(source, "assets/org.spoor.Investigator")
    desktop = name.with_suffix(".Investigator.desktop").read_text()
    for key in re.findall(r"^(GenericName|Comment|Keywords)=", desktop, re.M):
        if f"\n{key}[{language}]=" not in desktop:
            yield f"desktop file: {key}"
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    for place in ElementTree.parse(name.with_suffix(".Investigator.metainfo.xml")).iter():
        for tag in ("summary", "p", "li"):
            each = [e.get(lang) for e in place.findall(tag)]
            if each.count(None) != each.count(language):
                yield f"metainfo: <{tag}> in <{place.tag}>: {each.count(None)} in English, {each.count(language)} translated"


def check(source):
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        pot = pathlib.Path(folder, "spoor.pot")
        template(source, pot)
        wanted = messages(pot)
        for language in pathlib.Path(source, "assets/po/LINGUAS").read_text().split():
            po = pathlib.Path(source, f"assets/po/{language}.po")
            bad += subprocess.run(["msgfmt", "-c", "--statistics", "-o", "/dev/null", po]).returncode != 0
            bad += "#, fuzzy" in po.read_text()
            there = messages(po)
            for lack in launcher_lacks(source, language):
                print(f"{language}: {lack}")
                bad += 1
            for key in wanted:
                if not all(there.get(key, [""])):
                    print(f"{language}: not translated: {key[0]}")
                    bad += 1
            for key in there:
                if key not in wanted:
                    print(f"{language}: nowhere in the sources: {key[0]}")
                    bad += 1
    return 1 if bad else 0


def strange(text):
    """Accents on what is no format, and dots to make it longer."""
    out, at = [], 0
    for kept in KEEP.finditer(text):
        out += [text[at:kept.start()].translate(ACCENTS), kept.group()]
        at = kept.end()
    out.append(text[at:].translate(ACCENTS))
    return "".join(out) + "~" * max(1, len(text) * 4 // 10)


def pseudo(source, folder):
    target = pathlib.Path(folder, "en_XA/LC_MESSAGES")
    target.mkdir(parents=True)
    pot, po = target / "spoor.pot", target / "spoor.po"
    template(source, pot)
    out = ['msgid ""\nmsgstr "Language: en_XA\\nContent-Type: text/plain; charset=UTF-8\\n'
           'Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n']
    for one, many in messages(pot):
        if many is None:
            out.append(f'msgid "{one}"\nmsgstr "{strange(one)}"\n')
        else:
            out.append(f'msgid "{one}"\nmsgid_plural "{many}"\nmsgstr[0] "{strange(one)}"\nmsgstr[1] "{strange(many)}"\n')
    po.write_text("\n".join(out))
    subprocess.run(["msgfmt", "-o", target / "spoor.mo", po], check=True)


if __name__ == "__main__":
    if not all(map(shutil.which, ("xgettext", "msgcat", "msgfmt"))):
        print("skipped: gettext is not installed")
        sys.exit(77)
    sys.exit(check(sys.argv[2]) if sys.argv[1] == "check" else pseudo(*sys.argv[2:]))
