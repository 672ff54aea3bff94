"""Results of every public kind show themselves in Jupyter, as a formula, a table or a picture."""

import re
from html.parser import HTMLParser

import pytest
import sympy as sp

import derive as dv
from derive.display import cell, rows_html
from derive.finite_width.corrections import width_correction
from derive.report import table

VARIANCES = {"sigma_v2": 1, "sigma_w2": 1, "sigma_a2": "1/2", "sigma_b2": "1/2"}
BIAS = {"sigma_b2": "1/20"}
x, q, c = (sp.Symbol(name, positive=True) for name in "xqc")


def parabolic():
    return dv.Recurrence(x, "x - x**3/(1 + x)", point=0)


def forward():
    return dv.FeedForward("tanh")


def small_simulation():
    start = {"p0": 1, "e0": 0.5}
    return dv.simulate("full_residual", "tanh", depth=3, width=20, realisations=4, progress=False, **VARIANCES, **start)


def driven():
    e, chi = sp.symbols("e chi", positive=True)
    return dv.RecurrenceSystem(
        [(x, x + 1 / x), (chi, (1 + 1 / x**2) * chi), (e, e - e / x**2 + e**2 / x**2 + 1 / x**4)]
    )


def convolutional():
    return dv.Convolutional("tanh", size=4, kernel_variances=["1/4", "1/2", "1/4"])


RESULTS = {
    "Activation": lambda: dv.activation("tanh"),
    "V": lambda: dv.V("tanh", q),
    "W": lambda: dv.W("tanh", q, c),
    "E": lambda: dv.E("tanh(x)**2", q),
    "J": lambda: dv.J(1, c),
    "Ball": lambda: dv.V("erf", 2).ball(20),
    "Recurrence": parabolic,
    "Classification": lambda: parabolic().classify(),
    "Expansion": lambda: parabolic().asymptotics(terms=2),
    "Verification": lambda: parabolic().asymptotics(terms=2).verify(),
    "Conjugacy": lambda: dv.Recurrence(x, "x/2 + x**2", point=0).asymptotics(terms=2),
    "FullResidual": lambda: dv.FullResidual("tanh"),
    "ReducedResidual": lambda: dv.ReducedResidual("tanh"),
    "RecurrenceSystem": lambda: dv.FullResidual("tanh").system(),
    "Transseries": lambda: driven().asymptotics("e", terms=2),
    "LinearSolution": lambda: driven().asymptotics("chi", terms=2),
    "OverlapLaw": lambda: dv.FullResidual("tanh").asymptotics("gamma", terms=2),
    "CosineLimit": lambda: dv.FullResidual("tanh").cosine_limit(**VARIANCES),
    "Trajectory": lambda: dv.FullResidual("tanh").trajectory(20, p0=1, **VARIANCES),
    "FeedForward": forward,
    "FixedPoints": lambda: forward().fixed_points(sigma_w2=2, **BIAS),
    "FixedPoint": lambda: forward().fixed_points(sigma_w2=2, **BIAS)[0],
    "CriticalPoint": lambda: forward().critical_points(**BIAS)[0],
    "Divergence": lambda: forward().divergence(**BIAS)[0],
    "PhaseDiagram": lambda: forward().phase_diagram(sigma_w2=[1, 2], sigma_b2=[0.1, 0.2]),
    "Memory": lambda: dv.FeedForward("tanh", keep_probability="9/10").longest_memory(8, **BIAS),
    "Convolutional": convolutional,
    "ConvolutionalFixedPoint": lambda: convolutional().fixed_point(sigma_w2=2, **BIAS),
    "ConvolutionalSpectrum": lambda: convolutional().spectrum(sigma_w2=2, **BIAS),
    "ScaledResidual": lambda: dv.ScaledResidual("tanh", depth=10),
    "JacobianSpectrum": lambda: dv.JacobianSpectrum(c="1/4"),
    "SymbolicLaw": lambda: dv.alpha_relu_law("log_chi_ratio", sp.Symbol("alpha", positive=True)),
    "UniqueVariance": lambda: dv.prove_unique_variance("sigmoid"),
    "ReLUNet": lambda: dv.ReLUNet([4, 10, 10]),
    "ReLUConvNet": lambda: dv.ReLUConvNet([1, 4], size=5),
    "ResidualReLU": lambda: dv.ResidualReLU(["1/2", "1/4"], width=5),
    "Bounds": lambda: dv.ResidualReLU(["1/2", "1/4"], width=5).bounds(),
    "Simulation": lambda: small_simulation(),
    "Estimate": lambda: small_simulation().p,
    "WidthCorrection": lambda: width_correction("feed_forward", "relu", depth=3, sigma_w2=2, sigma_b2=0, q0=1),
    "Table": lambda: table("table1"),
    "Initialisation": lambda: dv.initial_variances("feed-forward", "tanh", 50, **BIAS),
    "Record": lambda: dv.claims()[0],
    "Records": lambda: dv.errata(),
    "Agreement": lambda: dv.assert_identity("sin(x)**2 + cos(x)**2", "1"),
}


class Tags(HTMLParser):
    """Tags that are opened are closed, in order."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_shows_itself(name):
    result = RESULTS[name]()
    assert type(result).__name__ == name
    latex, html = (getattr(result, form, lambda: None)() for form in ("_repr_latex_", "_repr_html_"))
    assert latex or html, f"{name} has no form for Jupyter"
    if html:
        Tags(html)
        assert "<td>" in html and " object at 0x" not in html
    if latex:
        assert re.fullmatch(r"\$.+\$", latex, re.DOTALL) and latex.count("{") == latex.count("}")
        assert latex.count(r"\left") - latex.count(r"\leftarrow") == latex.count(r"\right") - latex.count(
            r"\rightarrow"
        )


def test_text_in_a_table_is_escaped():
    assert rows_html({"<b>": "a & b"}, "<i>") == (
        "<table><caption>&lt;i&gt;</caption><tr><th>&lt;b&gt;</th><td>a &amp; b</td></tr></table>"
    )


@pytest.mark.parametrize(
    "value, shown",
    [
        (None, "&ndash;"),
        ((), "&ndash;"),
        (True, "yes"),
        (0.1234567890123, "0.12345679"),
        (sp.Rational(1, 2), r"$\frac{1}{2}$"),
        (x < 1, "$x &lt; 1$"),
        ((1, "a<b"), "1<br>a&lt;b"),
        ({"k": 2}, "k: 2"),
        (tuple(range(20)), "0<br>1<br>2<br>3<br>4<br>5<br>6<br>7<br>… (20 in all)"),
    ],
)
def test_a_cell(value, shown):
    assert cell(value) == shown
