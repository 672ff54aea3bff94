r"""xi_c diverges on both sides of the edge with the same amplitude for smooth phi; tanh at sigma_b2 = 1/20."""

import itertools

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

amplitude = sp.Symbol("amplitude", positive=True)
NUMBER = sp.Rational(469078571, 10**8)

CLAIM = Claim(
    id="ff_divergence_of_xi_c",
    title="amplitude of the divergence of xi_c, tanh at sigma_b2 = 1/20",
    statement=sp.Eq(amplitude, NUMBER),
    source=Source("schoenholz2017", "below eq. 9 and fig. 2: xi_c diverges at the order-to-chaos transition"),
    meaning=(
        "limit of |sigma_w2 - critical| xi_c from either side, to eight decimals: 1/(d chi_1/d sigma_w2) "
        "along the fixed "
        "point.  For smooth phi the sides agree; for phi' with jumps the chaotic side has twice the amplitude"
    ),
    variables={amplitude: "the amplitude"},
    uses=("ff_tanh_critical_line", "ff_correlation_susceptibility"),
)


def _from(side):
    def limit(point, digits):
        """xi_c of solved fixed points at distances 1/400, 1/800, ..., extrapolated to 0 by Neville."""
        from derive.networks.feedforward import FeedForward

        net = FeedForward("tanh")
        edge = net.critical_points(sigma_b2="1/20", digits=40)[0].sigma_w2
        values = []
        for k in range(5):
            step = sp.Rational(side, 400 * 2**k)
            weight = sp.Rational(str(edge)) + step
            found = net.fixed_points(sigma_w2=weight, sigma_b2=sp.Rational(1, 20), digits=22)[0]
            values.append(abs(step) * found.xi_c)
        while len(values) > 1:
            level = 6 - len(values)
            values = [(2**level * b - a) / (2**level - 1) for a, b in itertools.pairwise(values)]
        return mpmath.mpf(str(values[0]))

    return limit


def formula(point, digits):
    from derive.networks.feedforward import FeedForward

    (law,) = FeedForward("tanh").divergence(sigma_b2="1/20", digits=20)
    return mpmath.mpf(str(law.ordered))


def checks():
    yield digits("law from derivatives", formula, digits=8, method="1/(d chi_1/d sigma_w2) from expectations")
    yield digits("from the ordered side", _from(-1), digits=8, method="solved fixed points, Neville extrapolation")
    yield digits("from the chaotic side", _from(1), digits=8, method="solved fixed points, Neville extrapolation")
