"""Commands about claims, proofs, tables and export."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterable, Mapping
from typing import Any

from derive.cli.output import emit, note, print_json
from derive.errors import InputError

__all__ = [
    "check_claims",
    "export_all",
    "list_claims",
    "show_citations",
    "show_claim",
    "show_errata",
    "show_table",
]


def list_claims(options: Namespace) -> int:
    """``derive list``."""
    from derive.evidence.records import claims

    found = claims()
    if options.json:
        print_json([_row(r) for r in found])
        return 0
    wide = max((len(r.id) for r in found), default=0)
    for r in found:
        printed = f" (print {r.printed_status})" if r.printed_status else ""
        emit(f"{r.id:<{wide}}  {r.status + printed:<28}  {r.title}")
    return 0


def _row(r: Any) -> dict[str, Any]:
    return {"id": r.id, "status": r.status, "printed": r.printed_status, "digits": r.digits, "title": r.title}


def show_claim(options: Namespace) -> int:
    """``derive show ID``."""
    from derive.evidence.records import record

    found = record(options.id)
    if options.json:
        print_json(found.certificate)
    else:
        for line in _described(found.id, found.status, found.certificate):
            emit(line)
    return 0


def _described(claim_id: str, status: str, data: Mapping[str, Any]) -> Iterable[str]:
    yield f"{claim_id}: {data.get('title', '')}"
    if status == "not run":
        yield f"not run yet; `derive check {claim_id}` does"
        return
    error = data.get("error")
    yield f"  {data['statement']}" + (f" + O({error['order']}) as {error['limit']}" if error else "")
    if data.get("meaning"):
        yield f"  where {data['meaning']}"
    for domain in sorted(data["variables"].values()):
        yield f"  for {domain}"
    if data.get("assumptions"):
        yield f"  assuming {data['assumptions']}"
    yield f"source: {data['source']['paper']}, {data['source']['place']}"
    yield f"status: {status}"
    yield from _described_checks(data["checks"])
    if "control" in data:
        yield f"  negative control: {data['control']['mistakes']} wrong statements refused"
    if "printed" in data:
        yield from _described_print(data["printed"])
    yield from (f"  fault: {fault}" for fault in data.get("faults", []))


def _described_checks(checks: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for c in checks:
        points = c["true"] + c["false"] + c["unknown"]
        digits = f", {c['digits']} digits" if "digits" in c else ""
        yield f"  {c['kind']}: {c['name']} ({c['method']}); {c['true']} of {points} true{digits}"
        yield from (f"    {b['point']}: {b['ball']}" if b["point"] else f"    {b['ball']}" for b in c.get("balls", []))


def _described_print(printed: Mapping[str, Any]) -> Iterable[str]:
    condition = f", which holds if {printed['condition']}" if printed.get("condition") else ""
    yield f"as printed: {printed['text']}{condition}"
    yield f"status of the print: {printed['status']}"
    yield from _described_checks(printed["checks"])


def _jobs(options: Namespace) -> int:
    jobs = options.jobs if options.jobs is not None else (os.cpu_count() or 1)
    if jobs < 1:
        raise InputError(f"--jobs {jobs} is not a number of processes; give 1 or more")
    return jobs


def check_claims(options: Namespace) -> int:
    """``derive check [ID..]``: examine, compare with the stored certificates or write them, and summarise."""
    from derive.evidence.certificate import write_certificate
    from derive.evidence.compare import certificate_state
    from derive.evidence.records import certificates_folder, check_all

    jobs = _jobs(options)
    timings: dict[str, tuple[float, bool]] = {}

    def progress(done: Any) -> None:
        data = done.certificate
        timings[data["id"]] = (done.seconds, done.cached)
        digits = f", {data['digits']} digits" if "digits" in data else ""
        took = "unchanged" if done.cached else f"{done.seconds:.1f} s"
        note(options, f"[{done.done}/{done.total}] {data['id']}: {data['status']}{digits} ({took})")

    found = check_all(
        options.ids or None, cache=options.cache, use_cache=not options.no_cache, jobs=jobs, progress=progress
    )
    folder = certificates_folder()
    if options.write:
        for r in found:
            write_certificate(folder, r.certificate)
    states = {r.id: certificate_state(folder, r.certificate) for r in found}
    if options.json:
        print_json([{**r.certificate, "certificate": states[r.id]} for r in found])
    else:
        _summary(found, states, timings)
    return 0 if all(r.passed and states[r.id] == "same" for r in found) else 1


def _summary(found: Iterable[Any], states: Mapping[str, str], timings: Mapping[str, tuple[float, bool]]) -> None:
    from derive.report.table import Column, Table

    columns = (
        Column("claim"),
        Column("status"),
        Column("print"),
        Column("digits", right=True),
        Column("time", right=True),
        Column("certificate"),
    )
    rows = []
    for r in found:
        seconds, cached = timings[r.id]
        digits = "" if r.digits is None else str(r.digits)
        time = f"{seconds:.1f} s" + (" *" if cached else "  ")
        rows.append((r.id, r.status, r.printed_status, digits, time, states[r.id]))
    sys.stdout.write(Table("check", "", columns, tuple(rows)).to_text())
    if any(cached for _, cached in timings.values()):
        emit("* unchanged since the last run; the time is that of then")
    for r in found:
        for fault in r.certificate.get("faults", []):
            emit(f"{r.id}: {fault}")


def _print_table(options: Namespace, name: str) -> int:
    from derive.report import table

    found = table(name)
    if options.json:
        print_json(found.as_data())
    else:
        sys.stdout.write(getattr(found, f"to_{options.format}")())
    return 0


def show_table(options: Namespace) -> int:
    """``derive table [NAME]``."""
    from derive.report import table_names

    if options.name is not None:
        return _print_table(options, options.name)
    names = table_names()
    if options.json:
        print_json(list(names))
    else:
        for name in names:
            emit(name)
    return 0


def show_errata(options: Namespace) -> int:
    """``derive errata``."""
    from dataclasses import asdict

    from derive.evidence.records import errata
    from derive.report.errata import errata_entries

    if options.json:
        prints = {r.id: r.certificate["printed"] for r in errata()}
        print_json(
            [{**prints[e.id], "id": e.id, "holds": e.right.text, "erratum": asdict(e)} for e in errata_entries()]
        )
        return 0
    if options.format != "text":
        return _print_table(options, "errata")
    for entry in errata_entries():
        for line in entry.lines():
            emit(line)
        emit("")
    return 0


def export_all(options: Namespace) -> int:
    """``derive export DIR``."""
    from derive.report import export

    faults: list[str] = []

    def progress(made: Any) -> None:
        took = "unchanged" if made.cached else f"{made.seconds:.1f} s"
        note(options, f"[{made.done}/{made.total}] figure {made.name}: {made.fault or took}")
        if made.fault:
            faults.append(made.name)

    written = export(
        options.folder,
        pdf=options.pdf,
        figures=not options.no_figures,
        jobs=_jobs(options),
        cache=options.cache,
        progress=progress,
    )
    if options.json:
        print_json([str(p) for p in written])
        return 1 if faults else 0
    note(options, f"{len(written)} files written to {options.folder}")
    names = {p.name for p in written}
    if not options.no_figures and not any(n.endswith(".svg") for n in names):
        note(options, "no figures: they need matplotlib, pip install 'meanfield-derive[plot]'")
    if options.pdf:
        compiled = "document.pdf" in names
        note(options, "document.tex compiled" if compiled else "document.tex not compiled: there is no pdflatex")
    return 1 if faults else 0


def show_citations(options: Namespace) -> int:
    """``derive cite [KEY_OR_ID..]``."""
    from derive.report import cite

    entries = cite(*options.what)
    if options.json:
        print_json(entries.split("\n\n"))
    else:
        sys.stdout.write(entries)
    return 0
