/** Where LM Studio, Ollama and llama.cpp keep models. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Places {
  readonly lmstudio: readonly string[];
  /** Each with `manifests` and `blobs`. */
  readonly ollama: readonly string[];
  readonly llamacpp: readonly string[];
}

/** Those that the tools' own variables name, or else all that they use by themselves. */
export function places(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): Places {
  return {
    lmstudio: [join(home, '.lmstudio', 'models'), join(home, '.cache', 'lm-studio', 'models')],
    ollama: env.OLLAMA_MODELS ? [env.OLLAMA_MODELS] : ollama(platform, home),
    llamacpp: [env.LLAMA_CACHE || llamacpp(env, platform, home)],
  };
}

/** On Linux its service has a user of its own. */
function ollama(platform: NodeJS.Platform, home: string): string[] {
  const own = join(home, '.ollama', 'models');
  if (platform !== 'linux') return [own];
  return [own, '/usr/share/ollama/.ollama/models', '/var/lib/ollama/.ollama/models', '/var/lib/ollama'];
}

function llamacpp(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): string {
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'llama.cpp');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'llama.cpp');
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'llama.cpp');
}
