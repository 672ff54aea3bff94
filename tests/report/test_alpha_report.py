"""The tables and figures of ReLU and alpha-ReLU networks."""

import mpmath
import sympy as sp

from derive.report import figure, table


def test_the_table_holds_the_derived_laws():
    made = table("table2_alpha")
    cells = {row[0].text: row[1:] for row in made.rows}
    assert cells["p"][0].text == "B**l*c"
    assert "alpha**2*log(l)" in cells["log_chi_ratio"][1].text
    assert r"e^*" in cells["e"][1].latex and made.to_latex().count(r"\\") >= 6


def test_the_limits_have_their_digits():
    rows = {row[0]: row for row in table("alpha_limits").rows}

    def excess(d):  # the kernel of degree 1/2 by quadrature over the angle
        t = mpmath.acos(1 - d)
        f = lambda u: mpmath.sqrt(mpmath.sin(u) * mpmath.sin(mpmath.pi - t - u))  # noqa: E731
        whole = mpmath.quad(mpmath.sin, [0, mpmath.pi])
        return mpmath.quad(f, [0, (mpmath.pi - t) / 2, mpmath.pi - t]) / whole - (1 - d)

    with mpmath.workdps(25):
        root = mpmath.findroot(excess, (0.02, 0.04), solver="anderson", tol=1e-30)
        assert abs(mpmath.mpf(rows["1/2"][1]) - root) < mpmath.mpf(10) ** -10
    assert rows["2/3"][4] == "4" and rows["3/4"][4] == "9/2"


def test_the_figure_of_exponents_touches_its_minimum():
    (gradient, *_rest) = figure("alpha_relu_exponents").data["panels"]
    curve = next(c for c in gradient["curves"] if c["label"].startswith("$R$"))
    assert abs(min(curve["y"]) - 4) < 1e-3
    assert abs(curve["x"][curve["y"].index(min(curve["y"]))] - float(sp.Rational(2, 3))) < 0.01


def test_the_dynamics_are_drawn():
    panels = figure("alpha_relu_dynamics").data["panels"]
    assert len(panels) == 2 and all(len(p["curves"]) == 6 for p in panels)


def test_the_level_of_the_relu_gradient_is_the_one_of_a_power():
    """chi_0/chi_l = B^l with B = 1 + sigma_w2/2 at sigma_v2 = 1, whatever the start."""
    (linear, powers) = figure("alpha_relu_levels").data["panels"]
    curve = next(c for c in linear["curves"] if r"\chi_0" in c["label"] and c["label"].endswith("= 10$"))
    assert len(curve["x"]) == 41 and None not in curve["y"]
    for weight, depth in zip(curve["x"], curve["y"], strict=True):
        assert abs(depth - 10 / mpmath.log1p(mpmath.mpf(weight) / 2)) < 1e-5 * depth
    dashed = powers["curves"][-1]
    at_one = dict(zip(dashed["x"], dashed["y"], strict=True))[1.0]
    assert abs(at_one - 8 / mpmath.log(1.5)) < 1e-5  # ReLU again, at sigma_w2 = 1
