/** Which engine answers at an address; those that cannot be adapted are refused with the reason and what to start instead. */
import { badInput, type EngineError } from '../protocol';
import type { ServerConnection } from './connection';
import { refusal } from './faults';
import type { InferenceServer } from './inference-server';
import { LlamaServer } from './llama-server';
import { VllmServer } from './vllm-server';

const INSTEAD =
  'Start the same model with llama.cpp’s server: llama-server -m FILE.gguf --embeddings --pooling none --ubatch-size 8192.';
const NEITHER = 'offers neither a bias for each token nor hidden states, which SLOT needs';

/** What answers where, and what it says there. */
const OTHERS: readonly {
  readonly path: string;
  readonly says: RegExp;
  readonly refuse: (host: string) => EngineError;
}[] = [
  {
    path: 'api/version',
    says: /"version"/,
    refuse: (host) => badInput('server-ollama', `${host} is Ollama, which ${NEITHER}`, INSTEAD),
  },
  {
    path: 'api/v0/models',
    says: /"data"/,
    refuse: (host) => badInput('server-lm-studio', `${host} is LM Studio, which ${NEITHER}`, INSTEAD),
  },
  {
    path: 'v1/models',
    says: /"data"/,
    refuse: (host) =>
      badInput('server-plain', `${host} speaks OpenAI’s protocol alone, which has no hidden states`, INSTEAD),
  },
];

/** Keys, and what passes by itself: they say nothing of the path. */
const OF_EVERY_PATH: ReadonlySet<number> = new Set([401, 403, 429, 503]);

const VLLM = /"owned_by"\s*:\s*"vllm"/;

/** @throws EngineError for a server that cannot be adapted, or cannot be reached */
export async function openInference(
  connection: ServerConnection,
  signal: AbortSignal,
): Promise<InferenceServer> {
  const { status, text } = await connection.look('props', signal);
  if (status === 200 && text.includes('"default_generation_settings"'))
    return LlamaServer.open(connection, signal);
  // It says of itself why it does not answer: a key, a model that is loading.
  if (status !== 404 && status !== 405 && status !== 200) throw refusalOf(connection, status, text);
  for (const { path, says, refuse } of OTHERS) {
    const answer = await connection.look(path, signal);
    if (OF_EVERY_PATH.has(answer.status)) throw refusalOf(connection, answer.status, answer.text);
    if (answer.status !== 200) continue;
    if (VLLM.test(answer.text)) return VllmServer.open(connection, signal);
    if (says.test(answer.text)) throw refuse(connection.host);
  }
  throw badInput('server-unknown', `${connection.host} is no inference server that is known here`, INSTEAD);
}

function refusalOf(connection: ServerConnection, status: number, text: string): EngineError {
  return refusal(connection.host, { status, headers: new Headers() }, text, connection.hasKey);
}
