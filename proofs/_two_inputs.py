"""Two inputs of a tanh residual network, layer by layer, in ball arithmetic."""

from functools import lru_cache


@lru_cache(maxsize=4)
def cosine_balls(depths: tuple[int, ...], e0: int) -> dict[int, object]:
    """e at the given layers, all variances 1 but sigma_b2 = 0, p0 = 1, from proven balls of V and W."""
    from flint import arb, ctx

    from derive.activations import activation
    from derive.expectations.asymptotic.covariance_large_ball import covariance_large_ball
    from derive.expectations.balls import variance_ball
    from derive.expectations.covariance import gap_ball

    phi, found = activation("tanh"), {}
    with ctx.workprec(120):
        p, s = arb(1), arb(1 - e0)
        for layer in range(1, max(depths) + 1):
            cosine, variance = 1 - s / p, variance_ball(phi, p, 100)
            product = covariance_large_ball(phi, p, cosine, (s / p) * (1 + cosine), 80) if p > 80 else None
            s += gap_ball(phi, p, s, 90) if product is None else variance - product
            p += variance + 1
            if layer in depths:
                found[layer] = 1 - s / p
    return found
