"""Certificates: what was shown for a claim, as JSON that regenerates byte for byte.

A certificate holds exact data, counts, digits rounded down and outward-rounded decimal balls, with sorted keys.  Dates,
timings, residuals and hashes have no place in it, nor has anything that depends on the machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from derive.claim import Claim
from derive.errors import InputError
from derive.evidence.check import Check
from derive.evidence.control import Control
from derive.evidence.examine import STATUSES, Examination
from derive.evidence.notation import formula_latex, formula_text
from derive.evidence.outcome import Outcome
from derive.evidence.printed import PrintedFinding
from derive.files import remove_file, write_file

__all__ = ["as_json", "certificate", "read_certificate", "settle", "write_certificate"]

FORMAT = 1


def _claim(claim: Claim) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": claim.id,
        "title": claim.title,
        "statement": formula_text(claim.statement),
        "latex": formula_latex(claim.statement),
        "source": {"paper": claim.source.paper, "place": claim.source.place},
        "variables": {s.name: domain for s, domain in claim.variables.items()},
        "uses": sorted(claim.uses),
    }
    if claim.meaning:
        data["meaning"] = claim.meaning
    if claim.assumptions:
        data["assumptions"] = claim.assumptions
    if claim.error is not None and claim.limit is not None:
        variable, point = claim.limit
        data["error"] = {
            "order": formula_text(claim.error),
            "limit": f"{variable} -> {point}",
            "latex": rf"O\left({formula_latex(claim.error)}\right)",
            "limit_latex": rf"{formula_latex(variable)} \to {formula_latex(point)}",
        }
    return data


def _check(check: Check, outcome: Outcome) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": check.name,
        "kind": check.kind,
        "method": check.method,
        "true": outcome.true,
        "false": outcome.false,
        "unknown": outcome.unknown,
    }
    optional = {
        "digits": outcome.digits,
        "covers": check.covers,
        "where": check.where,
        "worst": outcome.worst,
        "found": "; ".join(outcome.reasons),
        "balls": [{"point": point, "ball": ball} for point, ball in outcome.balls],
        "crash": outcome.crash,
    }
    return data | {key: value for key, value in optional.items() if value not in (None, "", [])}


def _control(control: Control) -> dict[str, Any]:
    rows = zip(control.in_sight, control.refused, strict=True)
    return {
        "mistakes": control.mistakes,
        "identical": control.identical,
        "refused": [f"{refused} of {seen}" for seen, refused in rows],
    }


def _printed(claim: Claim, finding: PrintedFinding) -> dict[str, Any]:
    printed = claim.printed
    assert printed is not None
    data: dict[str, Any] = {
        "text": printed.text,
        "status": finding.status,
        "checks": [_check(c, o) for c, o in finding.checks],
    }
    if printed.statement is not None:
        data |= {"statement": formula_text(printed.statement), "latex": formula_latex(printed.statement)}
    if printed.condition:
        data["condition"] = printed.condition
    return data


def certificate(examined: Examination) -> dict[str, Any]:
    """The certificate of an examined claim, as plain data.  Its status does not yet know what the claim rests on."""
    claim = examined.proof.claim
    data = _claim(claim) | {
        "format": FORMAT,
        "status": examined.status,
        "checks": [_check(c, o) for c, o in examined.checks],
    }
    digits = [o.digits for _, o in examined.checks if o.passed and o.digits is not None]
    if digits:
        data["digits"] = max(digits)
    if examined.control is not None:
        data["control"] = _control(examined.control)
    if examined.printed is not None:
        data["printed"] = _printed(claim, examined.printed)
    if examined.proof.quoted:
        data["quoted"] = examined.proof.quoted
    if examined.faults:
        data["faults"] = list(examined.faults)
    return data


def _circular(claim_id: str, found: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a claim rests on itself."""
    seen: set[str] = set()
    left = list(found[claim_id]["uses"])
    while left:
        name = left.pop()
        if name == claim_id:
            return True
        if name in found and name not in seen:
            seen.add(name)
            left += found[name]["uses"]
    return False


def settle(found: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Certificates whose status takes into account what each claim uses: no claim is stronger than what it rests on.

    A claim that uses an unknown claim, a failed one or (through others) itself has failed.
    """
    settled: dict[str, dict[str, Any]] = {}

    def resolve(name: str) -> dict[str, Any]:
        if name in settled:
            return settled[name]
        data = dict(found[name])
        faults = list(data.get("faults", []))
        if _circular(name, found):
            faults.append("the claim rests on itself")
        else:
            for used in data["uses"]:
                status = resolve(used)["status"] if used in found else "failed"
                if status == "failed":
                    faults.append(f"it uses the claim {used}, which {'failed' if used in found else 'does not exist'}")
                data["status"] = max(data["status"], status, key=STATUSES.index)
        if faults:
            data |= {"status": "failed", "faults": faults}
        settled[name] = data
        return data

    return {name: resolve(name) for name in found}


def as_json(data: Mapping[str, Any]) -> str:
    """The text of a certificate: sorted keys, one trailing newline."""
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_certificate(folder: Path, data: Mapping[str, Any]) -> Path:
    """Write ``ID.json`` into a folder, in one step.  A failed claim has no certificate: an older one is removed."""
    path = folder / f"{data['id']}.json"
    if data["status"] == "failed":
        remove_file(path)
    else:
        write_file(path, as_json(data))
    return path


def read_certificate(path: Path) -> dict[str, Any]:
    """A stored certificate.  A damaged file or one of another format raises :class:`~derive.errors.InputError`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        hint = "make it again with `derive check --write`"
        raise InputError(f"the certificate {path} cannot be read ({error}); {hint}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InputError(f"the certificate {path} is of another format; make it again with `derive check --write`")
    return data
