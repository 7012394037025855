/** Chris Doty-Humphrey's sfc32: 32 bits at a time, fast, and good to far more numbers than a bootstrap draws. */
export class RandomPlaces {
  readonly #state: Int32Array;

  /** @param seed a whole number; the same seed gives the same places */
  constructor(seed: number) {
    this.#state = Int32Array.of(seed, Math.floor(seed / 2 ** 32), 0, 1);
    this.fill(new Uint32Array(15));
  }

  /** Fills `places` with places below its length, each as likely as any other. */
  fill(places: Uint32Array): void {
    const n = places.length;
    const state = this.#state;
    let [a, b, c, counter] = [state[0]!, state[1]!, state[2]!, state[3]!];
    for (let i = 0; i < n; i++) {
      const word = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + word) | 0;
      places[i] = ((word >>> 0) * n) / 2 ** 32;
    }
    state.set([a, b, c, counter]);
  }
}
