import type { ComponentChildren } from 'preact';
import type { View } from '../state/address';
import { addressOf, go } from '../state/store';

interface LinkProps {
  /** What is different in the view that is linked to. */
  to: Partial<View>;
  class?: string;
  label?: string;
  current?: 'page' | 'true' | false;
  /** What else happens when it is followed on this page. */
  onFollow?: () => void;
  children: ComponentChildren;
}

/**
 * A real link to another view: it opens in new tabs and is read out as a link. Its address is brought up to date when
 * somebody reaches for it and not whenever the view changes, which while playing is with every picture.
 */
export function Link({ to, class: name, label, current = false, onFollow, children }: LinkProps) {
  const refresh = (event: { currentTarget: HTMLAnchorElement }) => {
    event.currentTarget.setAttribute('href', addressOf(to));
  };
  return (
    <a
      href={addressOf(to)}
      class={name}
      aria-label={label}
      aria-current={current === false ? undefined : current}
      onPointerDown={refresh}
      onFocus={refresh}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(to);
        onFollow?.();
      }}
    >
      {children}
    </a>
  );
}
