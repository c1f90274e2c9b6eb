(() => {
  let scheme = 'auto';
  try {
    scheme = localStorage.getItem('color-scheme') ?? 'auto';
  } catch {
    // Storage may be forbidden; the system's preference decides then.
  }
  const dark = scheme === 'dark' || (scheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
