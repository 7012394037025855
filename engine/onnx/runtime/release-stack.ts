/** What was opened, released in reverse: by its owner, or at once where opening fails half-way. */

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
      // What else fails now is a consequence, or matters less.
      await stack.release().catch(() => {});
      throw error;
    }
  }

  add<T extends Releasable>(opened: T): T {
    this.held.push(opened);
    return opened;
  }

  /** Releases everything, even where a release fails; then throws the first failure. Again: nothing. */
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
