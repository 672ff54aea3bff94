r"""Theorem 5, (4): when the squared lengths stay bounded almost surely."""

import sympy as sp

from derive.claim import Claim, Source

finite_lengths, finite_biases = sp.symbols("finite_lengths finite_biases", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_almost_sure_limit",
    title="almost sure boundedness of the squared lengths",
    statement=sp.Eq(finite_lengths, finite_biases),
    source=Source("hanin2018", "Theorem 5, (4)"),
    meaning=(
        "finite_lengths is 1 where limsup M_d is finite almost surely, else 0; finite_biases is 1 where the sum of "
        "the bias variances is finite"
    ),
    variables={finite_lengths: "0 or 1", finite_biases: "0 or 1"},
    assumptions="critical weights, symmetric laws",
    uses=("fw_mean_length",),
)

QUOTED = (
    "one direction follows from fw_mean_length: M_d - sum nu_j/2 is a martingale bounded below where the sum is "
    "finite, so M_d converges almost surely; that unbounded means force unbounded paths is not shown here, and the "
    "paper's proof is in a supplement that was not available"
)
