"""What was shown for each claim, and how: proofs are found, run and recorded here.

A proof file (``proofs/ID.py``) declares a claim, derives its right-hand side and lists checks.  This room finds the
files, runs the checks together with a negative control, computes a status from what ran, and writes a certificate.
"""

from derive.evidence.ball_checks import covering, enclosure
from derive.evidence.check import Check, outside, under
from derive.evidence.digit_checks import decay, digits
from derive.evidence.equality import compare
from derive.evidence.exact_checks import holds, symbolic
from derive.evidence.outcome import Outcome, Verdict

__all__ = [
    "Check",
    "Outcome",
    "Verdict",
    "compare",
    "covering",
    "decay",
    "digits",
    "enclosure",
    "holds",
    "outside",
    "symbolic",
    "under",
]
