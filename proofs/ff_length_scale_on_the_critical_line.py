r"""On the critical line of tanh chi_q tends to 1 with the bias variance, as 1 - (6 sigma_b2)^(1/3)."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import decay, holds, outside, under

s = sp.Symbol("sigma_b2", positive=True)
chi_q = sp.Function("chi_q")
R = sp.Rational

CLAIM = Claim(
    id="ff_length_scale_on_the_critical_line",
    title="chi_q at chi_1 = 1, tanh with a small bias variance",
    statement=sp.Eq(chi_q(s), 1 - (6 * s) ** R(1, 3)),
    source=Source("schoenholz2017", "section 3: even as chi_1 approaches 1, chi_q is substantially smaller than 1"),
    meaning=(
        "chi_q = dq'/dq at the fixed length of the critical network with that sigma_b2, so xi_q grows like "
        "(6 sigma_b2)^(-1/3) along the critical line.  At the bias variances of the paper's figures chi_q lies between "
        "0.31 and 0.68"
    ),
    variables={s: "sigma_b2 > 0"},
    error=s ** R(2, 3),
    limit=(s, sp.Integer(0)),
    uses=("ff_length_susceptibility", "ff_tanh_second_term_is_negative"),
    printed=Printed(
        text="chi_q stays substantially below 1 as chi_1 tends to 1, for tanh (read: below 9/10)",
        statement=sp.Lt(chi_q(s), R(9, 10)),
        condition="sigma_b2 is not small: at least 1/100 in the figures",
    ),
)


def derive() -> sp.Expr:
    """sigma_b2 = q - V/E phi'^2 and chi_q = 1 + E phi'' phi/E phi'^2 as series in q; q eliminated."""
    from derive.activations import activation

    phi = activation("tanh")
    q, x = sp.Symbol("q", positive=True), sp.Symbol("x", real=True)

    def mean(expr):
        """E of an even polynomial part: x^(2k) -> (2k - 1)!! q^k."""
        series = sp.Poly(sp.series(expr, x, 0, 8).removeO(), x)
        return sum(a * sp.factorial2(n - 1) * q ** (n // 2) for (n,), a in series.terms())

    slope = mean(phi.diff()(x) ** 2)
    bias = sp.series(q - mean(phi(x) ** 2) / slope, q, 0, 4).removeO()
    rest = sp.series(mean(phi.diff(2)(x) * phi(x)) / slope, q, 0, 2).removeO()
    ((power, factor),) = ((k, bias.coeff(q, k)) for k in range(4) if bias.coeff(q, k) != 0)
    return 1 + sp.powsimp(rest.coeff(q, 1) * (s / factor) ** R(1, power))


def critical(point, digits):
    """chi_q where chi_1 = 1: the length by mpmath.findroot, means by the trapezoidal rule."""
    bias = mpmath.mpf(point[s].p) / point[s].q
    with mpmath.workdps(2 * digits + 15):
        h = mpmath.mpf(1) / 8
        nodes = [(k * h, 2 * h * mpmath.npdf(k * h)) for k in range(1, 120)]

        def means(q):
            values = [(mpmath.tanh(mpmath.sqrt(q) * z), w) for z, w in nodes]
            second = mpmath.fsum(w * t * t for t, w in values)
            slope = h * mpmath.npdf(0) + mpmath.fsum(w * (1 - t * t) ** 2 for t, w in values)
            bend = mpmath.fsum(-2 * w * t * t * (1 - t * t) for t, w in values)
            return second, slope, bend

        def excess(q):
            second, slope, _ = means(q)
            return (q - second / slope - bias) / bias

        guess = mpmath.cbrt(3 * bias / 4)
        q = mpmath.findroot(
            excess, (guess, guess * mpmath.mpf("1.1")), solver="secant", tol=mpmath.mpf(10) ** -(digits)
        )
        _, slope, bend = means(q)
        return 1 + bend / slope


def size(statement, point):
    """Judges an inequality for chi_q at the certified critical point."""
    from derive.networks import FeedForward

    found = FeedForward("tanh").critical_points(sigma_b2=point[s], digits=12, certified=True)[-1]
    low, high = found.chi_q.bounds()
    answers = {bool(statement.subs(chi_q(s), sp.Rational(end.numerator, end.denominator))) for end in (low, high)}
    return answers.pop() if len(answers) == 1 else None


def checks():
    values = [R(1, 8**k) for k in range(4, 13)]
    yield decay(
        "critical networks",
        critical,
        s,
        values,
        error=s ** R(2, 3),
        digits=18,
        method="mpmath.findroot, trapezoidal sums",
    )


def printed_checks():
    figures = [{s: R(1, 100)}, {s: R(1, 20)}, {s: R(3, 10)}]
    yield under(holds("bias variances of the figures", size, figures, method="certified critical points"))
    yield outside(
        holds("sigma_b2 = 10^-6", size, [{s: R(1, 10**6)}], method="certified critical points"),
        truth=sp.Gt(chi_q(s), R(9, 10)),
    )
