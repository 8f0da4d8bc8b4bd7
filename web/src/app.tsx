import { effect, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { keepToken, token } from './api/session';
import { DropHint } from './local/drop';
import { hover } from './map/hover';
import { showMap } from './map/opening';
import { mapProblem, mapReady } from './map/status';
import { OverviewPage } from './pages/overview';
import { TablesPage } from './pages/tables';
import { SideBar, sideOpen } from './panel/side_bar';
import { VesselPanel } from './panel/vessel_panel';
import type { Page } from './state/address';
import { underWay } from './state/resource';
import { fields, go, localFile, mapOpened, notice, shareLink } from './state/store';
import { chooseTheme, theme } from './state/theme';
import { trouble } from './state/trouble';
import { TimeBar } from './time/time_bar';
import { Banner } from './ui/banner';
import { Link } from './ui/link';
import { LiveSwitch } from './ui/live';
import { Search } from './ui/search';

const TITLES: Readonly<Record<Page, string>> = { map: 'Map', overview: 'Overview', tables: 'Tables' };

export function App() {
  const page = fields.page.value;
  const asOf = fields.asOf.value;
  document.title = `${TITLES[page]} · Seine`;
  return (
    <>
      <button type="button" class="skip" onClick={skipToMain}>
        Skip to the content
      </button>
      <TopBar />
      {asOf !== null && (
        <p class="as-of" role="status">
          The lake as it was at {asOf}.{' '}
          <button type="button" class="small" onClick={() => go({ asOf: null })}>
            Back to now
          </button>
        </p>
      )}
      <Banner />
      <MapPage shown={page === 'map'} />
      {page === 'overview' && <OverviewPage />}
      {page === 'tables' && <TablesPage />}
      <DropHint />
      {loginWanted() && LoginForm.value && <LoginForm.value onClose={() => putOffLogin(true)} />}
      <p class="notice" role="status">
        {notice.value}
      </p>
    </>
  );
}

const LoginForm = signal<ComponentType<{ onClose: () => void }> | null>(null);
/** "Not now": a file of one's own is looked at without the server. */
const loginPutOff = signal(false);

function putOffLogin(now: boolean): void {
  loginPutOff.value = now;
}

const loginWanted = () => trouble.value?.kind === 'login' && !loginPutOff.value;

// Few servers have tokens, so the form is no part of the first load.
effect(() => {
  if (trouble.value?.kind !== 'login' || LoginForm.peek()) return;
  void import('./ui/login').then((module) => {
    LoginForm.value = module.default;
  });
});

/** Nothing that was read with the token stays in the page. */
function logOut(): void {
  keepToken(null);
  location.reload();
}

function LoginButton() {
  if (trouble.value?.kind === 'login') {
    return (
      <button type="button" onClick={() => putOffLogin(false)}>
        Log in
      </button>
    );
  }
  if (token.value === null) return null;
  return (
    <button type="button" onClick={logOut}>
      Log out
    </button>
  );
}

/** A button and not a link: the address belongs to the view. */
function skipToMain(): void {
  const main = document.getElementById(fields.page.value === 'map' ? 'side' : 'main');
  if (fields.page.value === 'map') sideOpen.value = true;
  main?.setAttribute('tabindex', '-1');
  main?.focus();
}

function TopBar() {
  const page = fields.page.value;
  return (
    <header class="top">
      <Link to={{ page: 'map', table: null }} class="brand" label="Seine, to the map">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M4 12c4 0 4 3 8 3s4-3 8-3 4 3 8 3M4 20c4 0 4 3 8 3s4-3 8-3 4 3 8 3" />
          <circle cx="22" cy="7.5" r="2.6" />
        </svg>
        Seine
      </Link>
      <nav aria-label="Pages">
        {(['map', 'overview', 'tables'] as const).map((one) => (
          <Link to={{ page: one, table: null }} key={one} current={one === page && 'page'}>
            {TITLES[one]}
          </Link>
        ))}
        <a href="/docs">API</a>
      </nav>
      <Search />
      <span class={`busy ${underWay.value > 0 ? 'on' : ''}`} aria-hidden="true" />
      <LoginButton />
      <button type="button" onClick={share}>
        Share
      </button>
      <button
        type="button"
        class="icon"
        aria-label={theme.value === 'dark' ? 'Light colours' : 'Dark colours'}
        onClick={() => chooseTheme(theme.value === 'dark' ? 'light' : 'dark')}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          {theme.value === 'dark' ? (
            <path d="M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM7.4 1h1.2v2H7.4zM7.4 13h1.2v2H7.4zM1 7.4h2v1.2H1zM13 7.4h2v1.2h-2z" />
          ) : (
            <path d="M13.5 10.2A6 6 0 0 1 5.8 2.5a6 6 0 1 0 7.7 7.7z" />
          )}
        </svg>
      </button>
    </header>
  );
}

const NOTICE_MS = 4_000;

async function share(): Promise<void> {
  const link = shareLink();
  const without = localFile.value ? ' The file you opened is not part of it.' : '';
  try {
    await navigator.clipboard.writeText(link);
    notice.value = `The link to this view is in the clipboard.${without}`;
  } catch {
    notice.value = `The link to this view is in the address bar.${without}`;
  }
  window.setTimeout(() => {
    notice.value = null;
  }, NOTICE_MS);
}

/** The map stays where it is while another page is looked at; it is loaded when it is first shown. */
function MapPage({ shown }: { shown: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (shown && place.current) showMap(place.current);
  }, [shown]);
  if (!mapOpened.value) return null;
  return (
    <main class="map-page" hidden={!shown}>
      <h1 class="sr-only">Map of the traffic</h1>
      <SideBar />
      <div class="stage">
        <div ref={place} />
        {!mapReady.value && !mapProblem.value && (
          <p class="map-loading muted" aria-busy="true">
            Loading the map…
          </p>
        )}
        <LiveSwitch />
        <button
          type="button"
          class="side-toggle"
          aria-controls="side"
          aria-expanded={sideOpen.value}
          onClick={() => {
            sideOpen.value = !sideOpen.value;
          }}
        >
          {sideOpen.value ? 'Back to the map' : 'Layers and tracks'}
        </button>
        {hover.value && (
          <div class="hover" style={{ left: `${hover.value.x}px`, top: `${hover.value.y}px` }}>
            {hover.value.text}
          </div>
        )}
        {mapProblem.value && (
          <div class="problem map-problem" role="alert">
            <p>{mapProblem.value}</p>
            <button
              type="button"
              class="small"
              onClick={() => {
                mapProblem.value = null;
              }}
            >
              Close
            </button>
          </div>
        )}
      </div>
      <TimeBar />
      <VesselPanel />
    </main>
  );
}
