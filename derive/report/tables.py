"""The tables by name.  A provider is a function without arguments that returns a :class:`~derive.report.table.Table`.

To add a table, write its provider in a file of its own and list it in ``PROVIDERS``.
"""

from __future__ import annotations

from importlib import import_module

from derive.names import known_name
from derive.report.table import Table

__all__ = ["PROVIDERS", "table", "table_names"]

#: name -> (module, function); modules are imported when a table is asked for
PROVIDERS: dict[str, tuple[str, str]] = {
    "isometry_weights": ("derive.report.tables_isometry", "weight_variances"),
    "claims": ("derive.report.tables_evidence", "claims_table"),
    "errata": ("derive.report.tables_evidence", "errata_table"),
    "coverage": ("derive.report.coverage", "coverage_table"),
    "table1": ("derive.report.tables_residual", "main_recurrences"),
    "table2": ("derive.report.tables_residual", "main_dynamics"),
    "table2_alpha": ("derive.report.tables_alpha", "alpha_dynamics"),
    "alpha_limits": ("derive.report.tables_alpha", "cosine_limits"),
    "depth_scales": ("derive.report.tables_feedforward", "depth_scales"),
    "timings": ("derive.report.tables_measured", "timings"),
    "edges_of_chaos": ("derive.report.tables_feedforward", "edges_of_chaos"),
}


def table_names() -> tuple[str, ...]:
    """The names of all tables."""
    return tuple(PROVIDERS)


def table(name: str) -> Table:
    """The table of that name, made from the certificates and the package's own derivations.

    >>> table("claims").columns[0].title
    'claim'

    An unknown name raises :class:`~derive.errors.UnknownNameError`.
    """
    module, function = PROVIDERS[known_name(name, PROVIDERS, "table")]
    return getattr(import_module(module), function)()
