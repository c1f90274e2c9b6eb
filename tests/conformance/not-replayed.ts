/** What is not replayed against the sandbox, and why. A recording that is neither replayed nor named here fails the suite. */

/** By recording name. Empty: everything recorded is answered. */
export const NOT_REPLAYED: Record<string, string> = {};

/** By file name under `recordings/webhooks`. */
export const NOT_COMPARED_DELIVERIES: Record<string, string> = {
  '076-PING.json': 'sent by the web application’s "ping test" button; API v2 has no way to ask for it',
};
