r"""The depth scale of the correlation is as finite in the chaotic phase as in the ordered one, and may be longer."""

from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, enclosure, holds

from . import _dropout, _ff

ratio = sp.Symbol("ratio", positive=True)
R = sp.Rational
NUMBER = R(69516, 10**4)

CLAIM = Claim(
    id="chaotic_networks_pass_information",
    title="depth scale of a chaotic tanh network over that of an ordered one",
    statement=sp.Eq(ratio, NUMBER),
    source=Source("pabari", "abstract: information can only propagate in the ordered phase"),
    meaning=(
        "xi_c at sigma_w2 = 2 (chaotic, chi_1 > 1) over xi_c at sigma_w2 = 1 (ordered), sigma_b2 = 1/20, to four "
        "decimals.  xi_c diverges at the transition from both sides (ff_divergence_of_xi_c): near it a chaotic network "
        "passes the correlation of inputs on over more layers than one that lies deep in the ordered phase"
    ),
    variables={ratio: "the ratio"},
    uses=("ff_correlation_susceptibility", "ff_ordered_phase_scale"),
    printed=Printed(
        text="information passes only in the ordered phase (read: the ratio is below 1)", statement=sp.Lt(ratio, 1)
    ),
)


@lru_cache(maxsize=1)
def measured():
    """log chi_1 at sigma_w2 = 1 over log chi_c at sigma_w2 = 2, in balls; q* between two signs."""
    from flint import arb, ctx

    from derive.activations import activation
    from derive.expectations.balls import variance_ball
    from derive.networks import FeedForward

    phi, net = activation("tanh"), FeedForward("tanh")
    chaotic = _dropout.settled("tanh", R(2), R(1, 20), sp.Integer(1))[1]
    with ctx.workprec(96):
        near = arb(str(net.fixed_points(sigma_w2=1, sigma_b2="1/20", digits=25)[0].q))
        q = _dropout.between(lambda t: variance_ball(phi, t, 96) + arb(1) / 20 - t, near, arb(10) ** -18)
        ordered = variance_ball(phi.diff(), q, 96)
        assert ordered < 1
        return ordered.log() / chaotic.log()


def in_balls(statement, _point):
    return _dropout.judged(statement, ratio, measured(), R(1, 10**4))


def quadratures(point, digits):
    """The fixed points by findroot, the slopes by quadrature."""
    bias = mpmath.mpf(1) / 20
    steep = lambda x: mpmath.sech(x) ** 2  # noqa: E731
    with mpmath.workdps(12):
        lengths = []
        for weight, near in ((1, "0.19"), (2, "0.72")):
            grown = lambda q, w=weight: w * _ff.mean(lambda x: mpmath.tanh(x) ** 2, q) + bias - q  # noqa: E731
            lengths.append(mpmath.findroot(grown, mpmath.mpf(near)))
        moved = lambda c: 2 * _ff.pair_mean(mpmath.tanh, lengths[1], c) + bias - c * lengths[1]  # noqa: E731
        c = mpmath.findroot(moved, (mpmath.mpf("0.6"), mpmath.mpf("0.85")), solver="anderson")
        ordered = _ff.mean(lambda x: steep(x) ** 2, lengths[0])
        return mpmath.log(ordered) / mpmath.log(2 * _ff.pair_mean(steep, lengths[1], c))


def _balls():
    return holds("balls", in_balls, method="q* and c* between two signs, slopes in balls")


def checks():
    yield enclosure(
        "enclosure",
        lambda point, bits: measured(),
        radius=R(1, 10**8),
        within=R(1, 10**4),
        method="q* and c* between two signs, slopes in balls",
    )
    yield digits("quadrature", quadratures, digits=4, method="mpmath.findroot and quadrature")


def printed_checks():
    yield _balls()
