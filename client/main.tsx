/** Entry of the client. */
import '@fontsource-variable/inter/index.css';
import './theme/layers.css';
import './theme/mantine-styles.ts';
import './theme/tokens.css';
import './theme/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { renewSession } from './session/renew-session.ts';
import { createSessionStore } from './session/session.ts';
import { signInAs } from './session/sign-in-as.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');

const store = createSessionStore(sessionStorage, renewSession);

// `?as=<persona>` opens a tab as another person (links of the start page); the address then forgets it.
const address = new URL(location.href);
const persona = address.searchParams.get('as');
if (persona !== null) {
  const session = await signInAs(persona);
  if (session !== null) store.save(session);
  address.searchParams.delete('as');
  history.replaceState(null, '', address);
}

createRoot(root).render(<App store={store} />);
