/** What goes wrong between here and a server, in a line each with the way out. */
import { z } from 'zod';
import { reason, retryAfter, TransientError } from '../http/failures';
import { badInput, EngineError, failure } from '../protocol';

const KEY_HINT =
  'Give it in the model manager, or set SLOT_STUDIO_SERVER_KEY and name the address with --server or SLOT_STUDIO_SERVER (SLOT_STUDIO_BASELINE_KEY with --baseline-server).';
const SEE = 'See whether it still runs, and run the prompt again.';
const READ_FLAGS = '--embeddings --pooling none --ubatch-size 8192';

/** What of an answer tells why it is no success. */
interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** What llama.cpp and vLLM say of an error. */
const Told = z.object({ error: z.object({ message: z.string() }) });

/** What a server's answer means where it is no success. */
export function refusal(host: string, response: Answer, text: string, hasKey: boolean): EngineError {
  const { status } = response;
  const told = messageOf(text);
  const said = told === '' ? '' : `: ${told}`;
  if (status === 401 || status === 403) {
    const what = hasKey ? 'does not accept the key' : 'asks for a key';
    return badInput('server-key', `${host} ${what} (${status})`, KEY_HINT);
  }
  if (status === 501 || /not support embeddings/i.test(told))
    return badInput(
      'server-embeddings',
      `${host} gives no hidden states${said}`,
      `Start it with ${READ_FLAGS}.`,
    );
  if (/physical batch size/i.test(told))
    return badInput(
      'server-batch',
      `the text is longer than ${host} reads in one piece${said}`,
      'Start it with a larger --ubatch-size (and --batch-size), or shorten the text.',
    );
  if (/exceed|context size|max_model_len|context length/i.test(told) && status < 500)
    return badInput(
      'prompt-too-long',
      `the text does not fit into the context of ${host}${said}`,
      'Shorten it, or start the server with a larger context (--ctx-size of llama.cpp, --max-model-len of vLLM).',
    );
  if (status === 404)
    return badInput(
      'server-unknown',
      `${host} does not know what it is asked for (404)${said}`,
      'Give the address of the server itself, without a path behind it.',
    );
  const wait = retryAfter(response.headers);
  if (status === 429)
    return new TransientError(
      'server-busy',
      `${host} asks for fewer requests (429)`,
      'Try again later.',
      wait,
    );
  if (status === 503)
    return new TransientError(
      'server-loading',
      `${host} is not ready${said}`,
      'Wait until it has loaded its model.',
      wait,
    );
  if (status >= 500)
    return failure(
      'server-trouble',
      `${host} failed (${status})${said}`,
      'Look at what it has printed, and try again.',
    );
  return badInput('server-refused', `${host} refuses what it is asked for (${status})${said}`);
}

export function redirected(host: string, location: string | null): EngineError {
  const where = location !== null && URL.canParse(location) ? new URL(location).host : 'another place';
  const message = `${host} redirects to ${where}, which is not followed: a key goes to the address it was given for`;
  return badInput('server-redirects', message, 'Give the address that it leads to, if you trust it.');
}

export function unreachable(address: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const { host, protocol } = new URL(address);
  const why = reason(error);
  if (/CERT|SIGNED|SIGNATURE/.test(why))
    return failure(
      'server-untrusted',
      `${host} has a certificate that is not trusted (${why})`,
      "Set NODE_EXTRA_CA_CERTS to the file of its owner's certificate.",
    );
  if (/SSL|EPROTO|TLS/.test(why))
    return badInput(
      'server-tls',
      `${host} does not speak https (${why})`,
      'Write http:// if that is what it speaks.',
    );
  if (why === 'UND_ERR_HEADERS_TIMEOUT')
    return new TransientError(
      'server-silent',
      `${host} has not answered for 15 minutes`,
      'Look at what it does.',
    );
  const scheme = protocol === 'https:' ? 'http' : 'https';
  return new TransientError(
    'server-unreachable',
    `nothing answers at ${host} (${why})`,
    `Start the server there, or correct its address. If it speaks ${scheme}, write ${scheme}://.`,
  );
}

/** A connection that broke while its answer was coming. */
export function cut(host: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const why = reason(error);
  const message =
    why === 'UND_ERR_BODY_TIMEOUT'
      ? `${host} fell silent in the middle of its answer`
      : `${host} broke off in the middle of its answer (${why})`;
  return new TransientError('server-cut', message, SEE);
}

/** A stream that was closed before its end was told. */
export function brokeOff(host: string): EngineError {
  return new TransientError('server-cut', `${host} broke off in the middle of its answer`, SEE);
}

export function tooLong(host: string, path: string): EngineError {
  return badAnswer(host, path, 'its answer is longer than a right one can be');
}

export function badAnswer(host: string, path: string, why: string): EngineError {
  return failure(
    'server-answer',
    `${host} answers ${path} in a way that is not understood: ${why}`,
    'Check that it is llama.cpp’s server or vLLM, and a recent one.',
  );
}

function messageOf(text: string): string {
  try {
    return Told.parse(JSON.parse(text)).error.message.slice(0, 300);
  } catch {
    return '';
  }
}
