"""Prints, as JSON, what AWS's SAM translator makes of a template (the first argument).

Exit status 3 means that the translator (PyPI's aws-sam-translator) is not installed.
"""

import json
import sys

try:
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse
except ImportError:
    sys.exit(3)


class NoManagedPolicies:
    """The template names none; the translator would ask AWS for their list."""

    def load(self):
        return {}


def packaged(template):
    """The template with its code and its settings in a bucket, as `sam package` leaves it."""
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/code.zip"
    template["Resources"]["Settings"]["Properties"]["ContentUri"] = "s3://bucket/settings.zip"
    return template


with open(sys.argv[1], encoding="utf-8") as file:
    template = packaged(yaml_parse(file.read()))
json.dump(transform(template, {}, NoManagedPolicies(), passthrough_metadata=True), sys.stdout)
