/** Opens a model whose layers run on a server: the server is recognised, the head opened here, and one held to the other. */
import { freemem } from 'node:os';
import type { OpenedModel } from '../generate/open-model';
import { differenceOf, type StateDifference } from '../generate/state-difference';
import { bytesOnDisk } from '../model/graph-sources';
import { Model, type OpenOptions } from '../model/model';
import { ModelHead } from '../model/model-head';
import { ReleaseStack } from '../onnx/runtime/release-stack';
import type { ServerUse } from '../protocol';
import { checkHead, type HeadCheck } from './check-head';
import { ServerConnection } from './connection';
import { openInference } from './recognise';
import { retrying } from './retrying';
import { ServerModel } from './server-model';

interface ServerOptions {
  /** See `ServerAddress`. */
  readonly address: string;
  readonly key: string | undefined;
  /** Of the same model on this machine, whose head is used. */
  readonly head: OpenOptions;
}

/** Of a server's hidden states from those computed here, by server and model; null: not compared. */
export type KnownDifferences = Map<string, StateDifference | null>;

/** @throws EngineError for a server that cannot be used, or a head that is not its model's; the signal's reason */
export function openServer(
  { address, key, head: options }: ServerOptions,
  known: KnownDifferences,
  signal: AbortSignal,
): Promise<OpenedModel> {
  return ReleaseStack.opening(async (held) => {
    const connection = new ServerConnection(address, key);
    held.add({ release: () => connection.close() });
    const server = await retrying(() => openInference(connection, signal), signal);
    const headOptions: OpenOptions = { ...options, arithmetic: 'exact' };
    const own = held.add(await ModelHead.openHead(headOptions, signal));
    const check = await retrying(() => checkHead(server, own, signal), signal);
    const compared = JSON.stringify([server.about, headOptions.folder, own.folder.dtype]);
    if (!known.has(compared)) known.set(compared, await compare(own, check, headOptions, signal));
    const states = known.get(compared) ?? null;
    return {
      model: new ServerModel(own, server),
      device: { asked: options.device, used: options.device, largestDifference: null, message: null },
      arithmetic: {
        used: 'exact',
        noFast: 'its layers run on a server',
        largestDifference: null,
        kl: null,
        message: null,
      },
      rounding: null,
      server: useOf(address, server.about, check, states),
    };
  });
}

/** Of the memory that is free, for the whole model beside its head. */
const SHARE = 0.5;
/** Bytes in memory for one on the disk, at most: of weights in 4 bits that are multiplied as they are, or in 16 widened. */
const GROWTH = 3;

/** Runs the model's own layers over the same text; null where they do not fit. */
async function compare(
  own: ModelHead,
  { ids, hidden }: HeadCheck,
  options: OpenOptions,
  signal: AbortSignal,
): Promise<StateDifference | null> {
  if (GROWTH * bytesOnDisk(own.folder.source.files) > SHARE * freemem()) return null;
  const model = await Model.open({ ...options, memorySaver: true }, signal);
  try {
    const here = await model.backbone.forward([ids], model.backbone.emptyCache(1), 0);
    return await differenceOf(own.head, here.hidden, hidden);
  } finally {
    await model.release();
  }
}

function useOf(
  address: string,
  about: ServerModel['server']['about'],
  { difference: head, otherToken }: HeadCheck,
  states: StateDifference | null,
): ServerUse {
  const hidden = states?.relative ?? null;
  const kl = states?.kl ?? null;
  const how = `its log-probabilities differ by up to ${head.toPrecision(2)} from those of its hidden states and the head here`;
  const from =
    states === null
      ? 'its hidden states were not compared: the model does not fit into this machine’s memory'
      : `its hidden states by ${(100 * states.relative).toPrecision(2)} % from the same weights computed here, its next-token distributions by ${states.kl.toPrecision(2)} nats (KL)`;
  const tokens = otherToken === null ? '' : '; its tokenizer splits a text otherwise, and is not used';
  const message = `${about.engine} at ${new URL(address).host}: on a short text ${how}, ${from}${tokens}`;
  return { ...about, address, difference: { head, hidden, kl }, otherToken, message };
}
