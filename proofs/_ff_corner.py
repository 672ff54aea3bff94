"""The corner of the phase diagram of an odd activation with symbolic Taylor coefficients."""

import sympy as sp

a1, a3, a5 = sp.symbols("a_1 a_3 a_5", nonzero=True, real=True)
delta = sp.Symbol("delta", positive=True)


def laws():
    """(length, chi_1, chi_c) on the axis to the second order of delta, from E of powers of phi, term by term."""
    x, q = sp.symbols("x q", positive=True)
    phi = a1 * x + a3 * x**3 + a5 * x**5

    def mean(expr):
        """Gaussian moments, through q^2 relative to the leading term."""
        poly = sp.Poly(sp.expand(expr), x)
        return sum(c * sp.factorial2(k - 1) * q ** (k // 2) for (k,), c in poly.terms() if k % 2 == 0)

    def cut(expr, n):
        return sum(sp.expand(expr).coeff(q, k) * q**k for k in range(n + 1))

    second = cut(mean(phi**2) / q, 2)
    gain = cut(sp.series(a1**2 / second, q, 0, 3).removeO(), 2)  # 1 + delta
    b1, b2 = gain.coeff(q, 1), gain.coeff(q, 2)
    length = delta / b1 - b2 * delta**2 / b1**3
    first = cut(mean(sp.diff(phi, x) ** 2), 2)
    slope = cut(mean(sp.diff(phi, x)), 2)
    chi_1 = cut(sp.expand(gain * first / a1**2), 2)
    chi_c = cut(sp.expand(gain * cut(sp.expand(slope**2), 2) / a1**2), 2)

    def along(series):
        put = sp.series(sp.expand(series.subs(q, length)), delta, 0, 3).removeO()
        return sp.Add(*(sp.simplify(put.coeff(delta, k)) * delta**k for k in range(3)))

    return along(q + sp.Integer(0) * q), along(chi_1), along(chi_c)
