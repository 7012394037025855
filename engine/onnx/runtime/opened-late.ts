/** Something that is opened when it is first needed, and released if it was. */
interface Releasable {
  release(): Promise<void>;
}

export class OpenedLate<T extends Releasable> implements Releasable {
  private opening: Promise<T> | undefined;

  constructor(private readonly open: () => Promise<T>) {}

  /** Where it could not be opened, the next call tries again. */
  get(): Promise<T> {
    if (this.opening) return this.opening;
    const opening = this.open();
    this.opening = opening;
    opening.catch(() => {
      this.opening = undefined;
    });
    return opening;
  }

  async release(): Promise<void> {
    // One that could not be opened has released what it had already.
    const opened = await this.opening?.catch(() => undefined);
    await opened?.release();
  }
}
