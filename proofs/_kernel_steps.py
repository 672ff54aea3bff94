"""Derivations of the kernel's forms from the Gaussian mean, step by step; every step is checked where it is taken.

``same`` stops a derivation whose step is wrong.  M stands for E psi(u1) psi(u2) = c_alpha J_alpha, mu for
alpha + 1/2 > 0.
"""

import sympy as sp

from derive.errors import CertificationError

from ._kernel import HALF, HalfLine, alpha, c

s, t, w = sp.Symbol("s", positive=True), sp.Symbol("t", positive=True), sp.Symbol("w", real=True)
mu = sp.Symbol("mu", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
SLOPE = sp.Function("S")(alpha, c)  # dJ/dc
half_sum = sp.Symbol("x", positive=True)  # (1 + c)/2


def same(left, right, what):
    """Go on only if the two sides are equal."""
    if sp.simplify(left - right) != 0 and sp.simplify(sp.gammasimp(sp.expand_func(left - right))) != 0:
        raise CertificationError(f"the step {what!r} fails: {left} is not {right}")
    return right


def second_moment():
    """E x^(2 alpha) over x > 0 for a standard normal x: one integral, done in mu."""
    x = sp.Symbol("x", positive=True)
    value = sp.integrate(x ** (2 * mu - 1) * sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi), (x, 0, sp.oo))
    wanted = 2 ** (mu - 3 * HALF) * sp.gamma(mu) / sp.sqrt(sp.pi)
    return same(value, wanted, "the half-normal moment").subs(mu, alpha + HALF)


def _logarithmic_coordinates():
    """u1 = sqrt(s) e^(w/2), u2 = sqrt(s) e^(-w/2): the Jacobian is 1/2, the exponent s (cosh w - c)/(1 - c^2)."""
    u1, u2 = sp.sqrt(s) * sp.exp(w / 2), sp.sqrt(s) * sp.exp(-w / 2)
    jacobian = sp.Matrix([u1, u2]).jacobian([s, w]).det()
    same(jacobian**2, sp.Rational(1, 4), "the Jacobian")
    exponent = (u1**2 - 2 * c * u1 * u2 + u2**2) / (2 * (1 - c**2))
    same(
        exponent.rewrite(sp.exp).expand(), (s * (sp.cosh(w) - c) / (1 - c**2)).rewrite(sp.exp).expand(), "the exponent"
    )
    same(u1 * u2, s, "the product")
    return sp.Abs(jacobian).simplify()


def recognise_bessel():
    """int_0^oo exp(-t cosh w) dw = K_0(t).

    The integrand satisfies Bessel's modified equation up to the w-derivative of -sinh(w) exp(-t cosh w), which vanishes
    at both ends.  The integral tends to 0 as t grows, which excludes I_0; so it is a multiple of K_0, and both have the
    integral pi/2 over t (for the left side: that of 1/cosh w over w).
    """
    wave = sp.exp(-t * sp.cosh(w))
    same(t * wave.diff(t, 2) + wave.diff(t) - t * wave, (-sp.sinh(w) * wave).diff(w), "Bessel's modified equation")
    y = sp.Symbol("y", positive=True)  # y = e^w: dw/cosh w = 2 dy/(1 + y^2)
    whole = sp.integrate(2 / (1 + y**2), (y, 1, sp.oo))
    same(whole, sp.integrate(sp.besselk(0, t), (t, 0, sp.oo)), "the normalisation")
    return sp.besselk(0, t)


def bessel_moment():
    """M by the integral of t^alpha K_0(t) e^(ct)."""
    jacobian, width = _logarithmic_coordinates(), sp.Symbol("v", positive=True)  # v = 1 - c^2
    bessel = 2 * recognise_bessel().subs(t, s / width)  # w runs over the whole line
    over_s = jacobian * s**alpha * sp.exp(c * s / width) * bessel / (2 * sp.pi * sp.sqrt(width))
    over_t = over_s.subs(s, width * t) * width
    factor, integrand = sp.expand_power_base(over_t).as_independent(t)
    return sp.powsimp(factor).subs(width, 1 - c**2) * HalfLine(integrand, (t, 0, sp.oo))


def euler_moment():
    """M by 2F1(1/2, 1/2; alpha + 3/2; (1 + c)/2): the radial integral first, then Euler's integral and transformation.

    s-integral: Gamma(alpha+1) ((1-c^2)/(cosh w - c))^(alpha+1).  With v = 1 - tanh(w/2)^2 the integral over w becomes
    Euler's, int v^alpha (1-v)^(-1/2) (1 - xv)^(-alpha-1) dv, x = (1+c)/2, up to 2^(-alpha-1).
    """
    _logarithmic_coordinates()
    up, down = sp.symbols("p n", positive=True)  # 1 + c, 1 - c
    a1, scale, v = sp.symbols("a1 scale v", positive=True)
    radial = sp.integrate(s ** (a1 - 1) * sp.exp(-s * scale), (s, 0, sp.oo))
    same(radial, sp.gamma(a1) * scale ** (-a1), "the radial integral")
    cosh = (2 - v) / v  # cosh w = (1 + T^2)/(1 - T^2), T^2 = tanh(w/2)^2 = 1 - v
    same(cosh, ((1 + w**2) / (1 - w**2)).subs(w, sp.sqrt(1 - v)), "the half-angle")
    speed = sp.diff(sp.acosh(cosh), v)
    same(sp.simplify(speed**2), 1 / (v**2 * (1 - v)), "dw = dv/(v sqrt(1 - v))")
    x = up / 2
    same((cosh - (up - 1)) * v, 2 * (1 - x * v), "cosh w - c")
    prefactor = (up * down) ** (alpha + 1) * sp.gamma(alpha + 1) / (2 * sp.pi * sp.sqrt(up * down)) * 2 ** (-alpha - 1)
    # both halves of the w-line give the integral over 0 < v < 1, and the Jacobian 1/2 takes the factor 2 away
    beta = sp.gamma(alpha + 1) * sp.sqrt(sp.pi) / sp.gamma(alpha + 3 * HALF)
    _euler_integral()
    _euler_transformation()
    function = (1 - x).subs(up, 2 - down) ** (-alpha - HALF) * sp.hyper(
        (HALF, HALF), (alpha + 3 * HALF,), sp.Dummy("x")
    )
    whole = sp.powsimp(prefactor * beta) * function
    dummy = next(iter(whole.atoms(sp.hyper))).args[2]
    return whole.subs(dummy, (1 + c) / 2).subs(up, 2 * half_sum), down


def _euler_integral():
    """The Beta integrals of v^(alpha+k) (1-v)^(-1/2) are the coefficients of 2F1(alpha+1, alpha+1; alpha+3/2; x)."""
    a1 = sp.Symbol("a1", positive=True)
    beta = lambda m: sp.gamma(a1 + m) * sp.sqrt(sp.pi) / sp.gamma(a1 + m + HALF)  # noqa: E731
    v = sp.Symbol("v", positive=True)
    for m in (1, 2):  # the Beta integral itself, at integer exponents, by SymPy
        same(sp.integrate(v**m / sp.sqrt(1 - v), (v, 0, 1)), beta(m).subs(a1, 1), "the Beta integral")
    ratio = beta(k + 1) / beta(k) * (a1 + k) / (k + 1)  # times the binomial coefficient of (1 - xv)^(-a1)
    same(ratio, (a1 + k) ** 2 / ((a1 + HALF + k) * (k + 1)), "the ratio of coefficients")


def hypergeometric_operator(y, x, a, b, lower):
    """x(1-x)y'' + (lower - (a+b+1)x)y' - ab y."""
    return x * (1 - x) * y.diff(x, 2) + (lower - (a + b + 1) * x) * y.diff(x) - a * b * y


def _euler_transformation():
    """(1-x)^(-alpha-1/2) f solves the equation of 2F1(alpha+1, alpha+1; .) when f solves that of 2F1(1/2, 1/2; .).

    Both functions are 1 at x = 0 and analytic there, and the equation has one such solution.
    """
    x, f = sp.Symbol("x", positive=True), sp.Function("f")
    lower, power = alpha + 3 * HALF, (1 - x) ** (-alpha - HALF)
    left = hypergeometric_operator(power * f(x), x, alpha + 1, alpha + 1, lower)
    same(
        sp.expand(sp.simplify(left / power)), sp.expand(hypergeometric_operator(f(x), x, HALF, HALF, lower)), "Euler's"
    )


def hypergeometric_kernel():
    """J = M/c_alpha with powers of 1 - c taken together."""
    moment, down = euler_moment()
    kernel = sp.powsimp(sp.powdenest(moment / second_moment(), force=True), force=True)
    kernel = sp.simplify(kernel)
    if kernel.has(down):
        raise CertificationError("powers of 1 - c are left over")
    return kernel.subs(half_sum, (1 + c) / 2)


def parts_of_kernel(order):
    """The constant and the power of x = (1 + c)/2 before the hypergeometric function, for a kernel of a given order."""
    kernel = hypergeometric_kernel().subs((1 + c) / 2, half_sum).subs(alpha, order)
    rest = kernel.subs(next(iter(kernel.atoms(sp.hyper))), 1)
    constant, power = rest.as_independent(half_sum)
    return constant, power.as_base_exp()[1]


def second_derivative():
    """J'' from the hypergeometric equation for F = x^(-mu) J, x = (1 + c)/2."""
    kernel, first, second = sp.Function("J"), sp.Symbol("J1"), sp.Symbol("J2")
    x = half_sum
    function = x ** (-alpha - HALF) * kernel(x)
    equation = hypergeometric_operator(function, x, HALF, HALF, alpha + 3 * HALF) * x ** (alpha + HALF)
    equation = sp.expand(sp.powsimp(sp.expand(equation)))
    # d/dx = 2 d/dc
    equation = equation.subs({kernel(x).diff(x, 2): 4 * second, kernel(x).diff(x): 2 * first})
    (solved,) = sp.solve(equation, second)
    solved = solved.subs(kernel(x), sp.Symbol("J0")).subs(x, (1 + c) / 2)
    from derive import J

    return sp.simplify(solved).subs({first: SLOPE, sp.Symbol("J0"): J(alpha, c)})


def three_terms():
    """J_(alpha+2) from its differential equation, both derivatives written by lower orders (the derivative rule)."""
    from derive import J

    order, value = alpha + 2, sp.Symbol("J0")
    factors = [(alpha + j) ** 2 / (2 * (alpha + j) - 1) for j in (1, 2)]  # J_(alpha+j)' = factor J_(alpha+j-1)
    first, second = factors[1] * J(alpha + 1, c), factors[0] * factors[1] * J(alpha, c)
    (solved,) = sp.solve(_second(order, first, value) - second, value)
    return sp.expand(solved)


def _second(order, first, value):
    """The second derivative of J_order by its first and its value."""
    from derive import J

    marks = sp.symbols("m1 m0")
    made = second_derivative().xreplace({SLOPE: marks[0], J(alpha, c): marks[1]}).subs(alpha, order)
    return made.subs({marks[0]: first, marks[1]: value})


def slope_by_higher_order():
    """The slope of J_alpha from the equation of order alpha + 1, where it is the second derivative up to a factor."""
    from derive import J

    order, slope = alpha + 1, sp.Symbol("J1")
    factor = order**2 / (2 * order - 1)
    (solved,) = sp.solve(factor * slope - _second(order, factor * J(alpha, c), J(order, c)), slope)
    return solved


def regular_solution():
    """2F1(-alpha, -alpha; 1/2 - alpha; (1-c)/2) solves the kernel's equation; so does J(-c): the equation is even."""
    y, f = sp.Symbol("y", positive=True), sp.Function("f")
    by_y = hypergeometric_operator(f(y), y, -alpha, -alpha, HALF - alpha)
    first, second = sp.symbols("J1 J2")
    # y = (1 - c)/2: d/dy = -2 d/dc
    at_c = by_y.subs({f(y).diff(y, 2): 4 * second, f(y).diff(y): -2 * first}).subs(f(y), sp.Symbol("J0"))
    (solved,) = sp.solve(at_c.subs(y, (1 - c) / 2), second)
    from derive import J

    wanted = second_derivative().xreplace({SLOPE: first, J(alpha, c): sp.Symbol("J0")})
    same(solved, wanted, "the equation of the regular solution")
    turned = wanted.subs({c: -c, first: -first}, simultaneous=True)
    same(turned, wanted, "the equation is even")
    return sp.hyper((-alpha, -alpha), (HALF - alpha,), (1 - c) / 2)


def reflection():
    """J(-c) = A R(c) + B J(c), R the regular solution: at c = 1, 0 = A + B; at c = -1, 1 = A R(-1), by Gauss."""
    from derive import J

    regular = regular_solution()
    at_end = sp.gamma(HALF - alpha) * sp.gamma(HALF + alpha) / sp.gamma(HALF) ** 2  # R(-1), c - a - b = 1/2 + alpha > 0
    factor = same(1 / at_end, sp.cos(sp.pi * alpha), "Euler's reflection formula")
    return factor * (regular - J(alpha, c))


def angular_moment():
    """M over the angle: u1 = r cos f, u2 = r cos(f - theta) for c = cos theta, and t = 2 f - theta.

    Both are positive for theta - pi/2 < f < pi/2, that is |t| < pi - theta; the integrand is even in t.
    """
    from ._kernel import Angle

    r, a1 = sp.Symbol("r", positive=True), sp.Symbol("a1", positive=True)
    f, theta = sp.symbols("f theta", real=True)
    z1, z2 = r * sp.cos(f), r * sp.sin(f)  # independent standard normals
    second = sp.cos(theta) * z1 + sp.sin(theta) * z2
    same(sp.expand_trig(r * sp.cos(f - theta)), second, "the second variable")
    product = z1 * second / r**2
    same(sp.expand_trig(sp.cos(theta) + sp.cos(2 * f - theta)) / 2, sp.expand_trig(product), "the product of cosines")
    radial = sp.integrate(r ** (2 * a1 - 1) * sp.exp(-(r**2) / 2), (r, 0, sp.oo)).subs(a1, alpha + 1)
    # df = dt/2, twice the half-range: one integral over 0 < t < pi - theta of ((c + cos t)/2)^alpha
    factor = sp.powsimp(sp.simplify(radial * 2 ** (-alpha))) / (2 * sp.pi)
    return factor * Angle((c + sp.cos(t)) ** alpha, (t, 0, sp.pi - sp.acos(c)))


def cho_saul_moment():
    """The radial integral first; then cos t = 1/cosh w in the integral of (cosh w - c)^(-alpha-1)."""
    from ._kernel import Angle

    _logarithmic_coordinates()
    a1, scale, x = sp.Symbol("a1", positive=True), sp.Symbol("scale", positive=True), sp.Symbol("x", positive=True)
    radial = sp.integrate(s ** (a1 - 1) * sp.exp(-s * scale), (s, 0, sp.oo))
    same(radial, sp.gamma(a1) * scale ** (-a1), "the radial integral")
    speed = sp.diff(sp.acosh(1 / sp.cos(x)), x)
    same(sp.simplify(sp.trigsimp(speed**2)), 1 / sp.cos(x) ** 2, "dw = dt/cos t")
    width = sp.Symbol("v", positive=True)  # 1 - c^2
    factor = sp.powsimp(width ** (alpha + 1) / sp.sqrt(width)) * sp.gamma(alpha + 1) / (2 * sp.pi)
    integrand = sp.cos(t) ** alpha / (1 - c * sp.cos(t)) ** (alpha + 1)
    same((1 / sp.cos(t) - c) * sp.cos(t), 1 - c * sp.cos(t), "the common denominator")
    return factor.subs(width, 1 - c**2) * Angle(integrand, (t, 0, sp.pi / 2))


def half_normal(order):
    """E z^order over z > 0, as an expression in the order."""
    x = sp.Symbol("x", positive=True)
    value = sp.integrate(x ** (2 * mu - 1) * sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi), (x, 0, sp.oo))
    return value.subs(mu, (order + 1) / 2)
