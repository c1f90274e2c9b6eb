/** What the browser tells of its network and of the person's attention; tests tell it themselves. */
export interface PageSigns {
  readonly online: () => boolean;
  readonly visible: () => boolean;
  /** Each answers how to stop listening. */
  readonly onOnline: (listener: () => void) => () => void;
  readonly onOffline: (listener: () => void) => () => void;
  /** The page is looked at again, or the machine woke up. */
  readonly onShown: (listener: () => void) => () => void;
  /** Calls back when what was just changed in the document is on the screen; not while the page is hidden. */
  readonly afterPaint: (callback: () => void) => void;
}

export function browserSigns(): PageSigns {
  const on = (target: EventTarget, name: string, listener: () => void): (() => void) => {
    target.addEventListener(name, listener);
    return () => target.removeEventListener(name, listener);
  };
  return {
    online: () => navigator.onLine,
    visible: () => document.visibilityState === 'visible',
    onOnline: (listener) => on(window, 'online', listener),
    onOffline: (listener) => on(window, 'offline', listener),
    onShown: (listener) => {
      const stops = [
        on(window, 'pageshow', listener),
        on(document, 'visibilitychange', () => {
          if (document.visibilityState === 'visible') listener();
        }),
      ];
      return () => stops.forEach((stop) => stop());
    },
    // A frame is painted after its callbacks; a message posted in one is handled after that.
    afterPaint: (callback) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener('message', () => {
          port1.close();
          callback();
        });
        port1.start();
        port2.postMessage(null);
      }),
  };
}
