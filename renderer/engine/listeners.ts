/** Those who want to hear of something, told in the order they came. */
export type Unsubscribe = () => void;

export class Listeners<T extends readonly unknown[]> {
  readonly #callbacks = new Set<(...said: T) => void>();

  readonly add = (callback: (...said: T) => void): Unsubscribe => {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  };

  tell(...said: T): void {
    for (const callback of this.#callbacks) callback(...said);
  }
}
