"""What SciPy, statsmodels and NumPy say: pip install scipy statsmodels; python make-fixtures.py > fixtures.json; npm run format."""
import json
from math import comb

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

random = np.random.default_rng(12)


def mcnemar(b, c):
    n, k = b + c, min(b, c)
    p = stats.binomtest(k, n).pvalue if n > 0 else 1.0
    exact = min(1.0, 2 * sum(comb(n, i) for i in range(k + 1)) / 2**n) if n < 1000 else p
    assert abs(p - exact) <= 1e-12 * exact, (b, c, p, exact)
    return [b, c, p]


def wilson(count, of, confidence):
    lower, upper = proportion_confint(count, of, alpha=1 - confidence, method="wilson")
    return [count, of, stats.norm.ppf(0.5 + confidence / 2), lower, upper]


def percentile(values, clusters=None, draws=400_000):
    values = np.asarray(values, dtype=float)
    names = np.arange(len(values)) if clusters is None else np.asarray(clusters)
    groups = np.unique(names)
    sums = np.array([values[names == g].sum() for g in groups])
    sizes = np.array([(names == g).sum() for g in groups])
    means = []
    for _ in range(draws // 2000):
        drawn = random.integers(0, len(groups), (2000, len(groups)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    lower, upper = np.percentile(np.concatenate(means), [2.5, 97.5])
    return {"lower": lower, "upper": upper}


def clustered_error(values, clusters):
    names = {name: i for i, name in enumerate(dict.fromkeys(clusters))}
    groups = [names[cluster] for cluster in clusters]
    fit = sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": groups})
    return fit.bse[0]


def sfc32(seed, n, fills):
    """PractRand's sfc32 from two words of seed, 15 rounds in; each word as a place below n."""
    mask = 0xFFFFFFFF
    a, b, c, counter = seed & mask, seed >> 32, 0, 1
    words = []
    for _ in range(15 + n * fills):
        word = (a + b + counter) & mask
        counter = (counter + 1) & mask
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & mask
        c = (((c << 21) | (c >> 11)) + word) & mask
        words.append(word)
    return [word * n >> 32 for word in words[15:]]


pairs = [(b, c) for b in range(9) for c in range(9)]
pairs += [(40, 0), (0, 40), (357, 243), (243, 357), (14, 31), (200, 260), (999, 1000), (1, 1000), (17, 16)]
pairs += [(5000, 5000), (4999, 5001), (5100, 4900), (5300, 4700), (6000, 4000), (6500, 3500), (10, 1000), (10000, 0)]

rates = [(0, 30), (1, 30), (15, 30), (30, 30), (759, 1319), (873, 1319), (383, 400), (369, 400), (0, 1), (1, 1)]
rates += [(12.5, 30), (1 / 3, 198), (10_000, 10_000), (1, 10_000), (4999.75, 10_000)]

skewed = [round(x, 3) for x in random.gamma(0.7, 2.0, 60)]
subjects = ["algebra"] * 5 + ["geometry"] * 11 + ["logic"] * 3 + [f"s{i % 9}" for i in range(41)]
differences = [1] * 357 + [-1] * 243 + [0] * 719
ps = [0.01, 0.04, 0.03, 0.005, 0.5, 0.04, 1.0, 1e-12, 0.0, 0.2]
vectors = np.asarray(random.normal(0.2, 3, (23, 6)), dtype=np.float32)
vectors[:, 1] = 0
vectors[:, 2] += 1000
quantiles = [1e-300, 1e-20, 1e-9, 0.001, 0.025, 0.07, 0.0749, 0.3, 0.5, 0.8, 0.925, 0.975, 0.999999]

print(
    json.dumps(
        {
            "versions": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__},
            "mcnemar": [mcnemar(b, c) for b, c in pairs],
            "wilson": [wilson(count, of, level) for count, of in rates for level in (0.95, 0.99)],
            "holm": {"ps": ps, "corrected": list(multipletests(ps, method="holm")[1])},
            "quantiles": [[p, stats.norm.ppf(p)] for p in quantiles],
            "places": [{"seed": seed, "places": sfc32(seed, 100, 2)} for seed in (12, 7 + 2**33)],
            "skewed": {
                "values": skewed,
                "subjects": subjects,
                "error": stats.sem(skewed),
                "clusteredError": clustered_error(skewed, subjects),
                "interval": percentile(skewed),
                "clusteredInterval": percentile(skewed, subjects),
            },
            "paired": {"b": 357, "c": 243, "n": 1319, "error": stats.sem(differences), "interval": percentile(differences, draws=100_000)},
            "moments": {
                "vectors": vectors.astype(float).tolist(),
                "mean": vectors.astype(float).mean(axis=0).tolist(),
                "sd": vectors.astype(float).std(axis=0, ddof=1).tolist(),
                "up": (vectors > 0).sum(axis=0).tolist(),
                "down": (vectors < 0).sum(axis=0).tolist(),
            },
        }
    )
)
