/** What an instance has to be told before a clinician can be connected without an API key. */

/** An OAuth client of Cal.com's web application: people connect themselves. */
export interface OAuthSettings {
  clientId: string;
  /** Never logged. */
  clientSecret: string;
  authorizeUrl: string;
  tokenUrl: string;
  /** May be the same as `tokenUrl` (newer releases). */
  refreshUrl: string;
  /** `/api/calcom/callback` as registered at Cal.com; null: the address that the browser used, on this machine only. */
  redirectUrl: string | null;
}

/** A platform OAuth client: the gateway makes Cal.com users of its own. Deprecated upstream. */
export interface PlatformSettings {
  clientId: string;
  /** Never logged. */
  clientSecret: string;
}

/** Where Cal.com 5.6 has them, under the origin of its web application. */
export function oauthUrls(webappUrl: string): Pick<OAuthSettings, 'authorizeUrl' | 'tokenUrl' | 'refreshUrl'> {
  const origin = webappUrl.replace(/\/+$/, '');
  return {
    authorizeUrl: `${origin}/auth/oauth2/authorize`,
    tokenUrl: `${origin}/api/auth/oauth/token`,
    refreshUrl: `${origin}/api/auth/oauth/refreshToken`,
  };
}
