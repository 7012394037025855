/**
 * The chance that at least one of k answers, drawn without replacement from n of which c are right, is right:
 * 1 − C(n − c, k) / C(n, k), the unbiased estimator of pass@k (Chen et al. 2021, "Evaluating Large Language Models
 * Trained on Code", eq. 1).
 * @throws RangeError for a k that is not within 1..n, or a c that is not within 0..n
 */
export function passAt(n: number, c: number, k: number): number {
  if (!Number.isInteger(k) || k < 1 || k > n) throw new RangeError(`pass@${k} of ${n} answers`);
  if (!(c >= 0 && c <= n)) throw new RangeError(`${c} of ${n} answers are right`);
  if (n - c < k) return 1;
  let missed = 1;
  for (let i = n - c + 1; i <= n; i++) missed *= 1 - k / i;
  return 1 - missed;
}
