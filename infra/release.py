"""Puts together what is released for one processor: everything that `sam deploy` needs where nothing can be compiled.

Usage: release.py ARCHITECTURE PACKAGES FOLDER

PACKAGES is where `cargo lambda build --output-format zip` has put its packages (target/lambda). FOLDER gets them, a
template that names them, the settings, samconfig.toml and this repository's page about operating.
"""

import re
import shutil
import sys
from pathlib import Path

architecture, packages, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
root = Path(__file__).resolve().parent.parent
infra = out / "infra"


def changed(text, pattern, replacement, times):
    """The text with what a pattern finds replaced, which has to be there so many times."""
    text, found = re.subn(pattern, replacement, text)
    if found != times:
        sys.exit(f"{pattern!r}: found {found} times instead of {times}")
    return text


# A function names its package instead of how it is built.
template = (root / "infra/template.yaml").read_text()
built = r"    Metadata:\n      BuildMethod: rust-cargolambda\n      BuildProperties:\n        Binary: (\w+)\n    Properties:\n"
names = re.findall(built, template)
template = changed(template, built, r"    Properties:\n      CodeUri: \1.zip\n", template.count("AWS::Serverless::Function\n"))
template = changed(template, r"    CodeUri: \.\.\n", "", 1)
template = changed(template, r"Default: arm64", f"Default: {architecture}", 1)

# SAM builds nothing, and so deploys that template.
samconfig = (root / "infra/samconfig.toml").read_text()
samconfig = changed(samconfig, r'(?m)^Architecture = .*$', f'Architecture = "{architecture}"', 1)
samconfig = changed(samconfig, r"(?s)\[default\.build\.parameters\].*?\n(?=\[)", "", 1)

(infra / "layer").mkdir(parents=True)
(infra / "template.yaml").write_text(template)
(infra / "samconfig.toml").write_text(samconfig)
for name in sorted(set(names)):
    shutil.copy(packages / name / "bootstrap.zip", infra / f"{name}.zip")
for name in ["infra/deskbell.toml", "infra/README.md", "LICENSE-APACHE", "LICENSE-MIT"]:
    shutil.copy(root / name, out / name)
(infra / "layer/deskbell.toml").symlink_to("../deskbell.toml")
