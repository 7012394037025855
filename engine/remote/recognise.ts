/** Which engine answers at an address; those that cannot be adapted are refused with the reason and what to start instead. */
import { badInput, type EngineError } from '../protocol';
import type { ServerConnection } from './connection';
import { refusal } from './faults';

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
    says: /"owned_by"\s*:\s*"vllm"/,
    refuse: (host) =>
      badInput('server-vllm', `${host} is vLLM, which needs SLOT Studio’s plugin to be adapted`, INSTEAD),
  },
  {
    path: 'v1/models',
    says: /"data"/,
    refuse: (host) =>
      badInput('server-plain', `${host} speaks OpenAI’s protocol alone, which has no hidden states`, INSTEAD),
  },
];

/** @throws EngineError for a server that is none of llama.cpp's, or cannot be reached */
export async function checkIsLlama(connection: ServerConnection, signal: AbortSignal): Promise<void> {
  const { status, text } = await connection.look('props', signal);
  if (status === 200 && text.includes('"default_generation_settings"')) return;
  // It says of itself why it does not answer: a key, a model that is loading.
  if (status !== 404 && status !== 405 && status !== 200) throw refusalOf(connection, status, text);
  for (const { path, says, refuse } of OTHERS) {
    const answer = await connection.look(path, signal);
    if (answer.status === 200 && says.test(answer.text)) throw refuse(connection.host);
    if (answer.status === 401 || answer.status === 403)
      throw refusalOf(connection, answer.status, answer.text);
  }
  throw badInput('server-unknown', `${connection.host} is no inference server that is known here`, INSTEAD);
}

function refusalOf(connection: ServerConnection, status: number, text: string): EngineError {
  return refusal(connection.host, { status, headers: new Headers() }, text, connection.hasKey);
}
