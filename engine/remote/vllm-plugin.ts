/** Whether vLLM has SLOT Studio's plugin, one that is new enough, and what keeps it from working. */
import { z } from 'zod';
import { badInput, EngineError } from '../protocol';
import type { ServerConnection } from './connection';

const Plugin = z.object({ version: z.string(), is_ready: z.boolean(), reason: z.string().nullable() });

/** The first that gives hidden states and takes a delta. */
const NEEDED = [0, 2] as const;
const INSTALL = 'pip install ./integrations/vllm, of SLOT Studio’s source';
const START = 'start it with VLLM_PLUGINS=slot and VLLM_USE_V2_MODEL_RUNNER=0';

/** @throws EngineError `server-vllm` with the way out */
export async function checkPlugin(connection: ServerConnection, signal: AbortSignal): Promise<void> {
  const { host } = connection;
  const refuse = (why: string, hint: string) => badInput('server-vllm', `${host} is vLLM, ${why}`, hint);
  const { version, is_ready, reason } = await connection
    .json('v1/slot', Plugin, { signal })
    .catch((error: unknown) => {
      if (!(error instanceof EngineError) || error.code !== 'server-unknown') throw error;
      const hint = `Install it where vLLM runs (${INSTALL}), and ${START}.`;
      throw refuse('which needs SLOT Studio’s plugin to be adapted', hint);
    });
  if (isOlder(version))
    throw refuse(
      `whose SLOT plugin is too old (${version.slice(0, 20)}; ${NEEDED.join('.')} is needed)`,
      `Install it anew where vLLM runs: ${INSTALL}.`,
    );
  if (!is_ready)
    throw refuse(`whose SLOT plugin says: ${(reason ?? 'it is not ready').slice(0, 300)}`, `Then ${START}.`);
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
}
