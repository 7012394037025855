/** An open model with a count of its users: closed when the last one is done, and unusable after that. */
import type { OpenedModel } from '../generate/open-model';
import { badInput } from '../protocol';

export class OpenModel {
  private readonly uses = new Set<Promise<unknown>>();
  private closed: Promise<void> | undefined;

  constructor(private readonly opened: OpenedModel) {}

  /** What it is, also when it is closed. */
  get about(): Pick<OpenedModel['model'], 'folder' | 'headInfo'> {
    return this.opened.model;
  }

  /** Whether its files are unchanged since they were opened. */
  get isUnchanged(): boolean {
    return this.opened.model.isUnchanged;
  }

  /**
   * Does `work`, during which the model stays open.
   * @throws EngineError `model-closed`
   */
  async use<T>(work: (opened: OpenedModel) => T | Promise<T>): Promise<T> {
    if (this.closed) {
      throw badInput(
        'model-closed',
        'the model of this run is no longer open',
        'Run the prompt again to look closer.',
      );
    }
    const done = (async () => work(this.opened))();
    this.uses.add(done);
    try {
      return await done;
    } finally {
      this.uses.delete(done);
    }
  }

  /** Closes the model once its last user is done. */
  close(): Promise<void> {
    this.closed ??= Promise.allSettled(this.uses).then(() => this.opened.model.release());
    return this.closed;
  }
}
