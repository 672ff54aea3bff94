"""A program as portable C99: one function that iterates a range of points over all layers; float64.

Points are worked on in strips of ``LANES``; each loop over a strip is straight-line code that compilers vectorise.
Every lane keeps the coefficients of the tile it is in and looks them up again when it leaves the tile.
"""

from __future__ import annotations

from itertools import pairwise

from derive.codegen.backends.arrays import row_starts
from derive.codegen.graph import Graph, Group, Node, Program

__all__ = ["FORMS", "LANES", "c_source"]

LANES = 16

_HEAD = """\
#include <math.h>
#include <stdint.h>
#include <stddef.h>

#define LANES {lanes}
#define EDGE 1.000001 /* local coordinates run from -1 to 1 */
#define LARGE 0x1p500 /* bounds of products */
#define SMALL 0x1p-500
#define NORMAL 0x1p-1022 /* states below this are 0: subnormal numbers have few digits, and are slow */

/* 1/sqrt(a) for 1e-37 < a < 1e37: a float seed and one step of third order */
static inline double rsqrt_(double a) {{
    double s = (double)(1.0f / sqrtf((float)a));
    double e = 1.0 - (a * s) * s;
    return s + s * (e * (0.5 + 0.375 * e));
}}

/* the tile of x among n, looked for from tile k on, or -1 outside the table */
static inline long find_(const double *breaks, long n, long k, double x) {{
    if (x < breaks[0] * (1 - 1e-9) || x > breaks[n] * (1 + 1e-9)) return -1;
    if (k < 0) {{
        long high = n;
        k = 0;
        while (high - k > 1) {{
            const long middle = (k + high) / 2;
            if (x < breaks[middle]) high = middle; else k = middle;
        }}
        return k;
    }}
    while (k > 0 && x < breaks[k]) k--;
    while (k < n - 1 && x >= breaks[k + 1]) k++;
    return k;
}}
"""

FORMS = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "sqrt": "sqrt({0})",
    "rsqrt": "rsqrt_({0})",
    "exp": "exp({0})",
    "log": "log({0})",
    "asin": "asin({0})",
    "abs": "fabs({0})",
    "min": "({0} < {1} ? {0} : {1})",
    "max": "({0} > {1} ? {0} : {1})",
    "below": "({0} < {1} ? {2} : {3})",
}


def c_source(program: Program) -> str:
    """The text of a C99 file that defines ``derive_run``.

    ``void derive_run(int64_t first, int64_t last, int64_t depth, const double *const *in, double *const *out,
    double *const *layers, int64_t stride, const double *const *tables)`` iterates points first..last-1.  ``in`` holds
    states, then parameters; ``out`` states, logarithms of products, shown values; ``layers`` is NULL or holds an array
    [depth + 1][stride] for each state, factor and shown value; ``tables`` those of ``Program.table_data``.
    """
    return "\n".join(
        [_HEAD.format(lanes=LANES), *(_renewal(i, g) for i, g in enumerate(_groups(program))), _run(program)]
    )


def _groups(program: Program) -> list[Group]:
    return program.graph.groups


def _columns(group: Group) -> int:
    return sum(len(p) for p in group.tiles.patterns.values())


def _renewal(number: int, group: Group) -> str:
    """The type of the copies of one group, and the function that renews a lane."""
    axes, names = len(group.tiles.axes), sorted(group.tiles.patterns)
    lines = [
        f"typedef struct {{ double middle[{axes}][LANES], inverse[{axes}][LANES], local[{axes}][LANES], "
        f"where[{axes}][LANES], rows[{_columns(group)}][LANES]; int64_t left[LANES]; "
        f"long at[{axes}][LANES], held[LANES]; }} copies_{number};",
        f"static void renew_{number}(copies_{number} *c, int l, const double *const *tables) {{",
        "    long tile = 0, lost = 0, k; int i;",
    ]
    for a, breaks in enumerate(group.tiles.axes):
        n = len(breaks) - 1
        lines += [
            f"    k = find_(tables[{a}], {n}, c->at[{a}][l], c->where[{a}][l]);",
            "    if (k < 0) { lost = 1; k = 0; }",
            f"    c->at[{a}][l] = k;",
            f"    c->middle[{a}][l] = 0.5 * (tables[{a}][k] + tables[{a}][k + 1]);",
            f"    c->inverse[{a}][l] = 2.0 / (tables[{a}][k + 1] - tables[{a}][k]);",
            f"    tile = tile * {n} + k;",
        ]
    first = 0
    lines.append("    if (tile != c->held[l]) {")
    for t, name in enumerate(names):
        width = len(group.tiles.patterns[name])
        lines.append(
            f"        for (i = 0; i < {width}; i++) c->rows[{first} + i][l] = tables[{axes + t}][tile * {width} + i];"
        )
        first += width
    lines += [
        "        c->held[l] = tile;",
        "    }",
        "    if (lost) {",
        "        c->held[l] = -1;",
        f"        for (i = 0; i < {first}; i++) c->rows[i][l] = NAN;",
        *(f"        c->inverse[{a}][l] = 0.0;" for a in range(axes)),
        "    }",
        *(f"    c->local[{a}][l] = (c->where[{a}][l] - c->middle[{a}][l]) * c->inverse[{a}][l];" for a in range(axes)),
        "}",
    ]
    return "\n".join(lines) + "\n"


class _Printer:
    """Statements of one layer, level by level."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.graph: Graph = program.graph
        self.level, self.need = program.levels(), program.needed()
        self.top = max((v for v, used in zip(self.level, self.need, strict=True) if used), default=0)
        self.results = {*program.states.values(), *program.factors.values(), *program.shown.values()}

    def users(self, number: int) -> set[int]:
        """The levels at which a node is read."""
        return {self.level[i] for i, n in enumerate(self.graph.nodes) if self.need[i] and number in n.args}

    def kept(self, number: int) -> bool:
        """Whether a node must be stored for a later loop."""
        node = self.graph.nodes[number]
        if node.op in ("const", "input"):
            return False
        later = {i for i in self.users(number) if i > self.level[number]}
        tabled = all(
            self.graph.nodes[i].op == "table"
            for i, n in enumerate(self.graph.nodes)
            if number in n.args and self.need[i] and self.level[i] > self.level[number]
        )
        return (bool(later) and not tabled) or (number in self.results and self.level[number] < self.top)

    def name(self, number: int, level: int) -> str:
        """How a node is written inside the loop of a level."""
        node = self.graph.nodes[number]
        if node.op == "const":
            return float(node.value).hex() if abs(node.value) != float("inf") else "INFINITY"
        if node.op == "input":
            return "index_" if node.value == self.program.index else f"in_{node.value}[l]"
        return f"n{number}" if self.level[number] == level else f"k{number}[l]"

    def statement(self, number: int, level: int) -> list[str]:
        node = self.graph.nodes[number]
        if node.op in ("const", "input"):
            return []
        if node.op == "table":
            return self.polynomial(number, node)
        text = FORMS[node.op].format(*(self.name(i, level) for i in node.args))
        lines = [f"const double n{number} = {text};"]
        return [*lines, f"k{number}[l] = n{number};"] if self.kept(number) else lines

    def polynomial(self, number: int, node: Node) -> list[str]:
        group, table = node.value
        tiles = self.graph.groups[group].tiles
        first = 0
        for other in sorted(tiles.patterns):
            if other == table:
                break
            first += len(tiles.patterns[other])
        pattern = tiles.patterns[table]
        rows = [f"c{group}.rows[{first + i}][l]" for i in range(len(pattern))]
        x = f"c{group}.local[0][l]"
        if len(tiles.axes) == 1:
            text = _horner(rows, x)
        else:
            starts = row_starts(pattern)
            inner = [f"n{number}_{i}" for i in range(len(starts) - 1)]
            lines = [
                f"const double {n} = {_horner(rows[a:b], f'c{group}.local[1][l]')};"
                for n, (a, b) in zip(inner, pairwise(starts), strict=True)
            ]
            return [*lines, f"const double n{number} = {_horner(inner, x)};", *self.copy(number)]
        return [f"const double n{number} = {text};", *self.copy(number)]

    def copy(self, number: int) -> list[str]:
        return [f"k{number}[l] = n{number};"] if self.kept(number) else []


def _horner(rows: list[str], x: str) -> str:
    text = rows[-1]
    for row in rows[-2::-1]:
        text = f"({text}) * {x} + {row}"
    return text


def _run(program: Program) -> str:
    p, printer = program, _Printer(program)
    inputs = [*p.states, *p.parameters]
    outputs = [*p.states, *p.factors]
    recorded = [*outputs, *p.shown]
    levels = range(printer.top + 1)
    lines = [
        "void derive_run(int64_t first, int64_t last, int64_t depth, const double *const *in, double *const *out,",
        "                double *const *layers, int64_t stride, const double *const *tables) {",
        *(f"    double in_{n}[LANES];" for n in inputs),
        *(f"    double product_{n}[LANES], next_{n}[LANES], log_{n}[LANES];" for n in p.factors),
        *(f"    double carry_{n}[LANES];" for n in sorted(p.sums)),
        *(f"    double show_{n}[LANES];" for n in (*p.factors, *p.shown)),
        *(f"    double k{i}[LANES];" for i in range(len(p.graph.nodes)) if printer.need[i] and printer.kept(i)),
        *(f"    copies_{g} c{g};" for g in range(len(p.graph.groups))),
        "    int64_t start, layer; int l;",
        *_fresh(program),
        "    for (start = first; start < last; start += LANES) {",
        "        const int width = last - start < LANES ? (int)(last - start) : LANES;",
        "        for (l = 0; l < LANES; l++) {",
        "            const int64_t at = start + (l < width ? l : 0);",
        *(f"            in_{n}[l] = in[{i}][at];" for i, n in enumerate(inputs)),
        *(f"            product_{n}[l] = 1.0; log_{n}[l] = 0.0;" for n in p.factors),
        *(f"            carry_{n}[l] = 0.0;" for n in sorted(p.sums)),
        *(f"            show_{n}[l] = NAN;" for n in (*p.factors, *p.shown)),
        "        }",
        *_away(program),
        "        if (layers) for (l = 0; l < width; l++) {",
        *(f"            layers[{i}][start + l] = in_{n}[l];" for i, n in enumerate(p.states)),
        "        }",
        "        for (layer = 1; layer <= depth; layer++) {",
        *(["            const double index_ = (double)layer;"] if p.index else []),
    ]
    for level in levels:
        lines += _level(program, printer, level, last=level == levels[-1])
    lines += [
        "            if (layers) for (l = 0; l < width; l++) {",
        *(
            f"                layers[{i}][layer * stride + start + l] = {'in' if n in p.states else 'show'}_{n}[l];"
            for i, n in enumerate(recorded)
        ),
        "            }",
        "        }",
        "        for (l = 0; l < width; l++) {",
        *(f"            out[{i}][start + l] = in_{n}[l];" for i, n in enumerate(p.states)),
        *(
            f"            out[{i}][start + l] = log_{n}[l] + log(product_{n}[l]);"
            for i, n in enumerate(p.factors, start=len(p.states))
        ),
        *(f"            out[{i}][start + l] = show_{n}[l];" for i, n in enumerate(p.shown, start=len(outputs))),
        "        }",
        "    }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _fresh(program: Program) -> list[str]:
    """No lane holds a tile."""
    lines = []
    for g, group in enumerate(program.graph.groups):
        lines.append("    for (l = 0; l < LANES; l++) {")
        lines += [f"        c{g}.at[{a}][l] = -1;" for a in range(len(group.tiles.axes))]
        lines.append(f"        for (int i = 0; i < {_columns(group)}; i++) c{g}.rows[i][l] = 0.0;")
        lines.append(f"        c{g}.held[l] = -1;")
        lines.append("    }")
    return lines


def _away(program: Program) -> list[str]:
    """Every lane of a new strip looks for its tile, whose coefficients it may hold from the strip before."""
    lines = []
    for g, group in enumerate(program.graph.groups):
        lines.append("        for (l = 0; l < LANES; l++) {")
        for a in range(len(group.tiles.axes)):
            lines.append(f"            c{g}.middle[{a}][l] = -1.0; c{g}.inverse[{a}][l] = 1e6;")
        lines.append("        }")
    return lines


def _level(program: Program, printer: _Printer, level: int, last: bool) -> list[str]:
    """The loop of one level, then the renewal of copies whose coordinates it has made."""
    p, g = program, program.graph
    body: list[str] = []
    for number in range(len(g.nodes)):
        if printer.need[number] and printer.level[number] == level:
            body += printer.statement(number, level)
    looked_up = [
        i
        for i, group in enumerate(g.groups)
        if max(printer.level[c] for c in group.coordinates) == level and printer.need[group.coordinates[0]]
    ]
    for i in looked_up:
        for a, c in enumerate(g.groups[i].coordinates):
            x = printer.name(c, level)
            body += [
                f"const double x{i}_{a} = {x}, t{i}_{a} = (x{i}_{a} - c{i}.middle[{a}][l]) * c{i}.inverse[{a}][l];",
                f"c{i}.where[{a}][l] = x{i}_{a}; c{i}.local[{a}][l] = t{i}_{a};",
            ]
        away = " | ".join(f"(fabs(t{i}_{a}) > EDGE)" for a in range(len(g.groups[i].coordinates)))
        body += [f"const int64_t left{i} = {away};", f"c{i}.left[l] = left{i}; left |= left{i};"]
    if last:
        body += [f"const double new_{n} = {printer.name(i, level)};" for n, i in p.states.items()]
        body += [f"const double f_{n} = {printer.name(i, level)};" for n, i in p.factors.items()]
        body += [f"show_{n}[l] = {printer.name(i, level)};" for n, i in p.shown.items()]
        for n in p.states:
            if n in p.sums:  # Kahan's sum
                body.append(f"const double step_{n} = new_{n} - carry_{n}[l], sum_{n} = in_{n}[l] + step_{n};")
                body.append(f"carry_{n}[l] = (sum_{n} - in_{n}[l]) - step_{n}; in_{n}[l] = sum_{n};")
            else:
                body.append(f"in_{n}[l] = fabs(new_{n}) < NORMAL ? 0.0 : new_{n};")
        for n in p.factors:
            body.append(f"const double size_{n} = product_{n}[l] * f_{n}; show_{n}[l] = f_{n};")
            body.append(f"wild |= (size_{n} >= LARGE) | (size_{n} <= SMALL); next_{n}[l] = size_{n};")
    lines = ["            {", "                int64_t left = 0, wild = 0;"]
    lines += ["                for (l = 0; l < LANES; l++) {", *(f"                    {b}" for b in body)]
    lines.append("                }")
    if looked_up:
        lines.append("                if (left) for (l = 0; l < LANES; l++) {")
        offsets, offset = [], 0
        for group in g.groups:
            offsets.append(offset)
            offset += len(group.tiles.axes) + len(group.tiles.patterns)
        for i in looked_up:
            lines.append(f"                    if (c{i}.left[l]) renew_{i}(&c{i}, l, tables + {offsets[i]});")
        lines.append("                }")
    else:
        lines.append("                (void)left;")
    return [*lines, *(_products(program) if last else ["                (void)wild;"]), "            }"]


def _products(program: Program) -> list[str]:
    """The products of factors; logarithms are taken out where they would overflow."""
    lines = ["                if (wild) for (l = 0; l < LANES; l++) {"]
    for n in program.factors:
        lines += [
            f"                    if (next_{n}[l] >= LARGE || next_{n}[l] <= SMALL) {{",
            f"                        log_{n}[l] += log(product_{n}[l]) + log(show_{n}[l]); next_{n}[l] = 1.0;",
            "                    }",
        ]
    lines.append("                }")
    for n in program.factors:
        lines.append(f"                for (l = 0; l < LANES; l++) product_{n}[l] = next_{n}[l];")
    return lines
