/** What engine and window hold of the machine's memory, asked for as long as somebody looks. */
import prettyBytes from 'pretty-bytes';
import { useEffect, useState } from 'react';
import { z } from 'zod';
import { ENGINE_MEMORY } from '../../../engine/protocol';
import { useStudio } from '../../state/studio-context';

interface Memory {
  /** As the engine writes it; null where it does not tell. */
  readonly engine: string | null;
  readonly page: string | null;
}

const EVERY_MS = 2_000;

export function useMemory(): Memory {
  const { readReport } = useStudio();
  const [memory, setMemory] = useState<Memory>({ engine: null, page: pageMemory() });
  useEffect(() => {
    let isOpen = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const { facts } = await readReport();
      if (!isOpen) return;
      const told = facts.find(({ name }) => name === ENGINE_MEMORY)?.value;
      // An engine in the middle of a step answers later: what it told stands until then.
      setMemory((before) => ({ engine: told ?? before.engine, page: pageMemory() }));
      timer = setTimeout(() => void ask(), EVERY_MS);
    };
    void ask();
    return () => {
      isOpen = false;
      clearTimeout(timer);
    };
  }, [readReport]);
  return memory;
}

/** Chromium's own, which no standard has. */
const ChromiumMemory = z.object({ memory: z.object({ usedJSHeapSize: z.number().positive() }) });

function pageMemory(): string | null {
  const told = ChromiumMemory.safeParse(performance);
  return told.success ? prettyBytes(told.data.memory.usedJSHeapSize) : null;
}
