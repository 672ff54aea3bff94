"""``derive init``: initial variances for a network, with the settings of common frameworks."""

from __future__ import annotations

from argparse import Namespace

from derive.cli.output import emit, print_json
from derive.cli.value_commands import settings_of

__all__ = ["recommend"]


def recommend(options: Namespace) -> int:
    """``derive init --network N --activation PHI --depth L [NAME=VALUE..]``."""
    from derive.initialisation import initial_variances
    from derive.parsing import parse_number

    found = initial_variances(
        options.network, options.activation, parse_number(options.depth), **settings_of(options.settings)
    )
    if options.json:
        print_json(found.as_data())
    else:
        for line in str(found).splitlines():
            emit(line)
    return 0
