"""Breaks the platform on purpose, one way at a time, and demands that a test notices.

Each break of `breaks.toml` is applied to a copy of the tree outside the checkout; its suite must build and then fail.
The unbroken copy must pass first. Exit code: 0 if every break was noticed, 1 otherwise.

    python3 tests/mutants/run.py [--only NAME …] [--list]
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit("the mutation check needs Python 3.11 or newer")

import tomllib

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("PITBOSS_MUTANTS", Path.home() / ".cache" / "pitboss" / "mutants"))
BUILD_SECONDS = 1800


@dataclass(frozen=True)
class Suite:
    """The narrowest tests that should notice a break."""

    name: str
    build: list[str]
    run: list[str]
    seconds: int


@dataclass(frozen=True)
class Break:
    """One way to be wrong."""

    name: str
    file: str
    search: str
    replace: str
    suite: str
    why: str


def main() -> int:
    arguments = parse_arguments()
    suites, breaks = read(Path(__file__).with_name("breaks.toml"))
    if arguments.only:
        unknown = set(arguments.only) - {it.name for it in breaks}
        if unknown:
            sys.exit(f"no such break: {', '.join(sorted(unknown))}")
        breaks = [it for it in breaks if it.name in arguments.only]
    if arguments.list:
        for it in breaks:
            print(f"{it.name:<34} {it.file}")
        return 0
    tree = copy_tree()
    target = own_target()
    rows: list[tuple[str, str, str, float]] = []
    # Breaks that share a suite follow each other: what was built for one serves the next.
    for suite in suites.values():
        chosen = [it for it in breaks if it.suite == suite.name]
        if not chosen:
            continue
        say(f"{suite.name}: the unbroken tree")
        unbroken = judge(suite, tree, target)
        if unbroken != "passed":
            sys.exit(f"{suite.name} on the unbroken tree: {unbroken}\n{tail()}")
        for it in chosen:
            began = time.monotonic()
            verdict = try_break(it, suite, tree, target)
            rows.append((it.name, suite.name, verdict, time.monotonic() - began))
            say(f"{it.name}: {verdict}")
    return report(rows)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these breaks only")
    parser.add_argument("--list", action="store_true", help="list the breaks")
    return parser.parse_args()


def read(file: Path) -> tuple[dict[str, Suite], list[Break]]:
    document = tomllib.loads(file.read_text())
    suites = {name: Suite(name, **it) for name, it in document["suites"].items()}
    breaks = [Break(**it) for it in document["breaks"]]
    names = [it.name for it in breaks]
    assert len(names) == len(set(names)), "two breaks of one name"
    assert all(it.suite in suites for it in breaks), "a break names no suite"
    return suites, breaks


# ---- the copy


def copy_tree() -> Path:
    """Brings the copy up to date with the checkout, uncommitted changes and all. What is the same is not touched, so
    that it need not be built again."""
    tree = HOME / "tree"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True,
    ).stdout.decode()
    wanted = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    for name in sorted(wanted):
        source, copy = ROOT / name, tree / name
        if copy.is_file() and copy.read_bytes() == source.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
        shutil.copymode(source, copy)
    for copy in [it for it in tree.rglob("*") if it.is_file()]:
        if str(copy.relative_to(tree)) not in wanted:
            copy.unlink()
    return tree


def own_target() -> Path:
    """A target folder of the copy's own, begun with the dependencies that the checkout has built: cargo knows them by
    registry and version. The members of the workspace it knows by their place in it, the same in both, and builds them
    anew because the copy's files are younger than what was built."""
    target = HOME / "target"
    built = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
    if target.exists() or not (built / ".fingerprint").is_dir():
        return target
    say("taking over what is built")
    seed = HOME / "target.new"
    shutil.rmtree(seed, ignore_errors=True)
    for part in ["deps", "build", ".fingerprint"]:
        # Libraries, which nobody writes to again, are linked; small files, which cargo does write to, are copied.
        shutil.copytree(built / part, seed / "debug" / part, copy_function=link_or_copy, symlinks=True,
                        ignore=shutil.ignore_patterns("*.dwo", "*.o"))
    seed.rename(target)
    return target


def link_or_copy(source: str, copy: str) -> None:
    if source.endswith((".rlib", ".rmeta", ".so")):
        try:
            os.link(source, copy)
            return
        except OSError:
            pass
    elif "/deps/" in source and not source.endswith((".d", ".a")):
        return  # binaries: the copy makes its own
    try:
        shutil.copy2(source, copy)
    except FileNotFoundError:
        pass  # somebody builds at this moment


# ---- one break


def try_break(it: Break, suite: Suite, tree: Path, target: Path) -> str:
    file = tree / it.file
    sound = file.read_text() if file.is_file() else ""
    found = sound.count(it.search)
    if found != 1:
        return "does not apply: its text is " + ("not there" if found == 0 else f"there {found} times")
    file.write_text(sound.replace(it.search, it.replace))
    try:
        verdict = judge(suite, tree, target)
    finally:
        file.write_text(sound)
    return {"failed": "noticed", "too slow": "noticed (no end)", "passed": "SURVIVED"}.get(verdict, verdict)


def judge(suite: Suite, tree: Path, target: Path) -> str:
    """What comes of a suite: a break that does not even build proves nothing."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CARGO_", "RUSTFLAGS"))}
    environment |= {"CARGO_TARGET_DIR": str(target), "CARGO_TERM_COLOR": "never"}
    if "CARGO_HOME" in os.environ:
        environment["CARGO_HOME"] = os.environ["CARGO_HOME"]
    if carry_out(suite.build, tree, environment, BUILD_SECONDS) != 0:
        return "does not build"
    code = carry_out(suite.run, tree, environment, suite.seconds)
    return "too slow" if code is None else "passed" if code == 0 else "failed"


def carry_out(command: list[str], tree: Path, environment: dict[str, str], seconds: int) -> int | None:
    """The exit code; none if it took too long."""
    with (HOME / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=log, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                # The tests are grandchildren: the whole session goes.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


# ---- what came of it


def report(rows: list[tuple[str, str, str, float]]) -> int:
    print(f"\n{'break':<34} {'suite':<12} {'seconds':>7}  verdict")
    for name, suite, verdict, seconds in rows:
        print(f"{name:<34} {suite:<12} {seconds:>7.0f}  {verdict}")
    bad = [it for it in rows if not it[2].startswith("noticed")]
    print(f"\n{len(rows) - len(bad)} of {len(rows)} breaks noticed")
    return 1 if bad else 0


def tail() -> str:
    return "\n".join((HOME / "log").read_text(errors="replace").splitlines()[-40:])


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
