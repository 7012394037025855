/** Truth that may be open. */

/** undefined: it cannot be told. */
export type Told = boolean | undefined;

/** One that is false decides; else one that cannot be told leaves all open. */
export function all(tests: readonly (() => Told)[]): Told {
  let told: Told = true;
  for (const test of tests) {
    const one = test();
    if (one === false) return false;
    if (one === undefined) told = undefined;
  }
  return told;
}

export function either(first: Told, second: () => Told): Told {
  if (first === true) return true;
  const other = second();
  return other === true ? true : first === false ? other : undefined;
}
