/** An engine process by child_process, for shells that are not Electron. */
import { fork } from 'node:child_process';
import { failure } from '../protocol';
import { OutputTail } from './exit-detail';
import { childEnvironment, type EngineEntry } from './launch';
import type { FromEngineProcess, ToEngineProcess } from './process-messages';
import type { ChildEnd, ChildListener, EngineChild } from './supervisor';

export function forkEngine(entry: EngineEntry, listener: ChildListener): EngineChild {
  const child = fork(entry.path, [], {
    execArgv: entry.execArgv,
    env: childEnvironment(process.env),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stderr = new OutputTail(child.stderr);
  const end = (how: Omit<ChildEnd, 'stderr'>, text = stderr.text) => listener.onEnd({ ...how, stderr: text });
  child.on('message', (message) => listener.onMessage(message as FromEngineProcess));
  child.on('error', (error) => {
    // Also raised for a message that could not be sent; only a process that never was is an end.
    if (child.pid === undefined) end({ code: null, signal: null }, `Error: ${error.message}`);
  });
  // 'close' rather than 'exit': by then stderr is complete.
  child.on('close', (code, signal) => end({ code, signal }));
  return {
    pid: child.pid,
    post: (message: ToEngineProcess) =>
      new Promise((resolve, reject) => {
        if (!child.connected) return reject(failure('engine-unavailable', 'the engine is not running'));
        // Throws on what cannot be serialised, nesting too deep for example.
        child.send(message, (error) => (error === null ? resolve() : reject(error)));
      }),
    kill: () => void child.kill('SIGKILL'),
  };
}
