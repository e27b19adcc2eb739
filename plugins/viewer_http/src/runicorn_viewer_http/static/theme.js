// Runs before the first paint (a classic, blocking script), so that a chosen theme never flashes.
(() => {
  try {
    const theme = localStorage.getItem('runicorn.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.classList.add(theme);
  } catch {
    // Storage is blocked: the system's theme applies.
  }
})();
