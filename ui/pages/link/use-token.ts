import { useCallback, useLayoutEffect, useState } from 'preact/hooks';

/** The secret of a link stands behind its #, which browsers send to nobody. */
const inAddress = () => location.hash.slice(1);

interface LinkToken {
  readonly token: string;
  /** Takes it out of the address and the history, once it is of no more use. */
  readonly forget: () => void;
}

/** The secret of the link that was opened. A second one pasted into the same tab loads nothing: it counts all the same. */
export function useToken(): LinkToken {
  const [token, setToken] = useState(inAddress);
  useLayoutEffect(() => {
    const changed = () => {
      if (inAddress() !== '') setToken(inAddress());
    };
    window.addEventListener('hashchange', changed);
    return () => window.removeEventListener('hashchange', changed);
  }, []);
  const forget = useCallback(() => history.replaceState(history.state, '', location.pathname), []);
  return { token, forget };
}
