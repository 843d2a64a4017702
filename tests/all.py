#!/usr/bin/env python3
"""Runs every test and ends with one line: N passed, N failed[, N skipped]. Called by ./bootstrap test.

Stages: all suites of build/ (the system tests with the static agent of build-static/), the static agent itself, an
ASan+UBSan build of everything, a TSan build for the suite `threads`, and the fuzzers for a minute together."""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
AGENT_LIMIT = 3 * 1024 * 1024
FUZZ_SECONDS = 60
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
OUTCOMES = {"OK": PASSED, "EXPECTEDFAIL": PASSED, "SKIP": SKIPPED}


class Tally:
    def __init__(self):
        self.counts = {PASSED: 0, FAILED: 0, SKIPPED: 0}
        self.failures = []
        self.started = time.monotonic()

    def add(self, name, outcome, seconds, output=""):
        self.counts[outcome] += 1
        line = f"{outcome:8} {name}  ({seconds:.1f} s)"
        if outcome == SKIPPED:
            line += ": " + (last_line(output) or "NO REASON GIVEN")
        print(line, flush=True)
        if outcome == FAILED:
            self.failures.append(name)
            for text in output.splitlines()[-80:]:
                print("    | " + text)

    def stage(self, title):
        print(f"\n== {title}  [{time.monotonic() - self.started:.0f} s]", flush=True)

    def summary(self):
        if self.failures:
            print("\nfailed: " + ", ".join(self.failures))
        print(f"\nall stages took {time.monotonic() - self.started:.0f} s")
        line = f"{self.counts[PASSED]} passed, {self.counts[FAILED]} failed"
        if self.counts[SKIPPED]:
            line += f", {self.counts[SKIPPED]} skipped"
        print(line, flush=True)
        return 1 if self.counts[FAILED] or not self.counts[PASSED] else 0


def last_line(output):
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", **options)


def step(tally, name, command, **options):
    """A command that is a test of its own when it fails, and nothing to speak of when it works."""
    begun = time.monotonic()
    done = run(command, **options)
    if done.returncode != 0:
        tally.add(name, FAILED, time.monotonic() - begun, done.stdout)
    return done.returncode == 0


def test_environment():
    env = dict(os.environ)
    env.setdefault("MALLOC_PERTURB_", "165")
    shared = ROOT.parent / "shared"
    if shared.is_dir():
        env.setdefault("SPOOR_SHARED", str(shared))
    agent = ROOT / "build-static" / "agent" / "spoor-agent"
    if agent.exists():
        env.setdefault("SPOOR_AGENT", str(agent))
    env["LSAN_OPTIONS"] = f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0"
    env["ASAN_OPTIONS"] = "detect_leaks=1:fast_unwind_on_malloc=0:strict_string_checks=1:detect_stack_use_after_return=1:abort_on_error=0"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
    env["TSAN_OPTIONS"] = "halt_on_error=1:second_deadlock_stack=1"
    return env


def configure(tally, build, native, options):
    """Sets up a build directory, anew when native file or options changed."""
    key = hashlib.sha256((native.read_text() + repr(options)).encode()).hexdigest()
    stamp = ROOT / build / ".configured"
    if stamp.exists() and stamp.read_text() == key and (ROOT / build / "build.ninja").exists():
        return True
    subprocess.run(["rm", "-rf", str(ROOT / build)], check=True)
    env = dict(os.environ)
    if "fuzz" in build:
        env["CC"] = "clang"
    if not step(tally, f"{build}: configure", ["meson", "setup", build, "--native-file", str(native)] + options,
                env=env):
        return False
    stamp.write_text(key)
    return True


def run_meson(build, arguments, log="testlog"):
    """meson test: its process and the lines of its log."""
    path = ROOT / build / "meson-logs" / f"{log}.json"
    path.unlink(missing_ok=True)
    done = run(["meson", "test", "-C", build, "--no-rebuild", "--logbase", log,
                "--timeout-multiplier", "4" if build == "build" else "10"] + arguments, env=test_environment())
    return done, [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def tell(tally, build, prefix, done, results):
    for result in results:
        output = result.get("stdout", "") + ("\n" + result["stderr"] if result.get("stderr") else "")
        outcome = OUTCOMES.get(result["result"], FAILED)
        if outcome == FAILED:
            output += f"\n[{result['result']}, returncode {result.get('returncode')}]"
        tally.add(prefix + result["name"].replace(" / ", "/"), outcome, result["duration"], output)
    if not results and "No suitable tests" not in done.stdout and "No tests" not in done.stdout:
        tally.add(f"{build}: meson test", FAILED, 0, done.stdout)


def meson_tests(tally, build, prefix, arguments):
    tell(tally, build, prefix, *run_meson(build, arguments))


def all_suites(tally):
    """The system tests, which wait for the kernel most of the time and take turns at it, beside everything else."""
    lanes = {"system": ["--suite", "system"], "rest": ["--no-suite", "system"]}
    with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
        runs = [pool.submit(run_meson, "build", arguments, f"testlog-{name}") for name, arguments in lanes.items()]
        for lane in runs:
            tell(tally, "build", "", *lane.result())


def static_agent(tally):
    """One static file, small enough."""
    agent = ROOT / "build-static" / "agent" / "spoor-agent"
    begun = time.monotonic()
    stripped = agent.with_name("spoor-agent.stripped")
    done = run(["strip", "-o", str(stripped), str(agent)])
    if done.returncode != 0:
        tally.add("static agent", FAILED, 0, done.stdout)
        return
    size = stripped.stat().st_size
    print(f"static agent: {size} bytes stripped, at most {AGENT_LIMIT}")
    headers = run(["readelf", "-lW", str(stripped)]).stdout
    outcome = PASSED if size <= AGENT_LIMIT and "INTERP" not in headers and "GNU_RELRO" in headers else FAILED
    tally.add("static agent: static, hardened, small", outcome, time.monotonic() - begun, headers)


def sanitized(tally, native, build, sanitizers, arguments, targets):
    if configure(tally, build, native, [f"-Db_sanitize={sanitizers}", "-Db_lundef=false", "-Doptimization=1"]) and \
            step(tally, f"{build}: compile", ["ninja", "-C", build] + targets):
        meson_tests(tally, build, sanitizers.split(",")[0] + ": ", arguments)


def introspect(build, what):
    run(["ninja", "-C", build, "build.ninja"]) # as the meson files are now
    return json.loads(run(["meson", "introspect", build, what]).stdout)


def files_of(build, wanted):
    """What ninja calls the targets for which wanted(target) is true, so that nothing else need be built."""
    return [str(pathlib.Path(name).relative_to(ROOT / build)) for target in introspect(build, "--targets")
            if wanted(target) for name in target["filename"]]


def threads_targets(build):
    needed = set()
    for test in introspect(build, "--tests"):
        if any(suite.split(":")[-1] == "threads" for suite in test["suite"]):
            needed.update(test["depends"])
    return files_of(build, lambda target: target["id"] in needed)


def threads(tally, native):
    build = "build-tsan"
    options = ["-Db_sanitize=thread", "-Db_lundef=false", "-Doptimization=1"]
    if not configure(tally, build, native, options):
        return
    targets = threads_targets(build)
    if targets and step(tally, f"{build}: compile", ["ninja", "-C", build] + targets):
        meson_tests(tally, build, "thread: ", ["--suite", "threads"])


def fuzzers(tally, native, cache):
    build = "build-fuzz"
    options = ["-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false",
               "-Dwerror=false"] # clang's own warnings are not what this is for
    if not configure(tally, build, native, options):
        return
    programs = files_of(build, lambda target: target["name"].startswith("fuzz-"))
    if not programs or not step(tally, f"{build}: compile", ["ninja", "-C", build] + programs):
        return
    for program in [ROOT / build / name for name in programs]:
        name = program.name.removeprefix("fuzz-")
        corpus = cache / "fuzz" / name
        corpus.mkdir(parents=True, exist_ok=True)
        found = ROOT / build / "found"
        found.mkdir(exist_ok=True)
        begun = time.monotonic()
        done = run([str(program), f"-max_total_time={FUZZ_SECONDS // len(programs)}", "-timeout=10",
                    "-rss_limit_mb=1024", "-print_final_stats=1", f"-artifact_prefix={found}/{name}-",
                    str(corpus), str(ROOT / "tests" / "fuzz" / "seeds" / name)], env=test_environment())
        tally.add(f"fuzz: {name}", PASSED if done.returncode == 0 else FAILED, time.monotonic() - begun, done.stdout)
        runs = [line for line in done.stdout.splitlines() if "number_of_executed_units" in line]
        print("         " + (runs[0].strip() if runs else "no statistics"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--native", type=pathlib.Path, required=True, help="meson native file")
    options = parser.parse_args()
    cache, native = options.cache, options.native
    tally = Tally()

    tally.stage("static agent")
    static_agent(tally)
    tally.stage("all suites")
    all_suites(tally)
    tally.stage("address and undefined behaviour sanitizers")
    sanitized(tally, native, "build-asan", "address,undefined",
              sum((["--no-suite", name] for name in ("lint", "gui", "bench", "system")), []), [])
    tally.stage("thread sanitizer")
    threads(tally, native)
    tally.stage(f"fuzzers, {FUZZ_SECONDS} s together")
    fuzzers(tally, native, cache)
    sys.exit(tally.summary())


if __name__ == "__main__":
    main()
