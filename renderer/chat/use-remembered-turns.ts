/** Brings back the tokens of turns that are remembered as texts, once there is an engine to ask. */
import { useEffect } from 'react';
import { useAppState, useStudio } from '../state/studio-context';

export function useRememberedTurns(): void {
  const { chat } = useStudio();
  const ready = useAppState((state) => state.engine.state === 'ready');
  useEffect(() => {
    if (ready) void chat.loadTurns();
  }, [chat, ready]);
}
