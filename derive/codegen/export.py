"""A compiled system as files that stand on their own: C99 text with its float64 tables, a main and a Makefile."""

from __future__ import annotations

import numpy as np

from derive.codegen.backends.c_backend import FLAGS
from derive.codegen.backends.c_source import c_source
from derive.codegen.graph import Program

__all__ = ["standalone"]

_MAIN = """\
/* Reads one point a line from standard input and iterates it over DEPTH layers.
   input:  {inputs}
   output: {outputs} */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {{ INPUTS = {n_in}, OUTPUTS = {n_out} }};
extern const double *const derive_tables[];
void derive_run(int64_t first, int64_t last, int64_t depth, const double *const *in, double *const *out,
                double *const *layers, int64_t stride, const double *const *tables);

int main(int argc, char **argv) {{
    const long depth = argc == 2 ? strtol(argv[1], NULL, 10) : -1;
    long points = 0, room = 1024, i;
    double *in[INPUTS], *out[OUTPUTS], value;
    if (depth < 0) {{
        fprintf(stderr, "usage: %s DEPTH < points   (a line: {inputs})\\n", argv[0]);
        return 2;
    }}
    for (i = 0; i < INPUTS; i++) in[i] = malloc(room * sizeof(double));
    for (;;) {{
        if (points == room) {{
            room *= 2;
            for (i = 0; i < INPUTS; i++) in[i] = realloc(in[i], room * sizeof(double));
        }}
        for (i = 0; i < INPUTS && scanf("%lf", &value) == 1; i++) in[i][points] = value;
        if (i < INPUTS) break;
        points++;
    }}
    for (i = 0; i < OUTPUTS; i++) out[i] = malloc((points + 1) * sizeof(double));
    derive_run(0, points, depth, (const double *const *)in, out, NULL, points, derive_tables);
    for (long k = 0; k < points; k++)
        for (i = 0; i < OUTPUTS; i++) printf("%.17g%c", out[i][k], i == OUTPUTS - 1 ? '\\n' : ' ');
    return 0;
}}
"""

_MAKEFILE = """\
# make; echo "POINT" | ./network DEPTH
CC ?= cc
CFLAGS ?= {flags}

network: main.c network.c tables.c
\t$(CC) $(CFLAGS) -o $@ main.c network.c tables.c -lm

clean:
\trm -f network

.PHONY: clean
"""


def standalone(program: Program) -> dict[str, str]:
    """Texts by file name: network.c, tables.c, main.c and Makefile.

    The tables are written in hexadecimal, so they are exactly those used here.
    """
    inputs = [*program.states, *program.parameters]
    outputs = [*program.states, *(f"log_{n}" for n in program.factors), *program.shown]
    main = _MAIN.format(inputs=" ".join(inputs), outputs=" ".join(outputs), n_in=len(inputs), n_out=len(outputs))
    return {
        "network.c": c_source(program),
        "tables.c": _tables(program),
        "main.c": main,
        "Makefile": _MAKEFILE.format(flags=" ".join(FLAGS)),
    }


def _tables(program: Program) -> str:
    arrays = [a for group in program.table_data() for a in group]
    lines = ["/* breaks of the axes, then the coefficients of the tiles, group by group */"]
    for i, array in enumerate(arrays):
        lines.append(f"static const double table_{i}[] = {{")
        lines += _rows(array)
        lines.append("};")
    names = ", ".join(f"table_{i}" for i in range(len(arrays))) or "0"
    lines.append(f"const double *const derive_tables[] = {{{names}}};")
    return "\n".join(lines) + "\n"


def _rows(array: np.ndarray) -> list[str]:
    flat = [float(x).hex() for x in array.ravel()]
    return ["    " + ", ".join(flat[i : i + 4]) + "," for i in range(0, len(flat), 4)]
