/** Models open and runs run one after the other, in the order they were asked for; one model is open at a time. */
import { type Checked, type OpenedModel, openModel } from '../generate/open-model';
import type { Models } from '../hub/models';
import { cancelled, type EngineError, failure, type ModelSettings } from '../protocol';
import type { ServerKeys } from '../remote/keys';
import { type KnownDifferences, openServer } from '../remote/open-server';
import { OpenModel } from './open-model';

export class ModelTurns {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private open: { readonly key: string; readonly model: OpenModel } | undefined;
  /** Of the model that is open or being opened: the files of its weights, by identity. */
  private weights: ReadonlySet<string> = new Set();
  /** What was asked to open and is not open yet, by what calls it off. */
  private readonly openings = new Map<AbortController, string>();
  /** What was found of devices and arithmetics, by model. */
  private readonly checked: Checked = { devices: new Map(), arithmetics: new Map() };

  private readonly differences: KnownDifferences = new Map();

  /** @param onClose told before a model is closed */
  constructor(
    private readonly models: Models,
    private readonly keys: ServerKeys,
    private readonly onClose: () => void,
  ) {}

  /** Whether a turn is on. */
  get isBusy(): boolean {
    return this.waiting > 0;
  }

  /** The model that is open; undefined while none is. */
  get current(): OpenModel | undefined {
    return this.open?.model;
  }

  /** Whether someone waits for the turn that is on to end. */
  get isWanted(): boolean {
    return this.waiting > 1;
  }

  next<T>(work: () => Promise<T>): Promise<T> {
    this.waiting++;
    const result = this.last.then(work).finally(() => this.waiting--);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Opens a model in its turn, and calls off the opening of any other, which would be closed again at once. */
  async opened<T>(
    settings: ModelSettings,
    signal: AbortSignal,
    look: (opened: OpenedModel) => T,
  ): Promise<T> {
    const key = JSON.stringify(settings);
    for (const [other, opening] of this.openings) if (opening !== key) other.abort(superseded());
    const calledOff = new AbortController();
    const either = AbortSignal.any([signal, calledOff.signal]);
    this.openings.set(calledOff, key);
    try {
      return await this.next(async () => (await this.model(settings, either)).use(look));
    } finally {
      this.openings.delete(calledOff);
    }
  }

  /**
   * The model for a turn that is on; closes the one before.
   * @throws the signal's reason; what was opened by then is closed again
   */
  async model(settings: ModelSettings, signal: AbortSignal): Promise<OpenModel> {
    signal.throwIfAborted();
    const key = JSON.stringify(settings);
    if (this.open?.key === key && this.open.model.isUnchanged) return this.open.model;
    await this.close();
    const { memorySaver, device, arithmetic } = settings;
    const { library } = this.models;
    const head = await this.models.head(settings.folder, signal);
    const { folder, id, dtype } = head ?? library.locate(settings.folder, settings.dtype);
    this.weights = new Set(library.weights(folder, dtype));
    const prepared = this.models.prepared.weights;
    const options = { folder, id, dtype, memorySaver, device, arithmetic, prepared };
    try {
      const { server, baselineServer } = settings;
      const at = (address: string) => ({ address, key: this.keys.of(address) });
      const opened =
        server === undefined
          ? await openModel(options, this.checked, signal)
          : await openServer(
              {
                ...at(server),
                head: options,
                baseline: baselineServer === undefined ? undefined : at(baselineServer),
              },
              this.differences,
              signal,
            );
      const model = new OpenModel(opened);
      this.open = { key, model };
      signal.throwIfAborted();
      return model;
    } catch (thrown) {
      await this.close();
      throw thrown;
    }
  }

  /** Whether one of these files, given by identity, may be mapped. */
  uses(files: readonly string[]): boolean {
    return files.some((file) => this.weights.has(file));
  }

  async close(): Promise<void> {
    const model = this.open?.model;
    this.open = undefined;
    this.onClose();
    await model?.close();
    this.weights = new Set();
  }

  /** Calls off what is not open yet; what else is on has been cancelled. */
  async stop(): Promise<void> {
    for (const opening of this.openings.keys()) opening.abort(cancelled());
    await this.next(() => this.close());
  }
}

function superseded(): EngineError {
  return failure('superseded', 'another model was opened instead', 'Open it again to come back to it.');
}
