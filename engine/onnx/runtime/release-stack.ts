/** Holds opened resources and releases them in reverse: when the owner asks, or at once when opening fails half-way. */

interface Releasable {
  release(): void | Promise<void>;
}

export class ReleaseStack implements Releasable {
  private readonly held: Releasable[] = [];

  /**
   * Runs an opener, which adds to the stack whatever it opens. Where it fails, all of that is released and its own
   * error is thrown; otherwise what it returns owns the stack.
   */
  static async opening<T>(open: (stack: ReleaseStack) => Promise<T>): Promise<T> {
    const stack = new ReleaseStack();
    try {
      return await open(stack);
    } catch (error) {
      // The first error is the cause; a failing release would only hide it.
      await stack.release().catch(() => {});
      throw error;
    }
  }

  add<T extends Releasable>(opened: T): T {
    this.held.push(opened);
    return opened;
  }

  /** Releases everything, even where a release fails; then throws the first failure. A second call does nothing. */
  async release(): Promise<void> {
    const failures: unknown[] = [];
    for (let next = this.held.pop(); next; next = this.held.pop()) {
      try {
        await next.release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
