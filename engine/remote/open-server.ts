/** Opens a model whose layers run on a server: the server is recognised, the head opened here, and one held to the other. */
import { freemem } from 'node:os';
import type { OpenedModel } from '../generate/open-model';
import { differenceOf, type StateDifference } from '../generate/state-difference';
import { bytesOnDisk } from '../model/graph-sources';
import { Model, type OpenOptions } from '../model/model';
import { ModelHead } from '../model/model-head';
import { ReleaseStack } from '../onnx/runtime/release-stack';
import { badInput, type ServerUse, type UsedServer } from '../protocol';
import { checkHead, checkShifts, type HeadCheck } from './check-head';
import { ServerConnection } from './connection';
import type { InferenceServer } from './inference-server';
import { openInference } from './recognise';
import { retrying } from './retrying';
import { ServerModel } from './server-model';

interface Where {
  /** See `ServerAddress`. */
  readonly address: string;
  readonly key: string | undefined;
}

interface ServerOptions extends Where {
  /** Another server of the same model, which answers lanes without a shift. */
  readonly baseline: Where | undefined;
  /** Of the same model on this machine, whose head is used. */
  readonly head: OpenOptions;
}

/** Of a server's hidden states from those computed here, by server and model; null: not compared. */
export type KnownDifferences = Map<string, StateDifference | null>;

/** @throws EngineError for a server that cannot be used, or a head that is not its model's; the signal's reason */
export function openServer(
  { head: options, baseline: second, ...where }: ServerOptions,
  known: KnownDifferences,
  signal: AbortSignal,
): Promise<OpenedModel> {
  return ReleaseStack.opening(async (held) => {
    const server = await openAt(where, held, signal);
    const baseline = second && (await openAt(second, held, signal));
    const headOptions: OpenOptions = { ...options, arithmetic: 'exact' };
    const own = held.add(await ModelHead.openHead(headOptions, signal));
    checkShifts(server, own);
    const check = await retrying(() => checkHead(server, own, signal), signal);
    const other = baseline && (await retrying(() => checkBaseline(baseline, own, check, signal), signal));
    const compared = JSON.stringify([server.about, headOptions.folder, own.folder.dtype]);
    if (!known.has(compared)) known.set(compared, await compare(own, check, headOptions, signal));
    const used = usedOf(where, server, check, known.get(compared) ?? null, 'the same weights computed here');
    const usedToo =
      second &&
      baseline &&
      other &&
      usedOf(second, baseline, other.check, other.states, 'the other server’s');
    return {
      model: new ServerModel(own, server, baseline),
      device: { asked: options.device, used: options.device, largestDifference: null, message: null },
      arithmetic: {
        used: 'exact',
        noFast: 'its layers run on a server',
        largestDifference: null,
        kl: null,
        message: null,
      },
      rounding: null,
      server: usedToo ? withBaseline(used, usedToo) : used,
    };
  });
}

async function openAt(
  { address, key }: Where,
  held: ReleaseStack,
  signal: AbortSignal,
): Promise<InferenceServer> {
  const connection = new ServerConnection(address, key);
  held.add({ release: () => connection.close() });
  return retrying(() => openInference(connection, signal), signal);
}

/** Nats: of the same weights, whatever kernels multiply them. Those of other bits are further away. */
const LARGEST_KL = 0.05;

/** @param first the other server's @throws EngineError `server-baseline` where it does not run that one's model */
async function checkBaseline(
  server: InferenceServer,
  own: ModelHead,
  first: HeadCheck,
  signal: AbortSignal,
): Promise<{ readonly check: HeadCheck; readonly states: StateDifference }> {
  const check = await checkHead(server, own, signal);
  const length = Math.min(first.hidden.length, check.hidden.length);
  const states = await differenceOf(own.head, first.hidden.slice(0, length), check.hidden.slice(0, length));
  if (states.kl <= LARGEST_KL) return { check, states };
  throw badInput(
    'server-baseline',
    `the server of the baseline runs ${server.about.model}, whose next-token distributions are ${states.kl.toPrecision(2)} nats (KL) from the other server’s on a short text: lanes that are compared need the same weights`,
    'Start the same file on both servers, or leave out the baseline’s.',
  );
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
  if (own.folder.source.isHeadAlone) return null;
  if (GROWTH * bytesOnDisk(own.folder.source.files) > SHARE * freemem()) return null;
  const model = await Model.open({ ...options, memorySaver: true }, signal);
  try {
    const here = await model.backbone.forward([ids], model.backbone.emptyCache(1), 0);
    return await differenceOf(own.head, here.hidden, hidden);
  } finally {
    await model.release();
  }
}

/** @param whose the states that its own are `states` from */
function usedOf(
  { address }: Where,
  { about }: InferenceServer,
  { difference: head, otherToken }: HeadCheck,
  states: StateDifference | null,
  whose: string,
): UsedServer {
  const hidden = states?.relative ?? null;
  const kl = states?.kl ?? null;
  const how = `its log-probabilities differ by up to ${head.toPrecision(2)} from those of its hidden states and the head here`;
  const from =
    states === null
      ? 'its hidden states were not compared: the whole model is not here, or does not fit into half of the free memory'
      : `its hidden states by ${(100 * states.relative).toPrecision(2)} % from ${whose}, its next-token distributions by ${states.kl.toPrecision(2)} nats (KL)`;
  const tokens = otherToken === null ? '' : '; its tokenizer splits a text otherwise, and is not used';
  const message = `${about.engine} at ${new URL(address).host}: on a short text ${how}, ${from}${tokens}`;
  return { ...about, address, difference: { head, hidden, kl }, otherToken, message };
}

function withBaseline(used: UsedServer, baseline: UsedServer): ServerUse {
  return { ...used, baseline, message: `${used.message}. Lanes without a shift: ${baseline.message}` };
}
