"""The package that pre-commit installs: it only depends on the wheel of the same version."""

import re
from pathlib import Path

from setuptools import setup

manifest = Path(__file__).with_name("Cargo.toml").read_text(encoding="utf-8")
version = re.search(r'^version = "(.+)"$', manifest, re.MULTILINE).group(1)

setup(
    name="refinery-preflight-hook",
    version=version,
    py_modules=[],
    install_requires=[f"refinery-preflight=={version}"],
)
