/** The three panes side by side, as wide as the user left them. */
import type { CSSProperties, ReactNode } from 'react';
import { useAppState } from '../studio-context';

export function Workspace({ children }: { children: ReactNode }) {
  const { left, right } = useAppState((state) => state.paneWidths);
  // Widths of a larger window must not leave a smaller one without its middle.
  const style = {
    ...(left !== null && { '--left': `min(${left}px, 34vw)` }),
    ...(right !== null && { '--right': `min(${right}px, 56vw)` }),
  } as CSSProperties;
  return (
    <main className="workspace" style={style}>
      {children}
    </main>
  );
}
